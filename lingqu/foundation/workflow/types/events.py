"""What processes tell others."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStarted:
    case_id: UUID
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEnded:
    """``state``: done, failed or cancelled."""

    case_id: UUID
    key: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStuck:
    case_id: UUID
    key: str
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageThrown:
    """A case sent a message (to who waits for its name and key) or a signal (to everybody who waits for its name)."""

    case_id: UUID
    name: str
    key: str
    is_signal: bool
