"""Answers that save a file."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse


def as_download(content: bytes, name: str, media_type: str) -> HttpResponse:
    """Never kept by a cache, never shown inside our origin."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
