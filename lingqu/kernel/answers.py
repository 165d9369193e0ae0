"""One shape for every refusal and failure: a page, or JSON with ``code``, ``message``, ``details`` and ``request_id``.

Wired as ``handler400`` … ``handler500`` and ``CSRF_FAILURE_VIEW``; :class:`~.middleware.DomainErrors` comes here for
errors of views. An unknown ``Host`` header (``DisallowedHost``) is a 400 like any other unusable request: nothing of
it is echoed. While PostgreSQL is away the answer is 503 with ``Retry-After``, made without the database.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import gettext as _

from .errors import DomainError, Forbidden, NotFound, TooLarge, TooMany, Unavailable

log = logging.getLogger("lingqu.request")
PROGRAM_PATHS = ("/api/", "/ims/", "/xapi/")
RETRY_SECONDS = 5
UNSTORABLE = "NUL (0x00)"
"""What no text of PostgreSQL can hold, in its driver's words: no name of ours has it, so somebody wrote it on purpose."""


class BadRequest(DomainError):
    status = 400
    code = "bad_request"


class Expired(DomainError):
    """The page's form token is missing or old."""

    status = 403
    code = "csrf"


class Failed(DomainError):
    """Our fault; the log line with the same request id knows more."""

    status = 500
    code = "failed"


def error_response(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The answer for a domain error; safe to call when templates or database are broken."""
    body = {
        "code": error.code,
        "message": error.message or default_sentence(error.status),
        "details": error.details,
        "request_id": getattr(request, "request_id", ""),
    }
    response: HttpResponse
    if wants_json(request):
        response = JsonResponse(body, status=error.status, json_dumps_params={"ensure_ascii": False, "default": str})
    else:
        response = HttpResponse(_page(request, body, error.status), status=error.status)
    if isinstance(error, TooMany | Unavailable) and "retry_after" in error.details:
        response["Retry-After"] = str(error.details["retry_after"])
    response["Cache-Control"] = "no-store"
    return response


@contextmanager
def refusals_told(request: HttpRequest) -> Iterator[None]:
    """A refusal of what stands inside is told on the page that follows; 无权 and 没有找到 keep their own page."""
    try:
        yield
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        messages.error(request, refusal.message)


def wants_json(request: HttpRequest) -> bool:
    accepts = request.META.get("HTTP_ACCEPT", "")
    return request.path.startswith(PROGRAM_PATHS) or accepts.startswith("application/json")


def default_sentence(status: int) -> str:
    sentences = {
        400: _("请求的内容无法识别，请返回上一页重试。"),
        403: _("无权查看或操作这项内容。"),
        404: _("没有找到这个页面，它可能已被移走。"),
        409: _("内容已被改动，请刷新后再试。"),
        413: _("提交的内容太大。"),
        422: _("填写的内容有误，请按提示修改。"),
        429: _("操作太频繁，请稍后再试。"),
        500: _("系统出错，已记录。请稍后再试，或把页面上的编号告诉运维人员。"),
        503: _("系统暂时不可用，请稍后再试。"),
    }
    return sentences.get(status, _("操作没有完成。"))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """``handler400``; also a body above the upload limits, which Django reports the same way."""
    is_large = type(exception).__name__ in {"RequestDataTooBig", "TooManyFieldsSent", "TooManyFilesSent"}
    return error_response(request, TooLarge() if is_large else BadRequest())


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(request, Forbidden())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(request, NotFound())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """``CSRF_FAILURE_VIEW``: most often a page that lay open overnight."""
    return error_response(request, Expired(_("页面已过期，请刷新后再提交。")))


def server_error(request: HttpRequest) -> HttpResponse:
    """``handler500``, called while the exception is being handled: middleware may have raised a domain error."""
    return error_response(request, domain_error_of(sys.exc_info()[1]) or Failed())


def domain_error_of(error: BaseException | None) -> DomainError | None:
    """The refusal that an exception stands for; None for a fault of ours."""
    if isinstance(error, DomainError):
        return error
    if is_database_away(error):
        log.error("database away: %s", type(error).__name__)
        return Unavailable(details={"retry_after": RETRY_SECONDS})
    if isinstance(error, DataError) and UNSTORABLE in str(error):
        return BadRequest()
    return None


def is_database_away(error: BaseException | None) -> bool:
    """A lost or refused connection, or a server that starts or stops. Timeouts and deadlocks are faults of ours."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state[:2] in {"08", "53"} or state[:3] == "57P"


def _page(request: HttpRequest, body: dict[str, Any], status: int) -> str:
    context = {"error": body, "status": status, "is_fragment": request.META.get("HTTP_HX_REQUEST") == "true"}
    try:
        return render_to_string("ui/error.html", context, request)
    except TemplateDoesNotExist:
        pass
    except Exception:
        log.exception("the error page itself failed")
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{status}</title>'
        f"<h1>{escape(body['message'])}</h1><p>{escape(body['code'])} · {escape(body['request_id'])}</p>"
    )
