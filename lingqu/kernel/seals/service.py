"""Seals of a seal service inside the bureau's network, as an adapter in front of the vendor's system answers:

    GET  <address>/seals/<code>        200 {"name": "…"}      404: this organisation has no seal
    POST <address>/seals/<code>/sign   body: the PDF; X-Seal-Reason, X-Seal-Place: percent-encoded UTF-8
                                       200 application/pdf: the same PDF with one more signature; else {"message": "…"}

``Authorization: Bearer <LINGQU_SEALS_SECRET>`` on both. What comes back is looked at: it has to begin with what was sent and to
carry an intact signature over the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from django.utils.translation import gettext as _

from .looking import look_at
from .types import Sealed, SealRefused

SECONDS = 20.0
ASKING_SECONDS = 4.0
"""For a page that only shows whether there is a seal."""
MOST_BYTES = 40 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A seal that the service keeps."""

    name: str
    address: str
    secret: str

    def set_on(self, pdf: bytes, *, reason: str, place: str) -> Sealed:
        headers = {"Content-Type": "application/pdf", "X-Seal-Reason": quote(reason), "X-Seal-Place": quote(place)}
        answer = _asked("POST", f"{self.address}/sign", self.secret, content=pdf, headers=headers)
        if answer.status_code != 200:
            raise SealRefused(_("印章服务没有盖章：%(why)s") % {"why": _why(answer)})
        found = look_at(answer.content)
        if (
            len(answer.content) > MOST_BYTES
            or not answer.content.startswith(pdf)
            or not found
            or not found[-1].is_whole
        ):
            raise SealRefused(_("印章服务送回的不是盖了章的原文件。"))
        return Sealed(pdf=answer.content, signer=found[-1].signer, serial=found[-1].serial)


def find_at_service(address: str, code: str, secret: str) -> Served | None:
    where = f"{address}/seals/{quote(code)}"
    answer = _asked("GET", where, secret, seconds=ASKING_SECONDS)
    if answer.status_code == 404:
        return None
    try:
        name = answer.json()["name"] if answer.status_code == 200 else ""
    except (ValueError, KeyError, TypeError):
        name = ""
    if not isinstance(name, str) or not name:
        raise SealRefused(_("印章服务没有应答，请稍后再试。"))
    return Served(name=name[:100], address=where, secret=secret)


def _asked(method: str, url: str, secret: str, *, seconds: float = SECONDS, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {secret}".encode(), **more.pop("headers", {})}
    try:
        with httpx.Client(timeout=seconds, trust_env=False) as client:
            return client.request(method, url, headers=headers, **more)
    except httpx.HTTPError as error:
        raise SealRefused(_("印章服务没有应答，请稍后再试。")) from error


def _why(answer: httpx.Response) -> str:
    try:
        told = answer.json().get("message", "")
    except (ValueError, AttributeError):
        told = ""
    return str(told)[:200] or str(answer.status_code)
