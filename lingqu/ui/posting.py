"""A page that hands a form on to another site: what protocols call form_post or the POST binding."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lingqu.kernel.onward import let_forms_end_at, origin_of


def post_on(request: HttpRequest, action: str, fields: Mapping[str, str]) -> HttpResponse:
    """Sends itself where script runs, else by a button. The caller has checked ``action``; nothing of ours goes with it."""
    context = {"action": action, "fields": fields, "host": urlsplit(action).netloc}
    response = render(request, "ui/post_on.html", context)
    let_forms_end_at(response, origin_of(action))
    response["Cache-Control"] = "no-store"
    return response
