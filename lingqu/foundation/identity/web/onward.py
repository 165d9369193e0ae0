"""Browsers hold a form to its page's policy through every redirect after it: the door's form may end at an application."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from lingqu.kernel.access import actor_of
from lingqu.kernel.middleware import CONTENT_SECURITY_POLICY

from ..types.slots import ONWARD


def allow(request: HttpRequest, response: HttpResponse, target: str) -> HttpResponse:
    """Let the form on this page end at the origins to which ``target``, an address of ours, sends a browser on."""
    if origins := ONWARD.collect(actor_of(request), target):
        wider = "form-action 'self' " + " ".join(origins)
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace("form-action 'self'", wider)
    return response
