"""What people do with the steps of cases. Each is one transaction under the case's lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies
from ..engine import state as told
from ..models import Case, CaseFile, Task
from ..selectors import clocks, recusal
from ..selectors.grants import start_fields
from ..types.graph import DONE, Outcome, Work
from ..types.words import Act, FileKind, TaskKind, TaskState
from . import desks, filing, writing
from .fields import accepted
from .locking import Locked, lock_case, lock_task, require_live
from .moving import Moving

MOST_COMMENT = 2000


def open_task(actor: Actor, task_id: UUID, *, any_actor: bool = False) -> Locked:
    """The case, locked, and one of its open tasks, which the actor may act on. One of two who act at once comes second and
    is told so: :class:`Conflict`."""
    held = lock_task(task_id, None if any_actor else actor.person_id)
    case, task = held.case, held.task
    if not any_actor:
        if not policies.holds(actor, task.addresses, held.posts):
            raise Forbidden()
        recusal.require_decider(actor, case, task, held.near)
    if task.state == TaskState.DONE:
        raise Conflict(_("这一步已由 %(name)s 办理。") % {"name": task.actor_name}, code="already_done")
    require_live(case)
    if task.state != TaskState.OPEN:
        raise Conflict(_("这一步已经撤销，不用再办。"), code="task_withdrawn")
    if not any_actor and not actor.is_system and policies.is_taken(actor, task):
        raise Conflict(_("这一步已由别人认领。"), code="claimed")
    return held


def record(moving: Moving, action: str, **data: Any) -> None:
    """Written with the rows of the step."""
    case = moving.case
    audit.record(
        moving.actor, f"workflow.{action}", subject_kind="workflow.case", subject_id=case.id, path=str(case.path), data=data,
        batch=moving.batch,
    )  # fmt: skip


@transaction.atomic
def claim(*, actor: Actor, task_id: UUID) -> None:
    """Take a step that several could do. Repeating changes nothing."""
    case, task, *_held = open_task(actor, task_id)
    if actor.person_id is None:
        raise Forbidden()
    if task.holder_id == actor.person_id:
        return
    Task.objects.filter(id=task.id).update(holder_id=actor.person_id)
    moving = Moving(actor, case)
    moving.note(Act.CLAIMED, node=task.node, task=task.id)
    record(moving, "task.claimed", task=str(task.id))
    moving.finish()


@transaction.atomic
def complete(
    *, actor: Actor, task_id: UUID, decision: str = "", fields: Mapping[str, Any] | None = None, comment: str = "",
    uploads: Sequence[tuple[str, Any]] = (), revision: int | None = None,
) -> Case:  # fmt: skip
    """Do a step: a decision it offers, its part of the form, a comment, files. The case goes on.

    ``revision``: of the case as the actor saw it; an older one is refused. A correction hands in the start form again; a
    countersignature is an opinion and moves nothing.
    """
    held = open_task(actor, task_id)
    case, task = held.case, held.task
    if revision is not None and revision != case.revision:
        raise Conflict(_("办件在您打开之后有了变化，请刷新后再办。"), code="stale")
    moving = Moving(actor, case, near=held.near)
    work = moving.plan.nodes[task.node].work or Work()
    if task.kind == TaskKind.CORRECTION:
        allowed, offered, needs_scan = start_fields(case.version_id), DONE, False
    elif task.kind == TaskKind.COUNTERSIGN:
        allowed, offered, needs_scan = frozenset(), work.outcomes, False
    else:
        allowed, offered, needs_scan = frozenset(work.writes), work.outcomes, work.needs_scan
        if held.has_open_opinions:
            raise Conflict(_("加签的意见还没有全部返回。"), code="countersign_open")
    outcome = _chosen(decision, offered)
    comment = _comment(comment, outcome)
    moving.set_fields(accepted(fields or {}, allowed))
    _keep_files(actor, case, task, uploads, needs_scan=needs_scan)
    _close(moving, task, outcome.code, comment)
    if task.kind == TaskKind.CORRECTION:
        moving.note(Act.CORRECTED, node=task.node, task=task.id, comment=comment)
        moving.tell(told.Corrected(task.token))
    else:
        moving.note(
            Act.COMPLETED, node=task.node, task=task.id, decision=outcome.code, comment=comment, data={"kind": task.kind}
        )  # fmt: skip
        if task.kind == TaskKind.STEP:
            moving.tell(told.Done(task.token, outcome.code))
    record(moving, "task.completed", task=str(task.id), decision=outcome.code)
    moving.finish()
    return case


def _chosen(decision: str, offered: Sequence[Outcome]) -> Outcome:
    if not decision and len(offered) == 1:
        return offered[0]
    found = next((one for one in offered if one.code == decision), None)
    if found is None:
        raise Invalid(_("请选择办理意见。"), code="no_decision", details={"decision": _("请选择办理意见。")})
    return found


def _comment(comment: str, outcome: Outcome | None = None, *, is_needed: bool = False) -> str:
    text = comment.strip()
    if len(text) > MOST_COMMENT:
        raise Invalid(
            _("意见最多 %(n)d 字。") % {"n": MOST_COMMENT}, code="long_comment",
            details={"comment": _("意见最多 %(n)d 字。") % {"n": MOST_COMMENT}},
        )  # fmt: skip
    if not text and (is_needed or (outcome is not None and outcome.needs_comment)):
        raise Invalid(_("请写明理由。"), code="no_comment", details={"comment": _("请写明理由。")})
    return text


def _keep_files(actor: Actor, case: Case, task: Task, uploads: Sequence[tuple[str, Any]], *, needs_scan: bool) -> None:
    for field, uploaded in uploads:
        kind = FileKind.MATERIAL if field else FileKind.SCAN
        filing.keep(actor, case, uploaded, kind=kind, task=task, field=field)
    if needs_scan and not CaseFile.objects.filter(task=task, kind=FileKind.SCAN).exists():
        raise Invalid(_("请上传盖章后的扫描件。"), code="no_scan", details={"scan": _("请上传盖章后的扫描件。")})


def _close(moving: Moving, task: Task, decision: str, comment: str) -> None:
    """The task is done: it was open under the lock, so exactly one caller gets this far."""
    used = clocks.days_used(str(moving.case.path), task.opened_at, moving.now)
    moving.batch.add(writing.CLOSE_SQL, [
        decision, comment, moving.actor.person_id, moving.actor.name, moving.now, used, task.id,
    ])  # fmt: skip
    if task.kind == TaskKind.STEP:
        moving.answered = task.token
    desks.finish(task, moving.batch)


@transaction.atomic
def return_back(*, actor: Actor, task_id: UUID, target: str = "", comment: str) -> Case:
    """退回: to an earlier step of people, or, without ``target``, to the applicant, who corrects and hands in again while
    the clock stands. A reason is needed."""
    case, task, *_held = open_task(actor, task_id)
    moving = Moving(actor, case)
    work = moving.plan.nodes[task.node].work
    if task.kind != TaskKind.STEP or (work is not None and not work.may_return):
        raise Conflict(_("这一步不能退回。"), code="no_return")
    reason = _comment(comment, is_needed=True)
    act = Act.RETURNED if target else Act.ASKED
    moving.note(act, node=task.node, task=task.id, comment=reason, data={"target": target})
    moving.tell(told.Return(task.token, target))
    record(moving, "task.returned", task=str(task.id), target=target)
    moving.finish()
    return case


@transaction.atomic
def take_back(*, actor: Actor, task_id: UUID) -> Case:
    """撤回: whoever did a step, and would still be asked for it, takes it back, as long as nobody has done or claimed a later
    one."""
    task = Task.objects.filter(id=task_id, state=TaskState.DONE, kind=TaskKind.STEP).first()
    if task is None or (task.actor_id != actor.person_id and not actor.is_system) or actor.person_id is None:
        raise Forbidden()
    policies.require_held(actor, task)
    case = lock_case(task.case_id)
    require_live(case)
    later = Task.objects.filter(case=case, opened_at__gte=task.ended_at)
    if later.exclude(state=TaskState.OPEN).exists() or later.filter(holder__isnull=False).exists():
        raise Conflict(_("后面的环节已经在办，不能撤回。"), code="too_late")
    moving = Moving(actor, case)
    behind = [
        token
        for token in moving.state.tokens
        if token.node != task.node and task.node in moving.plan.returns(token.node)
    ]
    if not behind or not later.exists():
        raise Conflict(_("办件已经走远，不能撤回。"), code="too_late")
    moving.note(Act.TAKEN_BACK, node=task.node, task=task.id)
    moving.tell(told.Return(behind[0].number, task.node))
    record(moving, "task.taken_back", task=str(task.id))
    moving.finish()
    return case


@transaction.atomic
def comment(*, actor: Actor, case_id: UUID, text: str) -> None:
    """留言 beside a case, by whoever sees it and is not out of office."""
    from ..selectors.cases import get_sight

    case = lock_case(case_id)
    require(not get_sight(actor, case).is_record)
    moving = Moving(actor, case)
    moving.note(Act.COMMENTED, comment=_comment(text, is_needed=True))
    record(moving, "case.commented")
    moving.finish()
