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


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged:
    """Attributes of a person changed; ``fields`` are names, never values."""

    person_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDeceased:
    """A death was recorded: nothing may be sent to or about this person any more."""

    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathCorrected:
    """A death was recorded by mistake: the person is in the lists again."""

    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationsChanged:
    """Seat, post, duties, teaching or guardianship of these people changed: rights derived from them are out of date."""

    person_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleMerged:
    """``person_id`` now stands for ``merged_id`` too."""

    person_id: UUID
    merged_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleUnmerged:
    """A merge was taken back: ``merged_id`` is a person of its own again."""

    person_id: UUID
    merged_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationRelated:
    """A relation between two organisations began or ended: rights that the head's people hold at the member changed."""

    head_id: UUID
    member_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolAdvanced:
    """A school went up into a school year; ``undone`` when that was taken back. ``classes``: pairs of a class and the one of
    the next year that it became."""

    school_id: UUID
    to_year: str
    undone: bool = False
    classes: tuple[tuple[UUID, UUID], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassesPlaced:
    """Pupils were seated in the new classes of a school by a drawn placement."""

    school_id: UUID
    class_ids: tuple[UUID, ...]
    pupils: int
