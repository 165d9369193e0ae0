"""Facts that the register publishes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterChunkApplied:
    """A chunk of a roster was written; ``number`` is the import's number."""

    kind: str
    number: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationMoved:
    """An organisation got another superior: paths at or below ``before`` now stand below ``after``."""

    organisation_id: UUID
    before: str
    after: str
