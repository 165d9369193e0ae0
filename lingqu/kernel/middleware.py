"""Request id, security headers, and the one place where a domain error becomes an answer."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .answers import default_sentence, domain_error_of, error_response
from .ids import uuid7

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "DomainErrors",
    "DrawerRedirects",
    "RequestTrail",
    "SecurityHeaders",
    "default_sentence",
    "error_response",
]

Next = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)


class RequestTrail:
    """Give each request an id that stands in the log, the audit row and the error page. Stands outermost."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = str(uuid7())  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class SecurityHeaders:
    """The strict policy on every answer that has not set a stricter one (downloads do)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


class DrawerRedirects:
    """Tell a drawer's script where to go instead of redirecting: it would fetch that page, and with it the messages
    that the visitor should read there."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "X-Drawer" in request.headers and response.status_code in (301, 302, 303) and "Location" in response:
            response["X-Drawer-Location"] = response["Location"]
            del response["Location"]
            response.status_code = 200
        return response


class DomainErrors:
    """Domain errors raised by a view, and a database that is away, become a page, a fragment or JSON."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        refusal = domain_error_of(error)
        return error_response(request, refusal) if refusal else None
