"""Codes and refresh tokens: the id of a grant, a generation, and a keyed mark over both.

Only a holder of the key file can make one, so a copy of the database gives nobody a token; a guess is refused before the
database is asked, so it ends no grant.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from lingqu.kernel import crypto

CODE, REFRESH = "lqc_", "lqr_"
_HEAD = 20
_MOST = 120


def make(kind: str, grant_id: UUID, generation: int = 0) -> str:
    head = grant_id.bytes + generation.to_bytes(4, "big")
    mark = crypto.mark("oidc.handle", [kind.encode(), head])
    return kind + urlsafe_b64encode(head + mark).rstrip(b"=").decode()


def read(kind: str, text: str) -> tuple[UUID, int] | None:
    """Grant and generation of a handle that we made; None for anything else."""
    if not text.startswith(kind) or len(text) > _MOST:
        return None
    body = text.removeprefix(kind)
    try:
        raw = urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return None
    head, mark = raw[:_HEAD], raw[_HEAD:]
    if len(head) < _HEAD or not crypto.is_mark(mark, "oidc.handle", [kind.encode(), head]):
        return None
    return UUID(bytes=head[:16]), int.from_bytes(head[16:], "big")
