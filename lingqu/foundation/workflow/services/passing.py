"""Steps that change hands: 转办, 委托, 加签, 催办升级."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.ids import as_uuid

from .. import policies, register
from ..engine.state import Mark
from ..models import Case, Task
from ..selectors import recusal
from ..types.graph import Work
from ..types.words import Act, TaskKind
from . import desks
from .acting import open_task, record
from .locking import lock_case, require_live
from .moving import Moving


def _address(case: Case, text: str) -> str:
    """``post:<uuid>`` or ``person:<number or uuid>`` as a key that somebody of this node holds."""
    kind, _colon, name = text.partition(":")
    one = as_uuid(name)
    if kind == "post" and one is not None and (post := registry.find_post(one)) is not None:
        return f"post:{post.id}"
    if kind == "person":
        found = register.people().filter(**({"id": one} if one else {"number": name}), deceased_on=None).first()
        if found is not None:
            return f"person:{found.canonical_id or found.id}"
    raise Invalid(_("请选择岗位或人员。"), code="no_receiver", details={"to": _("请选择岗位或人员。")})


def _work(moving: Moving, task: Task) -> Work:
    return moving.plan.nodes[task.node].work or Work()


@transaction.atomic
def hand_on(*, actor: Actor, task_id: UUID, to: str, comment: str = "") -> None:
    """转办: the step becomes somebody else's. ``to``: ``post:<uuid>`` or ``person:<number>``."""
    case, task, *_held = open_task(actor, task_id)
    moving = Moving(actor, case)
    if not _work(moving, task).may_hand_on or task.kind == TaskKind.CORRECTION:
        raise Conflict(_("这一步不能转办。"), code="no_hand_on")
    address = _address(case, to)
    desks.readdress(case, task, [address])
    moving.note(Act.HANDED_ON, node=task.node, task=task.id, comment=comment.strip(), data={"to": address})
    record(moving, "task.handed_on", task=str(task.id), to=address)
    moving.finish()


@transaction.atomic
def delegate(*, actor: Actor, task_id: UUID, to: str, comment: str = "") -> None:
    """委托: somebody else may do the step too; it stays the actor's as well."""
    case, task, *_held = open_task(actor, task_id)
    moving = Moving(actor, case)
    if not _work(moving, task).may_hand_on or task.kind == TaskKind.CORRECTION:
        raise Conflict(_("这一步不能委托。"), code="no_hand_on")
    address = _address(case, to)
    desks.readdress(case, task, [*task.addresses, address])
    moving.note(Act.DELEGATED, node=task.node, task=task.id, comment=comment.strip(), data={"to": address})
    record(moving, "task.delegated", task=str(task.id), to=address)
    moving.finish()


@transaction.atomic
def countersign(*, actor: Actor, task_id: UUID, to: Sequence[str], comment: str = "") -> None:
    """加签: others are asked for their opinion first; the step cannot be done before all of them have answered."""
    case, task, *_held = open_task(actor, task_id)
    moving = Moving(actor, case)
    if not _work(moving, task).may_countersign or task.kind != TaskKind.STEP:
        raise Conflict(_("这一步不能加签。"), code="no_countersign")
    if not 0 < len(to) <= 20:
        raise Invalid(_("请选择一到二十个加签的岗位或人员。"), code="no_receiver")
    node = moving.plan.nodes[task.node]
    for address in dict.fromkeys(_address(case, one) for one in to):
        if address in task.addresses:
            raise Conflict(_("不能向自己这一步加签。"), code="own_step")
        moving.tasks.append(moving.task(task.token, node, TaskKind.COUNTERSIGN, (address,), asked_by=task))
        moving.note(Act.COUNTERSIGN, node=task.node, task=task.id, comment=comment.strip(), data={"to": address})
    record(moving, "task.countersign", task=str(task.id), people=len(to))
    moving.finish()


@transaction.atomic
def escalate(*, actor: Actor, task_id: UUID, to: str, comment: str = "") -> None:
    """催办升级: whoever manages the case lets somebody above act on a step as well."""
    case, task, *_held = open_task(actor, task_id, any_actor=True)
    policies.require_manage(actor, case)
    recusal.require_manager(actor, case)
    address = _address(case, to)
    desks.readdress(case, task, [*task.addresses, address])
    moving = Moving(actor, case)
    moving.note(Act.ESCALATED, node=task.node, task=task.id, comment=comment.strip(), data={"to": address})
    record(moving, "task.escalated", task=str(task.id), to=address)
    moving.finish()


@transaction.atomic
def reassign(*, actor: Actor, case_id: UUID, token: int, to: str) -> None:
    """A step for which nobody was found is given to somebody, by whoever manages the case."""
    case = lock_case(case_id)
    policies.require_manage(actor, case)
    recusal.require_manager(actor, case)
    require_live(case)
    moving = Moving(actor, case)
    found = moving.state.find(token)
    if found is None or found.mark != Mark.STUCK or moving.plan.nodes[found.node].work is None:
        raise Forbidden()
    address = _address(case, to)
    moving.give(found.number, address)
    moving.note(Act.HANDED_ON, node=found.node, data={"to": address})
    record(moving, "case.reassigned", node=found.node, to=address)
    moving.finish()
