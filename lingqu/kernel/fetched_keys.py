"""Public keys that stand at an address of somebody else: read now and then, kept for a while, never for ever.

    keys = fetched_keys.current(kept, kid=kid, fetch=read_them, keep=save)

A key server that is down must not stop its users at once, and one that stays down must not let a key live on that its owner
may have withdrawn: after :data:`LONGEST` without an answer nothing is believed any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .clock import now

FRESH, PAUSE, LONGEST = timedelta(hours=1), timedelta(minutes=1), timedelta(hours=24)
"""How long keys are good without asking, how soon a key that is not among them makes us ask again, and how long they count
while nobody answers."""


class KeysUnreadable(Exception):
    """Nobody answered with keys, and those we had are too old. The text is English, for logs and programs."""

    def __init__(self) -> None:
        super().__init__(f"the keys could not be read for {LONGEST // timedelta(hours=1)} hours")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is known: a JWK set (``{"keys": […]}``), when it was read last and when that was tried last."""

    keys: dict[str, Any] | None = None
    read_at: datetime | None = None
    tried_at: datetime | None = None

    def knows(self, kid: str | None) -> bool:
        return self.keys is not None and (kid is None or any(one.get("kid") == kid for one in self.keys["keys"]))


def current(
    kept: Kept, *, kid: str | None, fetch: Callable[[], dict[str, Any] | None], keep: Callable[[Kept], None]
) -> dict[str, Any]:
    """The keys among which ``kid`` should be. ``fetch`` gives None when nobody answers; ``keep`` stores what came of asking.

    Raises :class:`KeysUnreadable`.
    """
    at = now()
    age = at - kept.tried_at if kept.tried_at else None
    if age is None or age > FRESH or (not kept.knows(kid) and age > PAUSE):
        found = fetch()
        kept = Kept(keys=found or kept.keys, read_at=at if found else kept.read_at, tried_at=at)
        keep(kept)
    if kept.keys is None or kept.read_at is None or at - kept.read_at > LONGEST:
        raise KeysUnreadable
    return kept.keys
