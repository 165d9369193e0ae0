"""What somebody may start, where, and for whom: the audience of a process against what the register knows of the person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor, covers
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.language import listed

from ..models import DefinitionVersion
from ..types import rights
from ..types.starts import beginning_of
from ..types.words import Audience, VersionState
from . import designs

MOST_STARTABLE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where the actor may start something, whom it would be about (``name`` empty: the actor), and as what."""

    organisation: Any
    subject_id: UUID
    number: str
    name: str = ""
    audience: frozenset[str] = frozenset()

    def fits(self, version: DefinitionVersion) -> bool:
        return not version.audience or not self.audience.isdisjoint(version.audience)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    door: Door
    versions: tuple[DefinitionVersion, ...]


def doors_of(actor: Actor) -> list[Door]:
    """Where the actor works or sits, and where the children sit whom the actor guards. Three statements."""
    if actor.person_id is None:
        return []
    own = registry.belonging_of(actor.person_id)
    posts = {post.path for post in own.posts}
    wanted: dict[tuple[str, UUID], tuple[str, str, set[str]]] = {}
    for word, spells in ((Audience.STAFF, own.work), (Audience.PUPIL, own.seats)):
        for spell in spells:
            if spell.is_open:
                words = wanted.setdefault((spell.path, actor.person_id), ("", "", set()))[2]
                words.add(word)
                if word is Audience.STAFF and spell.path in posts:
                    words.add(Audience.OFFICE)
    for child in own.children:
        for seat in [one for one in child.seats if one.is_open][:1]:
            wanted[seat.path, child.id] = (child.number, child.name, {Audience.FAMILY})
    known = {
        str(one.path): one
        for one in designs.organisations().filter(path__in={at for at, _whom in wanted}, closed_on=None)
    }
    return [
        Door(organisation=known[at], subject_id=whom, number=number, name=name, audience=frozenset(map(str, words)))
        for (at, whom), (number, name, words) in wanted.items()
        if at in known
    ]


def startable(paths: Iterable[str]) -> dict[str, list[DefinitionVersion]]:
    """Published processes that count at each of some places: of each key the nearest organisation's, by name."""
    lines = {path: designs.line_of(path) for path in paths}
    rows = DefinitionVersion.objects.filter(
        path__in={one for line in lines.values() for one in line}, state=VersionState.PUBLISHED
    ).select_related("organisation")
    found = sorted(
        rows.defer("bpmn", "graph", "outline", "forms")[:MOST_STARTABLE], key=lambda row: str(row.path).count(".")
    )
    return {
        path: sorted({row.key: row for row in found if str(row.path) in line}.values(), key=lambda row: row.name)
        for path, line in lines.items()
    }


def offers_of(actor: Actor, doors: Sequence[Door]) -> list[Offer]:
    """What the actor may start for himself or a child, by place; only what is meant for such applicants."""
    found = startable({str(one.organisation.path) for one in doors})
    offers = [
        Offer(door=one, versions=tuple(row for row in found[str(one.organisation.path)] if one.fits(row)))
        for one in doors
    ]
    return [one for one in offers if one.versions]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Something that the reader may begin. ``about``: the child whom it would be about, empty for the reader."""

    name: str
    sub: str
    href: str
    about: str = ""
    has_own_page: bool = False


def way_to(door: Door, version: DefinitionVersion) -> Way:
    """A process with the page on which it is begun: its own, or the plain form."""
    own = beginning_of(version.key)
    asked = urlencode({"at": door.organisation.code, "about": door.number})
    return Way(
        name=version.name, sub=version.summary or version.organisation.name, about=door.name, has_own_page=bool(own),
        href=own or f"{reverse('workflow:apply', args=[version.key])}?{asked}",
    )  # fmt: skip


def list_ways(actor: Actor) -> tuple[Way, ...]:
    """Everything that the actor may begin for himself or a child. Five statements."""
    return tuple(way_to(one.door, row) for one in offers_of(actor, doors_of(actor)) for row in one.versions)


def counters_of(actor: Actor, doors: Sequence[Door]) -> list[tuple[Any, tuple[DefinitionVersion, ...]]]:
    """窗口代办: what staff may start for whoever stands at the counter; not what an office asks for itself."""
    places = {
        str(one.organisation.path): one.organisation
        for one in doors if not one.name and actor.holds(rights.CASE_COUNTER, str(one.organisation.path))
    }  # fmt: skip
    found = startable(places) if places else {}
    served = {Audience.COUNTER, Audience.FAMILY, Audience.PUPIL, Audience.STAFF}
    pairs = [
        (place, tuple(row for row in found[path] if not row.audience or not served.isdisjoint(row.audience)))
        for path, place in places.items()
    ]
    return [pair for pair in pairs if pair[1]]


def require_audience(
    version: DefinitionVersion, path: str, starter_id: UUID | None, subject_id: UUID | None, *, is_counter: bool
) -> None:
    """Raises :class:`Forbidden`, naming who may, when the process is not meant for this applicant."""
    wanted = set(version.audience)
    if not wanted or (is_counter and Audience.COUNTER in wanted):
        return
    if starter_id is None or wanted.isdisjoint(_words_of(path, starter_id, subject_id)):
        labels = [label for word, label in Audience.choices if word in wanted]
        raise Forbidden(
            _("“%(name)s”只受理：%(who)s。") % {"name": version.name, "who": listed(labels)}, code="audience"
        )


def _words_of(path: str, starter_id: UUID, subject_id: UUID | None) -> set[str]:
    """As what somebody applies: for himself or for a child; STAFF and OFFICE at the place or below."""
    own = registry.belonging_of(starter_id)
    found: set[str] = set()
    if any(post.path == path for post in own.posts):
        found.add(Audience.OFFICE)
    if subject_id is None or subject_id in own.ids:
        if any(one.is_open and covers(path, one.path) for one in own.work):
            found.add(Audience.STAFF)
        if any(one.is_open for one in own.seats):
            found.add(Audience.PUPIL)
    if any(subject_id in child.ids for child in own.children):
        found.add(Audience.FAMILY)
    return found
