"""Cases and their steps under the case's lock: the case's row first, called cases after those that call them."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.errors import Conflict, Forbidden
from lingqu.kernel.statements import Asked, Batch

from ..models import Case, CaseData, Task
from ..selectors import recusal
from ..selectors.recusal import Near
from ..types.words import CaseState, TaskState
from . import writing

TASK_COLUMNS = (
    "id", "case_id", "token", "node", "name", "kind", "addresses", "holder_id", "asked_by_id", "state", "actor_name",
    "opened_at", "due_at", "yellow_at",
)  # fmt: skip
CASE_COLUMNS = (
    "version_id", "number", "title", "organisation_id", "path", "starter_id", "starter_name", "subject_id", "state", "was",
    "reason", "decision", "engine", "revision", "saved", "started_at", "due_at", "yellow_at", "paused_at", "ended_at",
    "archived_at",
)  # fmt: skip
"""As ``writing.READ_SQL`` gives them."""


def lock_case(case_id: UUID) -> Case:
    """The case with its data, locked; those that called it first. :class:`Forbidden` when there is none."""
    parent = Case.objects.filter(id=case_id).values_list("parent_id", flat=True).first()
    if parent is not None:
        lock_case(parent)
    found = Case.objects.select_for_update(of=("self",)).select_related("data").filter(id=case_id).first()
    if found is None:
        raise Forbidden()
    return found


class Locked(NamedTuple):
    """A task with its case, both as they are under the case's lock."""

    case: Case
    task: Task
    posts: Asked | None = None
    """What the actor holds; None: not asked."""
    has_open_opinions: bool = False
    near: Near | None = None
    """Whom the case concerns; None: not asked."""


def lock_task(task_id: UUID, person_id: UUID | None = None) -> Locked:
    """A task with its case and data, locked; :class:`Forbidden` when there is none. One round trip, but for a case that
    another one called."""
    batch = Batch()
    batch.add(writing.GENERIC_SQL, [])
    batch.add(writing.LOCK_SQL, [task_id])
    asked = batch.ask(writing.READ_SQL, [task_id])
    posts = registry.ask_posts(batch, person_id) if person_id is not None else None
    near = recusal.ask_near(batch, task_id, person_id) if person_id is not None else None
    batch.send()
    if asked.rows:
        return _locked(asked.rows[0], posts)._replace(near=recusal.near_of(near) if near else None)
    case_id = Task.objects.filter(id=task_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise Forbidden()
    case = lock_case(case_id)
    opinions = Task.objects.filter(case=case, asked_by=task_id, state=TaskState.OPEN)
    return Locked(case, Task.objects.get(id=task_id), posts, opinions.exists())


def _locked(row: tuple[Any, ...], posts: Asked | None) -> Locked:
    *values, fields, has_open_opinions = row
    made = Case(**dict(zip(CASE_COLUMNS, values[len(TASK_COLUMNS) :], strict=True)), id=values[1])
    made.engine = msgspec.json.decode(made.engine)
    made.data = CaseData(case=made, fields=msgspec.json.decode(fields))
    task = Task(**dict(zip(TASK_COLUMNS, values[: len(TASK_COLUMNS)], strict=True)))
    task.case = made
    for one in (made, task):
        one._state.adding, one._state.db = False, "default"
    return Locked(made, task, posts, has_open_opinions)


def require_live(case: Case) -> None:
    """A case that can be worked on: neither over nor suspended."""
    if case.ended_at is not None:
        raise Conflict(_("办件已经结束，不能再办理。"), code="case_ended")
    if case.state == CaseState.SUSPENDED:
        raise Conflict(_("办件已挂起，恢复后才能办理。"), code="case_suspended")
