"""The record of one person over all applications, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from lingqu.kernel.language import is_english

from ..models import Actor, Term
from ..types.formats import moment_of
from ..types.marks import AGENT, VERB, mark_of, moment_at, seq_at
from .keys import term_key
from .restoring import restored
from .shaping import shaped
from .statements import Row, Wanted, list_page

PAGE, MOST_TENANTS, MOST_EXPORTED = 50, 40, 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One set of records in which the person stands, with the ids of its actors there."""

    tenant: int
    name: str
    actors: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A statement in words, with the time that it tells. ``score`` is between 0 and 1; what the statement leaves out is empty."""

    at: datetime
    source: str
    verb: str
    thing: str
    success: bool | None
    completion: bool | None
    score: float | None
    duration: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the reader chose; empty fields choose nothing."""

    tenant: int = 0
    verb: str = ""
    begin: datetime | None = None
    end: datetime | None = None


def list_sources(person_ids: Sequence[UUID]) -> tuple[Source, ...]:
    rows = (
        Actor.objects.filter(person_id__in=person_ids)
        .order_by("tenant_id", "id")
        .values_list("tenant_id", "id", "tenant__application__name", "tenant__organisation__name", "tenant__name")
    )
    found: dict[int, tuple[str, list[int]]] = {}
    for tenant, actor, app, organisation, name in rows[:500]:
        found.setdefault(tenant, (app or organisation or name or _("平台"), []))[1].append(actor)
    return tuple(
        Source(tenant=tenant, name=name, actors=tuple(actors))
        for tenant, (name, actors) in list(found.items())[:MOST_TENANTS]
    )


def list_own(
    sources: Sequence[Source], asked: Asked, *, before: int = 1 << 62, limit: int = PAGE
) -> tuple[list[tuple[int, Row]], int | None]:
    """Rows with their tenant, and the number below which the next page begins."""
    found: list[tuple[int, Row]] = []
    for source in sources:
        if asked.tenant in (0, source.tenant) and (wanted := _wanted(source, asked, before, limit)) is not None:
            rows, _more = list_page(source.tenant, wanted)
            found += [(source.tenant, row) for row in rows]
    found.sort(key=lambda pair: -pair[1].seq)
    page = found[:limit]
    return page, (page[-1][1].seq if len(found) > limit or len(page) == limit else None)


def list_verbs(sources: Sequence[Source]) -> tuple[tuple[str, str], ...]:
    """Verbs of these sets of records with their names, for choosing."""
    rows = Term.objects.filter(tenant_id__in=[one.tenant for one in sources], kind=Term.VERB).order_by("iri")
    found: dict[str, str] = {}
    for iri, body in rows.values_list("iri", "body")[:200]:
        found.setdefault(iri, _word(_read(body), iri))
    return tuple(sorted(found.items(), key=lambda pair: pair[1]))


def lines_of(page: Sequence[tuple[int, Row]], sources: Sequence[Source]) -> list[Line]:
    names = {one.tenant: one.name for one in sources}
    bodies = restored([row.body for _tenant, row in page])
    known = _known_names([(tenant, body) for (tenant, _row), body in zip(page, bodies, strict=True)])
    return [
        _line(row, body, names.get(tenant, ""), known.get((tenant, str(body["object"].get("id", ""))), {}))
        for (tenant, row), body in zip(page, bodies, strict=True)
    ]


def _known_names(told: Sequence[tuple[int, dict[str, Any]]]) -> dict[tuple[int, str], dict[str, Any]]:
    """Names of activities that statements give no name themselves, as others said them. One statement."""
    nameless = {
        (tenant, str(body["object"]["id"]))
        for tenant, body in told
        if "id" in body["object"] and not (body["object"].get("definition") or {}).get("name")
    }
    rows = Term.objects.filter(
        tenant_id__in={tenant for tenant, _iri in nameless}, kind=Term.ACTIVITY,
        iri_key__in={term_key(iri) for _tenant, iri in nameless},
    ).values_list("tenant_id", "iri", "body")  # fmt: skip
    return {(tenant, iri): _read(body).get("name", {}) for tenant, iri, body in (rows if nameless else ())}


def statements_of(page: Sequence[tuple[int, Row]]) -> list[dict[str, Any]]:
    """Whole statements, as they are taken along."""
    return [shaped(tenant, [row], "exact", ())[0] for tenant, row in page]


def _wanted(source: Source, asked: Asked, before: int, limit: int) -> Wanted | None:
    choices = [[mark_of(actor, AGENT) for actor in source.actors]]
    if asked.verb:
        rows = Term.objects.filter(tenant_id=source.tenant, kind=Term.VERB, iri_key=term_key(asked.verb))
        verb = rows.values_list("id", flat=True).first()
        if verb is None:
            return None
        choices.append([mark_of(verb, VERB)])
    begin = seq_at(asked.begin) if asked.begin else 0
    end = min(before, seq_at(asked.end) if asked.end else before)
    return Wanted(choices=choices, begin=begin, end=end, limit=limit) if begin < end else None


def _line(row: Row, body: dict[str, Any], source: str, known: dict[str, Any]) -> Line:
    result = body.get("result") or {}
    target = body["object"]
    thing = (target.get("definition") or {}).get("name") or known
    return Line(
        at=_told_time(body, row), source=source, verb=_word(body["verb"].get("display") or {}, body["verb"]["id"]),
        thing=_word(thing, str(target.get("id", ""))), success=result.get("success"),
        completion=result.get("completion"), score=(result.get("score") or {}).get("scaled"),
        duration=str(result.get("duration", "")),
    )  # fmt: skip


def _told_time(body: dict[str, Any], row: Row) -> datetime:
    """When it happened, as the statement says; when it came, where that is nothing a calendar shows."""
    told = moment_of(str(body.get("timestamp", "")), needs_offset=False)
    return told if told is not None and 1970 < told.year < 2200 else moment_at(row.seq)


def _word(texts: dict[str, Any], iri: str) -> str:
    """The text in the reader's language, else any, else the end of the name."""
    wanted = "en" if is_english() else "zh"
    fitting = [text for tag, text in texts.items() if tag.lower().split("-")[0] == wanted]
    return str((fitting or list(texts.values()) or [iri.rstrip("/").rpartition("/")[2].rpartition(":")[2]])[0])


def _read(body: str | None) -> dict[str, Any]:
    return msgspec.json.decode(body) if body else {}
