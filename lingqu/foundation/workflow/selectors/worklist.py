"""The work list: open steps in the order in which they fall due, by light and process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet, Value, Window
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid
from lingqu.kernel.pages import Page, page_of

from .. import policies
from ..models import Case, Task
from ..types.graph import Outcome, Work
from ..types.views import TaskLine
from ..types.words import CaseState, Light, TaskKind, TaskState
from . import recusal
from .plans import header_of, plan_of
from .tasks import line_of

MOST_CHOSEN = 50
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
LIGHTS = (Light.RED, Light.YELLOW, Light.GREEN, Light.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Filters of the work list; empty means anything."""

    light: str = ""
    key: str = ""
    number: str = ""


def open_tasks(actor: Actor, keys: frozenset[str] | None = None) -> QuerySet[Task]:
    """Open steps that wait for the actor: addressed to one of their keys and not claimed by somebody else. ``due``: when
    they fall due, said so that only the index of addresses serves."""
    wanted = policies.keys_of(actor) if keys is None else keys
    mine = Task.objects.filter(state=TaskState.OPEN, addresses__overlap=sorted(wanted))
    suspended = Case.objects.filter(state=CaseState.SUSPENDED).values("id")
    rows = mine.filter(Q(holder=None) | Q(holder_id=actor.person_id)).exclude(case__in=suspended)
    return rows.annotate(due=Coalesce("due_at", Value(NEVER)))


def list_open(actor: Actor, *, cursor: str = "", limit: int = 50) -> Page[TaskLine]:
    """What waits for the actor."""
    return list_tasks(actor, Wanted(), cursor, limit)


def list_tasks(actor: Actor, wanted: Wanted, cursor: str = "", limit: int = 50) -> Page[TaskLine]:
    """By the moment a step falls due; those without a limit stand last."""
    rows = open_tasks(actor).filter(_of_light(wanted.light))
    if wanted.key:
        rows = rows.filter(case__version__key=wanted.key)
    if wanted.number:
        rows = rows.filter(case__number__icontains=wanted.number)
    page = page_of(rows, order=("due", "id"), cursor=cursor, limit=limit)
    cases = Case.objects.defer("engine").in_bulk({row.case_id for row in page.items})
    for row in page.items:
        row.case = cases[row.case_id]
    return page.showing(_line(actor, row) for row in page.items)


def _line(actor: Actor, task: Task) -> TaskLine:
    """With a mark on a step of an own case that somebody else has to decide."""
    case, plan = task.case, plan_of(task.case.version_id)
    is_own = actor.person_id in (case.starter_id, case.subject_id) and task.kind != TaskKind.CORRECTION
    return replace(line_of(task), is_recused=is_own and recusal.applies(plan.graph, plan.nodes[task.node]))


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """A step on a start page."""

    id: UUID
    name: str
    due_at: datetime | None
    number: str
    title: str
    starter: str


def first_tasks(actor: Actor, keys: frozenset[str], limit: int) -> tuple[tuple[First, ...], int]:
    """The steps at these keys that fall due first, and how many wait. One statement; cases are read for what is shown."""
    rows: Any = open_tasks(actor, keys).annotate(total=Window(Count("id"))).order_by("due", "id")
    inner, values = rows.values_list("id", "name", "due_at", "case_id", "total")[:limit].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT t.id, t.name, t.due_at, c.number, c.title, c.starter_name, t.total
            FROM ({inner}) t(id, name, due_at, case_id, total) JOIN workflow_case c ON c.id = t.case_id
            ORDER BY t.due_at NULLS LAST, t.id""",  # noqa: S608
            values,
        )
        found = cursor.fetchall()
    made = tuple(
        First(id=row[0], name=row[1], due_at=row[2], number=row[3], title=row[4], starter=row[5]) for row in found
    )
    return made, found[0][6] if found else 0


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
        return Q(due__lte=now)
    if light == Light.YELLOW:
        return Q(due__gt=now, yellow_at__lte=now)
    if light == Light.GREEN:
        return Q(due__gt=now, due__lt=NEVER) & (Q(yellow_at=None) | Q(yellow_at__gt=now))
    return Q(due=NEVER) if light == Light.NONE else Q()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Open steps of one process and node, and what may be done with all of them."""

    lines: tuple[TaskLine, ...]
    name: str
    outcomes: tuple[Outcome, ...]
    may_return: bool
    may_hand_on: bool
    asks: tuple[str, ...] = ()
    """Fields or a scan that each case needs: with these nothing is decided in bulk."""


def choose(actor: Actor, ids: Sequence[UUID]) -> Chosen:
    """Steps that were ticked. Raises :class:`Invalid` when nothing is ticked, when they are too many or not alike, and when
    one is not an open step of the actor's."""
    if not 0 < len(ids) <= MOST_CHOSEN:
        raise Invalid(_("请勾选 1 到 %(n)d 件。") % {"n": MOST_CHOSEN}, code="none_chosen")
    rows = list(
        open_tasks(actor).filter(id__in=list(ids)).select_related("case").defer("case__engine").order_by("due_at", "id")
    )
    if len(rows) < len(set(ids)):
        raise Conflict(_("勾选的件里有的已经办过，或不由您办，请刷新后再勾选。"), code="moved_on")
    kinds = {(header_of(row.case.version_id)[0], row.node, row.kind) for row in rows}
    if len(kinds) > 1:
        raise Invalid(_("只能批量办理同一流程、同一环节的件，请分开勾选。"), code="not_alike")
    works = [plan_of(row.case.version_id).nodes[row.node].work or Work() for row in rows]
    offered = [one for one in works[0].outcomes if all(one in work.outcomes for work in works)]
    is_step = rows[0].kind == TaskKind.STEP
    asks = [_("填写内容")] * any(work.writes for work in works) + [_("盖章扫描件")] * any(
        work.needs_scan for work in works
    )
    return Chosen(
        lines=tuple(_line(actor, row) for row in rows), name=rows[0].name, outcomes=tuple(offered) if is_step else (),
        may_return=is_step and all(work.may_return for work in works),
        may_hand_on=rows[0].kind != TaskKind.CORRECTION and all(work.may_hand_on for work in works),
        asks=tuple(asks) if is_step else (),
    )  # fmt: skip


def case_of_task(task_id: UUID) -> UUID | None:
    return Task.objects.filter(id=task_id).values_list("case_id", flat=True).first()


def own_done(actor: Actor, case_id: UUID) -> list[tuple[UUID, str]]:
    """(id, name) of steps of a case that the actor did last and may take back, as long as nobody has gone on."""
    if actor.person_id is None:
        return []
    ids = registry.ids_of(actor.person_id)
    rows = Task.objects.filter(case=case_id, state=TaskState.DONE, kind=TaskKind.STEP, actor_id__in=ids).order_by("-id")
    return [(row.id, row.name) for row in rows[:1] if policies.holds(actor, row.addresses)]
