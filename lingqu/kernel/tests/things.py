"""An event for tests; a stand-in for a module's ``types.py``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingMoved:
    thing_id: UUID
    at: datetime | None = None
    tags: tuple[str, ...] = ()
    weight: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingLost:
    thing_id: int
