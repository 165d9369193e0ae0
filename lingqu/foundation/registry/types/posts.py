"""Posts as other modules see them, and what one person belongs to: what mail addressed to places is matched with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPost:
    """A post that somebody holds now. ``name`` is that of its kind, ``path`` that of its organisation."""

    id: UUID
    kind: str
    name: str
    path: str
    organisation_id: UUID
    organisation: str
    school_type: str
    place: str
    since: date
    """The day the post was set up: what it was sent stays with it, whoever holds it."""

    @property
    def title(self) -> str:
        return f"{self.organisation} · {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A time at a place (``path``, or the id of a class), open or over. ``code``: grade or duty; ``owner``: the id whose
    row it is, one of those that stand for a person."""

    owner: UUID
    path: str
    code: str
    since: date
    is_open: bool
    within: str = ""
    """The class (its id) or grade that a duty is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSeat:
    """A living child that somebody guards (代办人 left out) since a day, with 就读 and classes. ``ids`` stand for the same
    child."""

    id: UUID
    name: str
    number: str
    ids: tuple[UUID, ...]
    since: date
    seats: tuple[Spell, ...]
    classes: tuple[Spell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """Everything a living person belongs to today, with former spells, which tell since when. ``ids`` stand for the
    person; ``seats`` and ``classes`` are the person's own."""

    ids: tuple[UUID, ...]
    posts: tuple[HeldPost, ...] = ()
    work: tuple[Spell, ...] = ()
    duties: tuple[Spell, ...] = ()
    seats: tuple[Spell, ...] = ()
    classes: tuple[Spell, ...] = ()
    children: tuple[ChildSeat, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLine:
    """One post on the page of its organisation."""

    id: UUID
    kind: str
    name: str
    phone: str
    holders: tuple[HolderLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderLine:
    """One holder of a post, past or present; ``is_away``: no longer working there, so the post has to be handed over."""

    place: str
    place_label: str
    name: str
    number: str
    since: object
    until: object
    is_away: bool
