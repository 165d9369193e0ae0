"""Posts as other modules see them, and what one person belongs to: what mail addressed to places is matched with."""

from __future__ import annotations

from dataclasses import dataclass
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

    @property
    def title(self) -> str:
        return f"{self.organisation} · {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSeat:
    """A living child that somebody guards (代办人 left out), with where it sits now. ``ids`` stand for the same child."""

    id: UUID
    name: str
    number: str
    ids: tuple[UUID, ...]
    seats: tuple[tuple[str, str], ...]
    """(path of the school, grade) of every open 就读."""
    classes: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """Everything a living person belongs to today. ``ids`` stand for the person."""

    ids: tuple[UUID, ...]
    posts: tuple[HeldPost, ...] = ()
    work: tuple[str, ...] = ()
    """Paths of the organisations where the person works."""
    duties: tuple[tuple[str, str], ...] = ()
    """(kind, path) of every open duty."""
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
