"""Facts that the register publishes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterChunkApplied:
    """A chunk of a roster was written; ``number`` is the import's number."""

    kind: str
    number: str
    rows: int
