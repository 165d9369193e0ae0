"""The statements resource (1.0.3 Communication 2.1; 2.0 4.1.6.1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.http import http_date

from ..selectors import asking
from ..selectors.attachments import parts_of
from ..selectors.shaping import preferred, shaped
from ..selectors.statements import Row, list_page, rows_of
from ..services.attachments import keep_attachments
from ..services.drafts import check_all
from ..services.sessions import in_session
from ..services.statements import store
from ..types.faults import Fault, Missing
from ..types.formats import is_uuid
from ..types.jsontext import read_json
from ..types.marks import EPOCH_SECONDS, TICKS
from ..types.scopes import READ, WRITE
from ..types.values import Part
from ..types.versions import V2
from .front import Call, as_json, require_scope, resource
from .multipart import multipart_response, split


def post(call: Call) -> HttpResponse:
    require_scope(call.caller, WRITE, is_write=True)
    if call.parameters:
        raise Fault(f"there is no parameter {sorted(call.parameters)[0][:50]}")
    return as_json(_take_in(call, ""))


def put(call: Call) -> HttpResponse:
    require_scope(call.caller, WRITE, is_write=True)
    number = call.parameters.get("statementId", "")
    if not is_uuid(number):
        raise Fault("statementId must be a UUID")
    if unknown := sorted(set(call.parameters) - {"statementId"}):
        raise Fault(f"there is no parameter {unknown[0][:50]}")
    _take_in(call, number.lower())
    return HttpResponse(status=204)


def get(call: Call) -> HttpResponse:
    require_scope(call.caller, READ, is_write=False)
    parameters, last = call.parameters, None
    if "more" in parameters:
        parameters, last = asking.open_cursor(parameters["more"])
    asking.check_parameters(parameters)
    for name in ("statementId", "voidedStatementId"):
        if name in parameters:
            return _one(call, parameters[name].lower(), parameters, is_void=name != "statementId")
    wanted = asking.wanted_of(call.caller.tenant, parameters)
    if last is not None:
        wanted = asking.going_on(wanted, last)
    rows, has_more = list_page(call.caller.tenant, wanted)
    statements = _shaped(call, rows, parameters)
    more = "/xapi/statements?" + urlencode({"more": asking.sealed_cursor(parameters, rows[-1].seq)}) if has_more else ""
    answer = _answer(call, {"statements": statements, "more": more}, rows, parameters)
    if rows:
        answer.headers["Last-Modified"] = _date_of(max(row.seq for row in rows))
    return answer


def _one(call: Call, number: str, parameters: dict[str, str], *, is_void: bool) -> HttpResponse:
    rows = [row for row in rows_of(call.caller.tenant, [number]) if row.is_void == is_void]
    if not rows:
        raise Missing("there is no such statement")
    answer = _answer(call, _shaped(call, rows, parameters)[0], rows, parameters)
    answer.headers["Last-Modified"] = _date_of(rows[0].seq)
    return answer


def _shaped(call: Call, rows: list[Row], parameters: dict[str, str]) -> list[dict[str, Any]]:
    languages = preferred(call.headers.get("Accept-Language", ""))
    return shaped(call.caller.tenant, rows, parameters.get("format", "exact"), languages)


def _answer(call: Call, value: Any, rows: list[Row], parameters: dict[str, str]) -> HttpResponse:
    if not asking.is_true(parameters, "attachments"):
        return as_json(value)
    return multipart_response(value, parts_of(call.caller.tenant, asking.needed_files(rows)))


def _date_of(seq: int) -> str:
    return http_date(seq // TICKS // 1_000_000 + EPOCH_SECONDS)


def _take_in(call: Call, number: str) -> list[str]:
    """Check and store what was sent; ``number`` is the id that the address names (PUT)."""
    text, parts = _content_of(call)
    sent = read_json(text)
    is_single = not isinstance(sent, list)
    if number:
        _agree(sent, number)
    is_2 = call.version == V2
    statements = [sent] if is_single else sent
    received = {part.sha2: part for part in parts}

    def write() -> list[str]:
        drafts = check_all(statements, is_2=is_2, is_single=is_single, received=received)
        keep_attachments(call.caller.tenant, drafts, parts, is_2=is_2)
        return store(call.caller, drafts, is_2=is_2)

    return in_session(call.caller, statements, write) if call.caller.session_id else write()


def _agree(sent: Any, number: str) -> None:
    if not isinstance(sent, dict):
        raise Fault("PUT takes one statement", "$")
    if str(sent.setdefault("id", number)).lower() != number:
        raise Fault("the id is not that of the address", "$.id")


def _content_of(call: Call) -> tuple[bytes, list[Part]]:
    kind = call.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return call.body, []
    if kind == "multipart/mixed":
        return split(call.body, call.headers["Content-Type"])
    raise Fault("Content-Type must be application/json or multipart/mixed")


statements = resource("", GET=get, POST=post, PUT=put)
