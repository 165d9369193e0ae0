"""The alternate request syntax of 1.0.3 (Communication 1.3): a request in a form, sent by POST. 2.0 has it no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from django.utils.datastructures import CaseInsensitiveMapping

from ..types.faults import Fault
from ..types.versions import V1, spoken

FORM = "application/x-www-form-urlencoded"
HEADERS = ("Authorization", "X-Experience-API-Version", "Content-Type", "Content-Length", "If-Match", "If-None-Match")
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")
MOST_FIELDS = 60


@dataclass(frozen=True, slots=True)
class Meant:
    """The request that a form stands for."""

    method: str
    parameters: dict[str, str]
    headers: Mapping[str, str]
    body: bytes


def read_form(method: str, parameters: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Meant:
    """``method`` and what follows as they came; ``parameters`` has ``method``. Raises :class:`Fault`."""
    if method != "POST":
        raise Fault("the parameter method belongs to a POST")
    if set(parameters) != {"method"}:
        raise Fault("besides method, parameters belong into the form")
    wanted = parameters["method"].upper()
    if wanted not in METHODS:
        raise Fault("the parameter method names no method")
    if headers.get("Content-Type", "").partition(";")[0].strip().lower() not in (FORM, ""):
        raise Fault(f"the body has to be {FORM}")
    fields = _fields(body)
    inner = {name.lower(): name for name in HEADERS}
    given = {inner[name.lower()]: value for name, value in fields.items() if name.lower() in inner}
    version = given.get("X-Experience-API-Version", headers.get("X-Experience-API-Version", ""))
    if version and spoken(version) not in (V1, None):
        raise Fault("version 2.0 has no alternate request syntax")
    rest = {name: value for name, value in fields.items() if name.lower() not in inner}
    content = rest.pop("content", None)
    if (content is None) is (wanted in ("PUT", "POST")):
        raise Fault("PUT and POST have their body in the field content, other methods have none")
    outer = {name: value for name, value in headers.items() if name.lower() not in ("content-type", "content-length")}
    default = {"Content-Type": "application/json"} if content is not None else {}
    return Meant(wanted, rest, CaseInsensitiveMapping(outer | default | given), (content or "").encode())


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS, strict_parsing=bool(body)
        )  # fmt: skip
    except ValueError as error:
        raise Fault("the form cannot be read") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Fault("a field stands twice in the form")
    return fields
