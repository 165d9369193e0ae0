"""Tasks on desks: to-dos of the inbox come and go with them, and deadlines move when the clock stood."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from lingqu.foundation.inbox import api as inbox
from lingqu.kernel.statements import Batch

from ..engine.plan import Plan
from ..models import Case, Task, Timer
from ..selectors import clocks
from ..selectors.plans import plan_of
from ..types.words import TaskKind, TaskState

MODULE = "workflow"
TASK_URL = "/workflow/tasks/%s"


def put(case: Case, tasks: Sequence[Task], batch: Batch | None = None) -> None:
    """To-dos of new tasks, or of tasks whose desk changed."""
    inbox.put_todos([
        inbox.NewTodo(
            module=MODULE, key=key_of(task.id, address), address=address, title=f"{case.title} · {task.name}",
            url=TASK_URL % task.id, due_at=task.due_at,
        )
        for task in tasks for address in task.addresses
    ], batch=batch)  # fmt: skip


def key_of(task_id: UUID, address: str) -> str:
    return f"{task_id}/{address}"


def keys_of(tasks: Iterable[Task]) -> list[str]:
    return [key_of(task.id, address) for task in tasks for address in task.addresses]


def finish(task: Task, batch: Batch) -> None:
    """The to-dos of a task that was done."""
    known = {key_of(task.id, one): one for one in task.addresses}
    if known:
        inbox.finish_todos(batch, module=MODULE, desks=known)


def withdraw(case: Case, tokens: Sequence[int], now: datetime) -> None:
    """Open tasks of tokens that are gone."""
    rows = list(Task.objects.filter(case=case, token__in=tokens, state=TaskState.OPEN))
    if rows:
        Task.objects.filter(id__in=[row.id for row in rows]).update(state=TaskState.WITHDRAWN, ended_at=now)
        inbox.withdraw_todos(module=MODULE, keys=keys_of(rows))


def readdress(case: Case, task: Task, addresses: Sequence[str]) -> None:
    """A task goes to other desks."""
    gone = [key_of(task.id, address) for address in task.addresses if address not in addresses]
    task.addresses, task.holder = list(dict.fromkeys(addresses)), None
    task.save(update_fields=["addresses", "holder"])
    if gone:
        inbox.withdraw_todos(module=MODULE, keys=gone)
    put(case, [task])


def shift(case: Case, paused: datetime, resumed: datetime) -> None:
    """Deadlines of open tasks and moments of timers after the clock stood still."""
    plan = plan_of(case.version_id)
    path = str(case.path)
    for task in Task.objects.filter(case=case, state=TaskState.OPEN, kind=TaskKind.STEP, due_at__isnull=False):
        if task.opened_at < resumed:
            work = is_working(plan, task.node)
            task.due_at = clocks.moved(path, task.due_at, paused, resumed, is_working=work)
            task.yellow_at = clocks.moved(path, task.yellow_at, paused, resumed, is_working=work)
            task.save(update_fields=["due_at", "yellow_at"])
    stood: Any = resumed - paused
    Timer.objects.filter(case=case).update(due_at=F("due_at") + stood)


def is_working(plan: Plan, node: str) -> bool:
    found = plan.nodes.get(node)
    return found is None or found.work is None or found.work.is_working
