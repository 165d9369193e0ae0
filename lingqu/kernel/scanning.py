"""The look at every file before it is kept: a virus scanner that speaks clamd's INSTREAM, where ``LINGQU_SCANNER`` names one.

Protocol (clamd(8)): ``zINSTREAM\\0``, then chunks of a four-byte length in network order and so many bytes, ended by a length of
zero; the answer is ``stream: OK``, ``stream: <name> FOUND``, or a text that ends in ``ERROR``.
"""

from __future__ import annotations

import logging
import socket
import struct
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from .errors import Invalid, Unavailable

CHUNK = 128 * 1024
SECONDS = 60
log = logging.getLogger("lingqu.scanning")


class Infected(Invalid):
    """The scanner found something; the sentence has its name for it."""

    code = "infected"


class NoAnswer(Exception):
    """The scanner could not be asked, or would not look at this file."""


def is_on() -> bool:
    return bool(getattr(settings, "LINGQU_SCANNER", ""))


def require_clean(path: Path) -> None:
    """Raises :class:`Infected`; without an answer of the scanner :class:`Unavailable`, or nothing where
    ``LINGQU_SCANNER_FAILS`` is ``open``."""
    if not is_on():
        return
    try:
        found = ask(settings.LINGQU_SCANNER, path)
    except NoAnswer as error:
        log.error("scanner did not answer: %s", error)
        if getattr(settings, "LINGQU_SCANNER_FAILS", "closed") == "open":
            return
        raise Unavailable(
            _("查毒服务没有应答，文件没有保存；请稍后再传，或联系运维人员。"), code="not_scanned"
        ) from error
    if found:
        log.warning("infected file refused: %s", found)
        raise Infected(_("查毒发现恶意程序（%(name)s），文件没有保存。") % {"name": found})


def ask(address: str, path: Path, *, seconds: float = SECONDS) -> str:
    """What the scanner calls what it found; empty for nothing. ``address``: ``tcp://host:port`` or ``unix:///path``. Raises
    :class:`NoAnswer`."""
    try:
        with _connected(address, seconds) as wire, path.open("rb") as source:
            _send(wire, source)
            answer = _answer(wire)
    except OSError as error:
        raise NoAnswer(str(error)) from error
    if answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND").strip() or "?"
    if answer.endswith(": OK"):
        return ""
    raise NoAnswer(answer or "empty answer")


def _connected(address: str, seconds: float) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        wire.settimeout(seconds)
        try:
            wire.connect(parts.path)
        except OSError:
            wire.close()
            raise
        return wire
    return socket.create_connection((parts.hostname or "", parts.port or 3310), timeout=seconds)


def _send(wire: socket.socket, source: object) -> None:
    """A scanner that has seen enough closes: its answer counts, not the broken pipe."""
    read = source.read  # type: ignore[attr-defined]
    try:
        wire.sendall(b"zINSTREAM\0")
        while part := read(CHUNK):
            wire.sendall(struct.pack("!I", len(part)) + part)
        wire.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        log.info("scanner closed before the end of the file")


def _answer(wire: socket.socket) -> str:
    kept = b""
    while b"\0" not in kept and len(kept) < 4096 and (part := wire.recv(1024)):
        kept += part
    return kept.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
