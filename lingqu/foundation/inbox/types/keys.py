"""Addresses as keys, and since when a key is a reader's. A line of addresses has one key; a reader has the keys of everything he belongs to; a notice is his
when one of them meets. Places stand in keys by their label, which an organisation keeps for ever, wherever it moves.

    post:<uuid>                 one post
    post:<kind>@<label>         posts of a kind at or below a place; post:<kind>/<21>@<label> of schools of a type only
    staff@<label>               everybody who works at or below a place; duty:<kind>@<label> whoever has a duty there
    family@<label>              children at or below a place; family:<grade>@<label> of a grade
    class:<uuid>                children of a class
    pupil@label                 pupils themselves from G04 on; pupil:<grade>@<label>, pupil:<uuid> of a grade, of a class
    person:<uuid>               one person

To-dos and messages also go to who holds something there and nowhere below it, whoever that is today:

    head:<uuid>                 班主任 of a class
    holder:<kind>@<label>       whoever has a duty at a place; holder:grade_leader/<grade>@<label> for a grade
    role:<code>@<label>         whoever has chosen a role at a place
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.ids import as_uuid

from .words import PUPIL_GRADES, Audience, Subject

HEAD = "head_teacher"
ALWAYS = date(1, 1, 1)
"""What is addressed to a person alone was always meant for that person."""


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
            return f"{'pupil' if self.audience == Audience.PUPIL else 'class'}:{self.class_id}"
        if self.post_id:
            return f"post:{self.post_id}"
        if self.person_id:
            return f"person:{self.person_id}"
        narrowed = f"/{self.school_type}" if self.school_type else ""
        name = "duty" if self.audience == Audience.STAFF and self.code else str(self.audience)
        return f"{name}:{self.code}{narrowed}@{self.label}" if self.code else f"{name}@{self.label}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """A key of a reader, for whom the receipt counts that it asks, and the day since which it asks."""

    key: str
    kind: str
    owner: UUID
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody with an inbox: all keys, and every id that stands for each owner of a receipt."""

    belonging: registry.Belonging
    mine: tuple[Mine, ...]
    aliases: tuple[tuple[UUID, UUID], ...]

    @property
    def keys(self) -> list[str]:
        return sorted({one.key for one in self.mine})

    @property
    def topics(self) -> list[str]:
        """What an open page of the reader listens to: own receipts first, then everything addressed to the keys."""
        own = [
            topic_of(f"{kind}:{owner}") for kind, owner in sorted({(one.kind, one.owner) for one in self.mine}, key=str)
        ]
        return list(dict.fromkeys([*own, *map(topic_of, self.keys)]))


def topic_of(key: str) -> str:
    """The live topic of a key, in the signs a topic may have. Kinds of posts, duties and grades of a place share one: a
    reader hears few topics, and now and then of something that is not for him."""
    name, _at, place = key.partition("@")
    name, _colon, one = name.partition(":")
    return f"inbox:{'staff' if name == 'duty' else name}.{place or one}".lower()


def role_key(actor: Actor) -> str:
    """The key of the role that somebody has chosen; empty where a role has no place."""
    label = actor.path.rpartition(".")[2]
    return f"role:{actor.role}@{label}" if actor.role and label and actor.person_id else ""


def head_key(class_id: UUID) -> str:
    return f"head:{class_id}"


def holder_key(kind: str, label: str, grade: str = "") -> str:
    return f"holder:{kind}/{grade}@{label}" if grade else f"holder:{kind}@{label}"


def reader_of(belonging: registry.Belonging, role: str = "") -> Reader:
    """``role``: the key of the role that was chosen for this visit."""
    own = belonging.ids[0]
    mine = [Mine(key=key, kind=Subject.PERSON, owner=own, since=since) for key, since in _of_person(belonging)]
    if role:
        mine.append(Mine(key=role, kind=Subject.PERSON, owner=own, since=ALWAYS))
    aliases = [(own, one) for one in belonging.ids]
    for post in belonging.posts:
        mine += [Mine(key=key, kind=Subject.POST, owner=post.id, since=post.since) for key in _of_post(post)]
        aliases.append((post.id, post.id))
    for child in belonging.children:
        keys = _of_pupil(child.seats, child.classes, "family", "class")
        mine += [
            Mine(key=key, kind=Subject.CHILD, owner=child.id, since=max(since, child.since)) for key, since in keys
        ]
        aliases += [(child.id, one) for one in child.ids]
    return Reader(belonging=belonging, mine=tuple(mine), aliases=tuple(aliases))


def _of_person(belonging: registry.Belonging) -> Iterator[tuple[str, date]]:
    yield from ((f"person:{one}", ALWAYS) for one in belonging.ids)
    yield from ((f"staff@{label}", since) for label, since in _since(belonging.work).items())
    for kind in sorted({spell.code for spell in belonging.duties}):
        held = _since(spell for spell in belonging.duties if spell.code == kind)
        yield from ((f"duty:{kind}@{label}", since) for label, since in held.items())
    yield from ((key, spell.since) for spell in belonging.duties if spell.is_open for key in _of_duty(spell))
    if any(spell.is_open and spell.code in PUPIL_GRADES for spell in belonging.seats):
        seats = [spell for spell in belonging.seats if spell.code in PUPIL_GRADES]
        yield from _of_pupil(seats, belonging.classes, "pupil", "pupil")


def _of_duty(duty: registry.Spell) -> Iterator[str]:
    label = duty.path.rpartition(".")[2]
    if (class_id := as_uuid(duty.within)) is not None:
        if duty.code == HEAD:
            yield head_key(class_id)
        return
    yield holder_key(duty.code, label)
    if duty.within:
        yield holder_key(duty.code, label, duty.within)


def _of_post(post: registry.HeldPost) -> Iterator[str]:
    yield f"post:{post.id}"
    for label in post.path.split("."):
        yield f"post:{post.kind}@{label}"
        if post.school_type:
            yield f"post:{post.kind}/{post.school_type[:2]}@{label}"


def _of_pupil(
    seats: Iterable[registry.Spell], classes: Iterable[registry.Spell], name: str, class_name: str
) -> Iterator[tuple[str, date]]:
    seats = tuple(seats)
    yield from ((f"{class_name}:{one}", since) for one, since in _since(classes).items())
    yield from ((f"{name}@{label}", since) for label, since in _since(seats).items())
    for grade in sorted({spell.code for spell in seats}):
        held = _since(spell for spell in seats if spell.code == grade)
        yield from ((f"{name}:{grade}@{label}", since) for label, since in held.items())


def _since(spells: Iterable[registry.Spell]) -> dict[str, date]:
    """Every place of an open spell with the day of the first one there, of whatever school below it: moving up a grade
    or to another school of the county begins nothing new for the county."""
    by_owner: dict[UUID, dict[str, date]] = defaultdict(dict)
    current: set[tuple[UUID, str]] = set()
    for spell in spells:
        first = by_owner[spell.owner]
        for label in spell.path.split("."):
            first[label] = min(first.get(label, spell.since), spell.since)
            if spell.is_open:
                current.add((spell.owner, label))
    found: dict[str, date] = {}
    for owner, label in sorted(current):
        since = by_owner[owner][label]
        found[label] = min(found.get(label, since), since)
    return found
