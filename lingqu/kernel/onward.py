"""Where a page's form may end beside ourselves: browsers hold a form to its page's policy through every redirect after it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpResponse

from .middleware import CONTENT_SECURITY_POLICY


def origin_of(address: str) -> str:
    """What a ``form-action`` must name: scheme, host and port, or the scheme of an application on a phone."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"


def let_forms_end_at(response: HttpResponse, *origins: str) -> HttpResponse:
    """Let the form on this page end at these origins too. The caller has checked them."""
    if origins:
        wider = " ".join(("form-action 'self'", *origins))
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace("form-action 'self'", wider)
    return response
