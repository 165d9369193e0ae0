"""The console: cases that are suspended, cancelled, unstuck, or moved to another version."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from lingqu.kernel.language import listed

from .. import policies
from ..engine import state as told
from ..engine.migrating import NoPartner, migrate_state
from ..models import Call, Case, DefinitionVersion, Task
from ..selectors import recusal
from ..selectors.plans import header_of, plan_of
from ..types import rights
from ..types.handlers import HANDLERS, Ask
from ..types.words import Act, CaseState, TaskKind, TaskState, VersionState
from .acting import record
from .locking import lock_case, require_live
from .moving import Moving


def _held(actor: Actor, case_id: UUID) -> Case:
    case = lock_case(case_id)
    policies.require_manage(actor, case)
    recusal.require_manager(actor, case)
    return case


def _reason(text: str) -> str:
    found = text.strip()[:1000]
    if not found:
        raise Invalid(_("请写明理由。"), code="no_reason", details={"reason": _("请写明理由。")})
    return found


@transaction.atomic
def suspend(*, actor: Actor, case_id: UUID, reason: str) -> None:
    """挂起: nobody can act and no clock runs until the case is resumed."""
    case = _held(actor, case_id)
    require_live(case)
    case.was, case.state, case.reason = case.state, CaseState.SUSPENDED, _reason(reason)
    case.save(update_fields=["was"])
    moving = Moving(actor, case)
    moving.note(Act.SUSPENDED, comment=case.reason)
    record(moving, "case.suspended")
    moving.finish()


@transaction.atomic
def resume(*, actor: Actor, case_id: UUID) -> None:
    """恢复: deadlines move by the time in which the case stood still."""
    case = _held(actor, case_id)
    if case.state != CaseState.SUSPENDED:
        raise Conflict(_("办件没有挂起。"), code="not_suspended")
    moving = Moving(actor, case)
    moving.before = CaseState.SUSPENDED
    case.state = CaseState.RUNNING
    moving.note(Act.RESUMED)
    record(moving, "case.resumed")
    moving.finish()


@transaction.atomic
def cancel(*, actor: Actor, case_id: UUID, reason: str) -> None:
    """终止, by whoever manages the case; or by the applicant, as long as no step was done. What handlers did is undone, the
    latest first; one that cannot be undone keeps the case open and is told."""
    case = lock_case(case_id)
    is_applicant = policies.is_applicant(actor, case)
    if is_applicant or not policies.may_manage(actor, case):
        if not is_applicant:
            raise Forbidden()
        if Task.objects.filter(case=case, state=TaskState.DONE, kind=TaskKind.STEP).exists():
            raise Conflict(_("已经有环节办理过，不能自行撤回申请。"), code="too_late")
    if case.ended_at is not None:
        raise Conflict(_("办件已经结束，不能再办理。"), code="case_ended")
    text = _reason(reason)
    moving = Moving(actor, case)
    undo_calls(moving)
    case.reason = text
    moving.note(Act.CANCELLED, comment=text)
    moving.tell(told.Cancel())
    record(moving, "case.cancelled")
    moving.finish()


def undo_calls(moving: Moving) -> None:
    """Take back what handlers did for a case. Raises :class:`Conflict` when one refuses: nothing is cancelled then."""
    rows = Call.objects.filter(case=moving.case, undone_at=None).order_by("-id")
    for row in rows:
        handler = HANDLERS.get(row.handler)
        if handler is None or handler.undo is None:
            continue
        ask = Ask(case=moving.fact(), node=row.node, inputs=row.inputs, answer=row.answer)
        try:
            with transaction.atomic():
                handler.undo(moving.actor, ask)
        except DomainError as error:
            raise Conflict(
                _("%(name)s 不能撤销：%(why)s") % {"name": handler.label, "why": error.message or error.code},
                code="cannot_undo",
            ) from error
        Call.objects.filter(id=row.id).update(undone_at=moving.now)
        moving.note(Act.UNDONE, node=row.node, data={"handler": row.handler})


@transaction.atomic
def retry(*, actor: Actor, case_id: UUID, token: int) -> None:
    """Try again what a case is stuck at."""
    case = _held(actor, case_id)
    require_live(case)
    moving = Moving(actor, case)
    found = moving.state.find(token)
    moving.note(Act.RETRIED, node=found.node if found else "")
    moving.tell(told.Retry(token))
    record(moving, "case.retried", token=token)
    moving.finish()


@transaction.atomic
def pass_on(*, actor: Actor, case_id: UUID, token: int, reason: str, flow: str = "", decision: str = "") -> None:
    """人工放行: what is stuck counts as done, by evidence that the reason names; over ``flow`` where the way is open."""
    case = _held(actor, case_id)
    require_live(case)
    text = _reason(reason)
    moving = Moving(actor, case)
    found = moving.state.find(token)
    moving.note(Act.PASSED, node=found.node if found else "", comment=text, decision=decision, data={"flow": flow})
    moving.tell(told.Pass(token, flow, decision))
    record(moving, "case.passed", token=token)
    moving.finish()


@transaction.atomic
def migrate(*, actor: Actor, case_id: UUID, version_id: UUID, nodes: Mapping[str, str] | None = None) -> None:
    """Move a running case to another published version of its process. ``nodes``: old node → new node where they differ.
    Refused when an open step has no partner, or stands inside a sub-process or between several instances."""
    case = lock_case(case_id)
    policies.require_define(actor, str(case.path), rights.PUBLISH)
    require_live(case)
    target = DefinitionVersion.objects.filter(id=version_id, state=VersionState.PUBLISHED).first()
    if target is None or target.key != header_of(case.version_id)[0] or target.id == case.version_id:
        raise Conflict(_("只能换到同一流程的另一个已发布版本。"), code="other_definition")
    moving = Moving(actor, case)
    try:
        answer = migrate_state(moving.plan, plan_of(target.id), moving.state, nodes or {}, moving.context())
    except NoPartner as error:
        raise Conflict(
            _("新版本没有这些环节的对应：%(nodes)s。") % {"nodes": listed(error.nodes)}, code="no_partner"
        ) from error
    old = str(case.version_id)
    case.version = target
    moving.plan = plan_of(target.id)
    moving.note(Act.MIGRATED, data={"from": old, "to": str(target.id)})
    moving.take(answer)
    case.save(update_fields=["version"])
    record(moving, "case.migrated", to=str(target.id))
    moving.finish()
