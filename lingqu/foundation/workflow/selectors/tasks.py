"""Lists of steps: what waits for somebody, what somebody did."""

from __future__ import annotations

from uuid import UUID

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.pages import Page, page_of

from ..models import Task
from ..types.views import TaskLine
from .clocks import light


def line_of(task: Task) -> TaskLine:
    case = task.case
    return TaskLine(
        id=task.id, case_id=case.id, number=case.number, title=case.title, name=task.name, kind=task.kind,
        starter=case.starter_name, opened_at=task.opened_at, due_at=task.due_at,
        light=light(task.due_at, task.yellow_at, task.ended_at or case.paused_at or clock.now()),
        is_claimed=task.holder_id is not None, decision=task.decision, ended_at=task.ended_at, node=task.node,
        actor=task.actor_name,
    )  # fmt: skip


def list_done(actor: Actor, *, cursor: str = "", limit: int = 50) -> Page[TaskLine]:
    """What the actor did, the latest first."""
    ids: tuple[UUID, ...] = registry.ids_of(actor.person_id) if actor.person_id else ()
    rows = Task.objects.filter(actor_id__in=ids).select_related("case").defer("case__engine")
    page = page_of(rows, order=("-id",), cursor=cursor, limit=limit)
    return page.showing(line_of(row) for row in page.items)
