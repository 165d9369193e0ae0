"""multipart/mixed in both directions (1.0.3 Communication 1.5.2; 2.0 4.1.3; RFC 2046 5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

from ..types.faults import Fault
from ..types.multiparts import joined
from ..types.values import Part

_BOUNDARY = re.compile(r"boundary=(?:\"([^\"]{1,200})\"|([^\s;]{1,200}))", re.IGNORECASE)
MOST_PARTS = 1000


def split(body: bytes, content_type: str) -> tuple[bytes, list[Part]]:
    """The statements and what was sent along with them."""
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise Fault("multipart/mixed needs a boundary")
    line = b"--" + (match[1] or match[2]).encode()
    pieces = (b"\r\n" + body).split(b"\r\n" + line)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise Fault("the multipart body does not end with its boundary")
    if len(pieces) - 2 > MOST_PARTS:
        raise Fault(f"at most {MOST_PARTS} parts in one request")
    found = [_read_part(piece) for piece in pieces[1:-1]]
    headers, text = found[0]
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Fault("the first part must be application/json")
    return text, [_as_part(*one) for one in found[1:]]


def _read_part(piece: bytes) -> tuple[dict[str, str], bytes]:
    head, gap, content = piece.lstrip(b" \t").partition(b"\r\n\r\n")
    if not gap:
        raise Fault("a part has headers and a blank line")
    headers = {}
    for line in head.decode("latin-1").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return headers, content


def _as_part(headers: dict[str, str], content: bytes) -> Part:
    sha2 = headers.get("x-experience-api-hash", "").lower()
    if not sha2:
        raise Fault("a part with an attachment has X-Experience-API-Hash")
    if headers.get("content-transfer-encoding", "").lower() != "binary":
        raise Fault("a part with an attachment has Content-Transfer-Encoding: binary")
    return Part(sha2=sha2, content_type=headers.get("content-type", "application/octet-stream"), content=content)


def multipart_response(value: Any, parts: Iterable[Part]) -> HttpResponse:
    kind, body = joined(value, parts)
    return HttpResponse(body, content_type=kind)
