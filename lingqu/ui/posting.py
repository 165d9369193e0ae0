"""A page that hands a form on to another site: what protocols call form_post or the POST binding."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lingqu.kernel.middleware import CONTENT_SECURITY_POLICY


def post_on(request: HttpRequest, action: str, fields: Mapping[str, str]) -> HttpResponse:
    """Sends itself where script runs, else by a button. The caller has checked ``action``; nothing of ours goes with it."""
    context = {"action": action, "fields": fields, "host": urlsplit(action).netloc}
    response = render(request, "ui/post_on.html", context)
    wider = f"form-action 'self' {origin_of(action)}"
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace("form-action 'self'", wider)
    response["Cache-Control"] = "no-store"
    return response


def origin_of(address: str) -> str:
    """Scheme, host and port as a content security policy writes them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
