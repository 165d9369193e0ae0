"""Asking a platform above, through the guard of the kernel; its answers are data, never believed by their look."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from lingqu.kernel import outgoing
from lingqu.kernel.errors import DomainError

from ..types import Distrusted

SECONDS = 8.0


def get_json(
    url: str, query: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    return _json(lambda: outgoing.get(_with(url, query), timeout=SECONDS, headers=headers))


def get_text(url: str, query: Mapping[str, str]) -> bytes:
    return _body(lambda: outgoing.get(_with(url, query), timeout=SECONDS))


def post_form(url: str, fields: Mapping[str, str], *, user: str = "", password: str = "") -> dict[str, Any]:
    headers = {}
    if user:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    return _json(
        lambda: outgoing.post(
            url,
            body=urlencode(fields).encode(),
            content_type="application/x-www-form-urlencoded",
            timeout=SECONDS,
            headers=headers,
        )
    )


def post_json(url: str, value: Mapping[str, Any]) -> dict[str, Any]:
    body = msgspec.json.encode(dict(value))
    return _json(lambda: outgoing.post(url, body=body, content_type="application/json", timeout=SECONDS))


def text_of(answer: Mapping[str, Any], name: str) -> str:
    """A non-empty text of an answer."""
    value = answer.get(name)
    if not isinstance(value, str) or not value or len(value) > 4000:
        raise Distrusted(f"answer has no {name}")
    return value


def _with(url: str, query: Mapping[str, str] | None) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}" if query else url


def _body(send: Any) -> bytes:
    try:
        answer = send()
    except DomainError as fault:
        raise Distrusted(f"no answer: {fault.code}") from fault
    if not answer.is_ok:
        raise Distrusted(f"answered {answer.status}")
    body: bytes = answer.body
    return body


def _json(send: Any) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(_body(send))
    except msgspec.DecodeError as fault:
        raise Distrusted("answer is not JSON") from fault
    if not isinstance(found, dict):
        raise Distrusted("answer is not an object")
    return found


def means(amr: Any, acr: Any) -> dict[str, Any]:
    """How somebody proved themselves above, as :class:`Arrived` keeps it; a list, or words in one text."""
    listed = amr if isinstance(amr, list) else str(amr or "").replace(",", " ").split()
    return {"amr": tuple(str(one)[:40] for one in listed[:20]), "acr": str(acr or "")[:200]}
