"""Request id, security headers, and the one place where a domain error becomes an answer."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from .errors import DomainError, TooMany
from .ids import uuid7

Next = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)


class RequestTrail:
    """Give each request an id that stands in the log, the audit row and the error page."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = str(uuid7())  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class SecurityHeaders:
    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


class DomainErrors:
    """Domain errors raised by a view become a page, a fragment or JSON with status, sentence, code and request id."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        return error_response(request, error)


def error_response(request: HttpRequest, error: DomainError) -> HttpResponse:
    message = error.message or default_sentence(error.status)
    body = {"code": error.code, "message": message, "details": error.details, "request_id": request.request_id}  # type: ignore[attr-defined]
    response: HttpResponse
    if request.path.startswith("/api/") or request.headers.get("Accept", "").startswith("application/json"):
        response = JsonResponse(body, status=error.status)
    else:
        response = render(request, "ui/error.html", {"error": body, "status": error.status}, status=error.status)
    if isinstance(error, TooMany) and "retry_after" in error.details:
        response["Retry-After"] = str(error.details["retry_after"])
    return response


def default_sentence(status: int) -> str:
    sentences = {
        403: _("无权查看或操作这项内容。"),
        404: _("没有找到这个页面，它可能已被移走。"),
        409: _("内容已被改动，请刷新后再试。"),
        422: _("填写的内容有误，请按提示修改。"),
        429: _("操作太频繁，请稍后再试。"),
    }
    return sentences.get(status, _("操作没有完成。"))
