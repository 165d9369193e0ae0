"""The front of the interface: credentials, versions, headers, and the one shape of refusals.

A resource is a function of a :class:`Call` for each method; ``resource(GET=…, PUT=…)`` makes the view of them. Views have no
parameters in their address and take the short way: no session, no language, no form token.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from lingqu.kernel.access import public
from lingqu.kernel.answers import domain_error_of
from lingqu.kernel.batches import Batch
from lingqu.kernel.errors import DomainError
from lingqu.kernel.short_way import short_way

from ..models import Refusal
from ..selectors.consistency import consistent_through
from ..services.credentials import caller_of
from ..services.session_bounds import check_request
from ..types.faults import Denied, Fault, NotAllowed, TooBig
from ..types.scopes import allows
from ..types.values import Caller
from ..types.versions import spoken
from .alternate import read_form
from .cors import allow_origins, preflight

LARGEST_BODY = 64 << 20
WRITING = frozenset({"POST", "PUT", "DELETE"})
VERSION_HEADER, THROUGH_HEADER = "X-Experience-API-Version", "X-Experience-API-Consistent-Through"
log = logging.getLogger("lingqu.records")


@dataclass(slots=True)
class Call:
    """One request as it is meant: also when its method, headers and body came in a form (alternate request syntax)."""

    method: str
    parameters: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    request: HttpRequest
    version: str = ""
    caller: Caller = field(default=None)  # type: ignore[assignment]

    def is_write(self) -> bool:
        return self.method in WRITING


Handler = Callable[[Call], HttpResponse]


def resource(scope: str, *, is_open: bool = False, **handlers: Handler) -> Callable[[HttpRequest], HttpResponse]:
    """The view of a resource. ``scope`` is asked of the credential; empty: handlers ask themselves. ``is_open``: anybody may
    call, with any version or none (the about resource)."""
    if "GET" in handlers:
        handlers.setdefault("HEAD", handlers["GET"])

    @short_way
    @csrf_exempt
    @public
    def view(request: HttpRequest) -> HttpResponse:
        if request.method == "OPTIONS":
            return preflight()
        call = Call(method=request.method or "", parameters={}, headers=request.headers, body=b"", request=request)
        through = consistent_through()
        try:
            call = call_of(request)
            answer = _answer(call, scope, is_open, handlers)
        except Exception as error:
            fault = domain_error_of(error)
            if fault is None:
                raise
            answer = _refuse(call, fault)
        answer.headers[VERSION_HEADER] = call.version or settings.LINGQU_XAPI_DEFAULT_VERSION
        answer.headers.setdefault(THROUGH_HEADER, through)
        answer.headers.setdefault("Cache-Control", "no-store")
        allow_origins(answer)
        if call.method == "HEAD":
            answer.headers.setdefault("Content-Length", str(len(answer.content)))
            answer.content = b""
        return answer

    return view


def call_of(request: HttpRequest) -> Call:
    """The request as it stands, or as a form says it."""
    parameters, body = single_values(request), _body_of(request)
    if "method" in parameters:
        meant = read_form(request.method or "", parameters, request.headers, body)
        return Call(meant.method, meant.parameters, meant.headers, meant.body, request)
    return Call(method=request.method or "", parameters=parameters, headers=request.headers, body=body, request=request)


def single_values(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in request.GET}


def as_json(value: Any, status: int = 200) -> HttpResponse:
    return json_text(msgspec.json.encode(value), status)


def json_text(text: bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="application/json")


def require_scope(caller: Caller, scope: str, *, is_write: bool) -> None:
    if not allows(caller.scopes, scope, is_write=is_write):
        raise Denied(f"the credential has not the scope {scope}")


def _answer(call: Call, scope: str, is_open: bool, handlers: Mapping[str, Handler]) -> HttpResponse:
    asked = call.headers.get(VERSION_HEADER)
    if asked is not None:
        known = spoken(asked.strip())
        if known is None and not is_open:
            raise Fault(f"version {asked} is not supported", code="version")
        call.version = known or ""
    elif not is_open:
        raise Fault(f"the header {VERSION_HEADER} is missing", code="version")
    if not is_open:
        call.caller = caller_of(call.headers.get("Authorization", ""))
    handler = handlers.get(call.method)
    if handler is None:
        raise NotAllowed(f"{call.method} is not possible here")
    if scope:
        require_scope(call.caller, scope, is_write=call.is_write())
    if call.caller is not None and call.caller.session_id is not None:
        check_request(
            call.caller,
            call.request.path_info,
            call.method,
            call.parameters,
            call.headers.get("Content-Type", ""),
            call.body,
        )
    return handler(call)


def _body_of(request: HttpRequest) -> bytes:
    """The whole body; Django's own limit would be that of forms."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > LARGEST_BODY:
        raise TooBig(f"a request has at most {LARGEST_BODY} bytes")
    return request.read(length) if length else b""


def _refuse(call: Call, fault: DomainError) -> HttpResponse:
    path = getattr(fault, "path", "")
    answer = as_json(
        {"error": {"code": fault.code, "message": fault.message, **({"path": path} if path else {})}}, fault.status
    )
    if fault.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="xAPI"'
    if call.caller is not None:
        REFUSALS.add(
            Refusal(
                credential_id=call.caller.credential, method=call.method, resource=_kept(call.request.path_info, 100),
                status=fault.status, code=fault.code, path=_kept(path, 500), message=_kept(fault.message, 1000),
            )
        )  # fmt: skip
    return answer


def _kept(text: str, most: int) -> str:
    """As the database can hold it: what was sent may have put zero characters into it."""
    return text[:most].replace("\0", "\N{SYMBOL FOR NULL}")


def _write_refusals(lines: Any) -> None:
    Refusal.objects.bulk_create(lines)


REFUSALS: Batch[Refusal] = Batch("records-refusals", _write_refusals)
