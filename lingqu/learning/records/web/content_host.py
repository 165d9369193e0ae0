"""The host of course packages: it serves their files and nothing else, so that no page of the platform shares an origin with them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

CONTENT = "/cmi5/content/"


def is_content_host(request: HttpRequest) -> bool:
    """Whether a request came to the host of its own that packages have."""
    host = urlsplit(settings.LINGQU_CONTENT_URL).netloc
    return bool(host) and request.META.get("HTTP_HOST", "").lower() == host.lower()


class ContentHost:
    """Answers 404 there for every other address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_content_host(request) and not request.path_info.startswith(CONTENT):
            return HttpResponse("not found", status=404, content_type="text/plain")
        return self.get_response(request)
