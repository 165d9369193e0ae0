"""Addresses as keys. A line of addresses has one key; a reader has the keys of everything he belongs to; a notice is his
when one of them meets. Places stand in keys by their label, which an organisation keeps for ever, wherever it moves.

    post:<uuid>                 one post
    post:<kind>@<label>         posts of a kind at or below a place; post:<kind>/<21>@<label> of schools of a type only
    staff@<label>               everybody who works at or below a place; duty:<kind>@<label> whoever has a duty there
    family@<label>              children at or below a place; family:<grade>@<label> of a grade
    class:<uuid>                children of a class
    person:<uuid>               one person
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from lingqu.foundation.registry import api as registry

from .words import Audience, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One line of addresses as chosen. ``code``: kind of post, duty, or grade; empty: all. ``school_type``: the first two
    digits of JY/T 1001 BXLX, posts only."""

    audience: str
    organisation_id: UUID | None = None
    label: str = ""
    code: str = ""
    school_type: str = ""
    class_id: UUID | None = None
    post_id: UUID | None = None
    person_id: UUID | None = None

    @property
    def key(self) -> str:
        if self.class_id:
            return f"class:{self.class_id}"
        if self.post_id:
            return f"post:{self.post_id}"
        if self.person_id:
            return f"person:{self.person_id}"
        narrowed = f"/{self.school_type}" if self.school_type else ""
        names = {Audience.POST: "post", Audience.STAFF: "duty" if self.code else "staff", Audience.FAMILY: "family"}
        name = names[Audience(self.audience)]
        return f"{name}:{self.code}{narrowed}@{self.label}" if self.code else f"{name}@{self.label}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """A key of a reader, and for whom the receipt counts that it asks."""

    key: str
    kind: str
    owner: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody with an inbox: all keys, and every id that stands for each owner of a receipt."""

    belonging: registry.Belonging
    mine: tuple[Mine, ...]
    aliases: tuple[tuple[UUID, UUID], ...]

    @property
    def keys(self) -> list[str]:
        return sorted({one.key for one in self.mine})


def reader_of(belonging: registry.Belonging) -> Reader:
    own = belonging.ids[0]
    mine = [Mine(key=key, kind=Subject.PERSON, owner=own) for key in _of_person(belonging)]
    aliases = [(own, one) for one in belonging.ids]
    for post in belonging.posts:
        mine += [Mine(key=key, kind=Subject.POST, owner=post.id) for key in _of_post(post)]
        aliases.append((post.id, post.id))
    for child in belonging.children:
        mine += [Mine(key=key, kind=Subject.CHILD, owner=child.id) for key in _of_child(child)]
        aliases += [(child.id, one) for one in child.ids]
    return Reader(belonging=belonging, mine=tuple(mine), aliases=tuple(aliases))


def _of_person(belonging: registry.Belonging) -> Iterator[str]:
    yield from (f"person:{one}" for one in belonging.ids)
    yield from sorted({f"staff@{label}" for path in belonging.work for label in path.split(".")})
    yield from sorted({f"duty:{kind}@{label}" for kind, path in belonging.duties for label in path.split(".")})


def _of_post(post: registry.HeldPost) -> Iterator[str]:
    yield f"post:{post.id}"
    for label in post.path.split("."):
        yield f"post:{post.kind}@{label}"
        if post.school_type:
            yield f"post:{post.kind}/{post.school_type[:2]}@{label}"


def _of_child(child: registry.ChildSeat) -> Iterator[str]:
    yield from (f"class:{one}" for one in child.classes)
    found: set[str] = set()
    for path, grade in child.seats:
        for label in path.split("."):
            found |= {f"family@{label}", f"family:{grade}@{label}"}
    yield from sorted(found)
