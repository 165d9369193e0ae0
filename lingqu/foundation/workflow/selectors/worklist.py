"""The work list: open steps in the order in which they fall due, by light and process; and what somebody may start."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Value, Window
from django.db.models.functions import Coalesce

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.pages import Page, page_of

from .. import policies
from ..models import DefinitionVersion, Task
from ..types.views import TaskLine
from ..types.words import CaseState, Light, TaskKind, TaskState, VersionState
from . import designs
from .tasks import line_of

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
LIGHTS = (Light.RED, Light.YELLOW, Light.GREEN, Light.NONE)
MOST_STARTABLE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Filters of the work list; empty means anything."""

    light: str = ""
    key: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where the actor may start something, and whom it would be about (``name`` empty: the actor)."""

    organisation: Any
    subject_id: UUID
    number: str
    name: str = ""


def open_tasks(actor: Actor, keys: frozenset[str] | None = None) -> QuerySet[Task]:
    """Open steps that wait for the actor: addressed to one of their keys and not claimed by somebody else."""
    wanted = policies.keys_of(actor) if keys is None else keys
    mine = Task.objects.filter(state=TaskState.OPEN, addresses__overlap=sorted(wanted))
    return mine.filter(Q(holder=None) | Q(holder_id=actor.person_id)).exclude(case__state=CaseState.SUSPENDED)


def list_tasks(actor: Actor, wanted: Wanted, cursor: str = "") -> Page[TaskLine]:
    """By the moment a step falls due; those without a limit stand last."""
    rows = open_tasks(actor).filter(_of_light(wanted.light))
    if wanted.key:
        rows = rows.filter(case__version__key=wanted.key)
    if wanted.number:
        rows = rows.filter(case__number__icontains=wanted.number)
    rows = rows.select_related("case").defer("case__engine").annotate(due=Coalesce("due_at", Value(NEVER)))
    page = page_of(rows, order=("due", "id"), cursor=cursor)
    return page.showing(line_of(row) for row in page.items)


def first_tasks(actor: Actor, keys: frozenset[str], limit: int) -> tuple[list[TaskLine], int]:
    """The steps at these keys that fall due first, and how many wait; one statement."""
    rows = open_tasks(actor, keys).select_related("case").defer("case__engine")
    rows = rows.annotate(due=Coalesce("due_at", Value(NEVER)), total=Window(Count("id"))).order_by("due", "id")[:limit]
    found = list(rows)
    return [line_of(row) for row in found], found[0].total if found else 0


def count_tasks(actor: Actor) -> dict[str, int]:
    """Open steps of the actor by light, and all of them under the empty light; one statement."""
    counted = {light.value: Count("id", filter=_of_light(light)) for light in LIGHTS}
    found = open_tasks(actor).aggregate(total=Count("id"), **counted)
    return {"": found.pop("total"), **found}


def keys_of_tasks(actor: Actor) -> list[tuple[str, str]]:
    """(key, name) of the processes of which something waits."""
    rows = open_tasks(actor).values_list("case__version__key", "case__version__name").distinct()[:100]
    return sorted(dict(rows).items(), key=lambda pair: pair[1])


def _of_light(light: str) -> Q:
    now = clock.now()
    if light == Light.RED:
        return Q(due_at__lte=now)
    if light == Light.YELLOW:
        return Q(due_at__gt=now, yellow_at__lte=now)
    if light == Light.GREEN:
        return Q(due_at__gt=now) & (Q(yellow_at=None) | Q(yellow_at__gt=now))
    return Q(due_at=None) if light == Light.NONE else Q()


def startable(paths: Iterable[str]) -> list[DefinitionVersion]:
    """Published processes that may be started at some places: of each key the nearest organisation's, by name."""
    line = {one for path in paths for one in designs.line_of(path)}
    rows = DefinitionVersion.objects.filter(path__in=line, state=VersionState.PUBLISHED).select_related("organisation")
    found = rows.defer("bpmn", "graph", "outline", "forms")[:MOST_STARTABLE]
    nearest = {row.key: row for row in sorted(found, key=lambda row: str(row.path).count("."))}
    return sorted(nearest.values(), key=lambda row: row.name)


def doors_of(actor: Actor) -> list[Door]:
    """Where the actor works or sits, and where the children sit whom the actor guards."""
    if actor.person_id is None:
        return []
    facts = registry.relations_of(actor.person_id)
    wanted = {(one.organisation_id, actor.person_id): ("", "") for one in (*facts.appointments, *facts.enrolments)}
    for ward in facts.wards:
        if not ward.is_proxy:
            for seat in registry.relations_of(ward.person_id).enrolments[:1]:
                wanted[seat.organisation_id, ward.person_id] = (ward.number, ward.name)
    known = {one.id: one for one in designs.organisations().filter(id__in={at for at, _whom in wanted}, closed_on=None)}
    return [
        Door(organisation=known[at], subject_id=whom, number=number, name=name)
        for (at, whom), (number, name) in wanted.items()
        if at in known
    ]


def case_of_task(task_id: UUID) -> UUID | None:
    return Task.objects.filter(id=task_id).values_list("case_id", flat=True).first()


def own_done(actor: Actor, case_id: UUID) -> list[tuple[UUID, str]]:
    """(id, name) of steps of a case that the actor did last and may take back, as long as nobody has gone on."""
    if actor.person_id is None:
        return []
    ids = registry.ids_of(actor.person_id)
    rows = Task.objects.filter(case=case_id, state=TaskState.DONE, kind=TaskKind.STEP, actor_id__in=ids).order_by("-id")
    return list(rows.values_list("id", "name")[:1])
