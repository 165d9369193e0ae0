"""How a collection stands: states, parts of the area, who is missing with whom to call, what was tried."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, covers
from lingqu.kernel.errors import Forbidden

from .. import policies, register
from ..models import Answer, Collection, Part, Step
from ..types.words import COUNTED, MISSING, REMINDING, REPORTED, AnswerState, CollectionState, StepKind

PAGE = 20
PARTS_SQL = """SELECT subpath(path, 0, least(nlevel(path), %(depth)s))::text, state, count(*),
  count(*) FILTER (WHERE reported_at > %(lately)s) FROM collection_answer
WHERE collection_id = %(collection)s AND state <> 'excused' AND path <@ ANY(%(reach)s::text[]::ltree[]) GROUP BY 1, 2"""
CURVE_SQL = """SELECT width_bucket(extract(epoch FROM reported_at), %(start)s, %(end)s, 24), count(*)
FROM collection_answer WHERE collection_id = %(collection)s AND state IN ('signed', 'accepted')
  AND path <@ ANY(%(reach)s::text[]::ltree[]) GROUP BY 1 ORDER BY 1"""
LATELY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLine:
    """A county, or a school right below the collecting office."""

    name: str
    code: str
    office_id: UUID | None
    phone: str
    states: dict[str, int]
    handed_at: datetime | None = None
    may_hand: bool = False

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def reported(self) -> int:
        return sum(self.states.get(state, 0) for state in REPORTED)

    @property
    def missing(self) -> int:
        return self.total - self.reported

    @property
    def share(self) -> str:
        return f"{self.reported * 100 / self.total:.1f}%" if self.total else "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    states: dict[str, int]
    parts: tuple[PartLine, ...]
    lately: int
    curve: tuple[tuple[float, float], ...] = ()

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def reported(self) -> int:
        return sum(self.states[state] for state in REPORTED)

    @property
    def missing(self) -> int:
        return self.total - self.reported

    @property
    def share(self) -> str:
        return f"{self.reported * 100 / self.total:.1f}%" if self.total else "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One school on the board. ``times``: how often it was reminded or called."""

    answer: Answer
    name: str
    calls: tuple[registry.Call, ...]
    times: int = 0
    last_step: Step | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """``state``: one state, ``missing`` or ``reported``; ``part``: a subtree; ``page`` from 0."""

    state: str = "missing"
    part: str = ""
    page: int = 0


def within(rows: QuerySet[Answer], reach: tuple[str, ...]) -> QuerySet[Answer]:
    wanted = Q()
    for path in reach:
        wanted |= Q(path__within=path)
    return rows.filter(wanted) if reach else rows.none()


def get_seen(actor: Actor, collection_id: UUID) -> tuple[Collection, tuple[str, ...]]:
    """A published collection and how far the actor sees it; a draft only for whoever manages it."""
    found = Collection.objects.select_related("organisation").defer("layout", "marks").filter(id=collection_id).first()
    if found is None:
        raise Forbidden()
    if found.state == CollectionState.DRAFT:
        policies.require_manage(actor, found)
    return found, policies.require_reach(actor, found)


def get_board(actor: Actor, collection: Collection, reach: tuple[str, ...]) -> Board:
    """States and parts in one statement, names in another, hand-ups in a third."""
    depth = len(str(collection.path).split(".")) + 1
    values: dict[str, Any] = {
        "collection": collection.id, "reach": list(reach), "depth": depth, "lately": clock.now() - LATELY,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(PARTS_SQL, values)
        rows = cursor.fetchall()
    states = {str(state): 0 for state in COUNTED}
    by_part: dict[str, dict[str, int]] = defaultdict(dict)
    for path, state, count, _lately in rows:
        states[state] += count
        by_part[path][state] = by_part[path].get(state, 0) + count
    handed = {str(one.path): one for one in Part.objects.filter(collection=collection)}
    places = {str(one.path): one for one in register.organisations().filter(path__in=list(by_part))}
    checks = policies.reach_of(actor, collection, "collection.manage")
    lines = [
        _part(path, found, places.get(path), handed.get(path), any(covers(one, path) for one in checks))
        for path, found in by_part.items()
    ]
    return Board(
        states=states, parts=tuple(sorted(lines, key=lambda one: (-one.missing, one.name))),
        lately=sum(row[3] for row in rows),
    )  # fmt: skip


def _part(path: str, states: dict[str, int], place: Any, handed: Part | None, checks: bool) -> PartLine:
    is_office = place is not None and place.kind not in register.NO_OFFICE
    done = not any(states.get(state) for state in (*MISSING, AnswerState.SIGNED))
    return PartLine(
        name=place.name if place else "—", code=(place.code or "") if place else "",
        office_id=place.id if is_office else None, phone=place.phone if place else "", states=states,
        handed_at=handed.handed_at if handed else None, may_hand=bool(is_office and done and checks and handed is None),
    )  # fmt: skip


def get_curve(collection: Collection, reach: tuple[str, ...], until: datetime) -> tuple[tuple[int, int], ...]:
    """(24th part of the time from publishing to ``until``, reports in it); one statement."""
    if collection.published_at is None or until <= collection.published_at:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(
            CURVE_SQL,
            {
                "collection": collection.id, "reach": list(reach), "start": collection.published_at.timestamp(),
                "end": until.timestamp(),
            },
        )  # fmt: skip
        return tuple((int(at), int(count)) for at, count in cursor.fetchall())


def list_lines(
    collection: Collection, reach: tuple[str, ...], wanted: Wanted, *, limit: int = PAGE
) -> tuple[Line, ...]:
    """A page of schools with phones and what was tried; five statements at most."""
    rows = within(Answer.objects.filter(collection=collection), reach)
    states = {"missing": MISSING, "reported": REPORTED}.get(wanted.state, (wanted.state,))
    rows = rows.filter(state__in=states)
    if wanted.part:
        rows = rows.filter(path__within=wanted.part)
    start = wanted.page * limit
    found = list(rows.select_related("school").order_by("path")[start : start + limit])
    calls = registry.post_calls([one.post_id for one in found if one.post_id])
    tried: dict[UUID, list[Step]] = defaultdict(list)
    kinds = (*REMINDING, StepKind.CALLED)
    for step in Step.objects.filter(answer__in=found, kind__in=kinds).order_by("-id")[: limit * 20]:
        if step.answer_id is not None:
            tried[step.answer_id].append(step)
    lost = [one.school_id for one in found if not one.post_id]
    keepers = registry.list_keepers(lost) if lost else {}
    return tuple(
        Line(
            answer=one, name=one.school.name, times=len(tried[one.id]), last_step=next(iter(tried[one.id]), None),
            calls=calls.get(one.post_id, ()) if one.post_id else (
                registry.Call(name=keepers.get(one.school_id, ""), role="", phone=one.school.phone),
            ),
        )
        for one in found
    )  # fmt: skip


def part_path(collection: Collection, reach: tuple[str, ...], code: str) -> str:
    """The path of a part chosen on the page; :class:`Forbidden` outside the actor's reach."""
    if not code:
        return ""
    place = registry.find_organisation(code)
    if place is None or not any(covers(one, str(place.path)) for one in reach):
        raise Forbidden()
    return str(place.path)


def list_steps(collection: Collection, limit: int = 12) -> list[Step]:
    return list(Step.objects.filter(collection=collection, answer=None).order_by("-id")[:limit])
