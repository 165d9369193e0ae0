"""Timers that are due, and messages and signals that arrive. Run by jobs and handlers; safe to run twice and by several."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, DomainError, Forbidden
from lingqu.kernel.jobs import checkpoint

from ..engine import state as told
from ..models import Case, Subscription, Timer
from ..types.words import Act, CaseState
from .locking import lock_case
from .moving import Moving

log = logging.getLogger("lingqu.workflow")
BATCH, MOST_ATTEMPTS = 200, 5
SYSTEM = Actor.system("workflow")


def fire_due() -> int:
    """Every timer that is due, the oldest first; how many fired. Cases whose clock stands are passed over."""
    fired = 0
    while True:
        due = list(_due().order_by("due_at").values_list("id", flat=True)[:BATCH])
        if not due:
            return fired
        fired += sum(_fire_safely(timer_id) for timer_id in due)
        checkpoint()


def _due() -> QuerySet[Timer]:
    return Timer.objects.filter(due_at__lte=clock.now(), case__paused_at=None, case__ended_at=None)


def _fire_safely(timer_id: int) -> bool:
    """One timer in a transaction of its own. One that fails waits longer each time; at last its case is stuck."""
    try:
        return fire(timer_id)
    except Exception:  # whatever a handler behind the timer raises is told below and in the log
        log.exception("timer %d failed", timer_id)
    _postpone(timer_id)
    return False


@transaction.atomic
def fire(timer_id: int) -> bool:
    """Fire one timer that is due; false when it is gone, not due, or another worker is at it."""
    case_id = Timer.objects.filter(id=timer_id).values_list("case_id", flat=True).first()
    if (
        case_id is None
        or not Case.objects.select_for_update(of=("self",), skip_locked=True).filter(id=case_id).exists()
    ):
        return False
    case = lock_case(case_id)
    timer = Timer.objects.filter(id=timer_id, due_at__lte=clock.now()).first()
    if timer is None or case.paused_at is not None or case.ended_at is not None:
        return False
    timer.delete()
    moving = Moving(SYSTEM, case)
    moving.note(Act.TIMER, node=timer.node)
    try:
        moving.tell(told.Triggered(timer.token, timer.node, timer.left))
    except Conflict as error:
        if error.code != "moved_on":
            raise
        return False
    moving.finish()
    return True


@transaction.atomic
def _postpone(timer_id: int) -> None:
    timer = Timer.objects.select_for_update(skip_locked=True).filter(id=timer_id).first()
    if timer is None:
        return
    timer.attempts += 1
    timer.due_at = clock.now() + timedelta(minutes=2**timer.attempts)
    timer.save(update_fields=["attempts", "due_at"])
    if timer.attempts >= MOST_ATTEMPTS:
        Case.objects.filter(id=timer.case_id, state=CaseState.RUNNING).update(
            state=CaseState.STUCK, reason=f"timer {timer.node}"
        )


def correlate(*, name: str, key: str, fields: dict[str, object] | None = None) -> int:
    """Give a message to every case that waits for its name and key; how many took it. For trusted code: the caller has
    checked where the message comes from."""
    waiting = Subscription.objects.filter(name=name, key=key, is_signal=False)
    return sum(_deliver(one, fields or {}) for one in waiting.order_by("id").values_list("id", flat=True))


def signal(*, name: str) -> int:
    """Tell everybody who waits for a signal; how many cases took it."""
    waiting = Subscription.objects.filter(name=name, is_signal=True).order_by("id")
    return sum(_deliver(one, {}) for one in waiting.values_list("id", flat=True))


@transaction.atomic
def _deliver(subscription_id: int, fields: dict[str, object]) -> bool:
    found = Subscription.objects.filter(id=subscription_id).values_list("case_id", flat=True).first()
    if found is None:
        return False
    try:
        case = lock_case(found)
    except Forbidden:
        return False
    row = Subscription.objects.filter(id=subscription_id).first()
    if row is None or case.ended_at is not None:
        return False
    row.delete()
    moving = Moving(SYSTEM, case)
    moving.set_fields(fields)
    moving.note(Act.MESSAGE, node=row.node, data={"name": row.name})
    try:
        moving.tell(told.Triggered(row.token, row.node))
    except DomainError as error:
        log.warning("message %s for case %s refused: %s", row.name, UUID(str(found)), error.code)
        raise
    moving.finish()
    return True
