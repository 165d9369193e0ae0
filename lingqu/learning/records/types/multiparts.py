"""Bodies of several parts (1.0.3 Communication 1.5.2)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

import msgspec

from .values import Part


def joined(value: Any, parts: Iterable[Part]) -> tuple[str, bytes]:
    """Content type and body: the JSON first, then each attachment."""
    boundary = secrets.token_hex(16)
    line = f"--{boundary}\r\n".encode()
    pieces = [line, b"Content-Type: application/json\r\n\r\n", msgspec.json.encode(value), b"\r\n"]
    for part in parts:
        head = f"Content-Type: {part.content_type}\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {part.sha2}"
        pieces += [line, head.encode("latin-1", "replace"), b"\r\n\r\n", part.content, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return f'multipart/mixed; boundary="{boundary}"', b"".join(pieces)
