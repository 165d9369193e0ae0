"""催办 in one click: schools with work orders beyond their day are told, once a day each; names of pupils are never sent."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, clock, jobs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden
from lingqu.kernel.language import writing_to

from ..models import Finding, WorkOrder
from ..selectors.places import find_place
from ..types import ORDER_GIVE, FindingState, OrderState, ReminderState

PAUSE = timedelta(hours=20)
CHUNK = 50


@transaction.atomic
def order_reminders(*, actor: Actor, code: str) -> int:
    """Remind every school below a place that has an order beyond its day; a job sends. Returns how many orders. Raises
    :class:`Conflict` when there is none, or all were told within a day."""
    place = find_place(code)
    if place is None or not actor.holds(ORDER_GIVE, str(place.path)):
        raise Forbidden()
    late = WorkOrder.objects.filter(path__within=str(place.path), state=OrderState.OPEN, deadline__lt=clock.today())
    late = late.exclude(school=place).filter(
        Q(reminded_at=None) | Q(reminded_at__lt=clock.now() - PAUSE) | Q(reminder=ReminderState.UNREACHED)
    )
    ids = list(late.select_for_update().order_by("id").values_list("id", flat=True))
    if not ids:
        raise Conflict(_("没有要催办的单，或者一天之内已经催过。"), code="nobody_to_remind")
    WorkOrder.objects.filter(id__in=ids).update(reminder=ReminderState.WAITING, reminded_at=clock.now())
    audit.record(
        actor, "quality.orders.reminded", subject_kind="organisation", subject_id=place.id, path=str(place.path),
        data={"orders": ids},
    )  # fmt: skip
    jobs.defer("quality.send_reminders", _once="quality.reminders")
    return len(ids)


def send_waiting() -> int:
    """One message a school for all its waiting orders, fifty orders in a transaction; a second run finds nothing."""
    sent = 0
    while True:
        with transaction.atomic():
            rows = WorkOrder.objects.select_for_update(of=("self",), skip_locked=True).select_related("school")
            by_school: dict[Any, list[WorkOrder]] = defaultdict(list)
            for row in rows.filter(reminder=ReminderState.WAITING).order_by("school_id", "id")[:CHUNK]:
                by_school[row.school].append(row)
            if not by_school:
                return sent
            contacts = registry.contacts_of(by_school)
            ids = [order.id for orders in by_school.values() for order in orders]
            held = Finding.objects.filter(work_order_id__in=ids, state=FindingState.OPEN)
            left = dict(held.values_list("work_order_id").annotate(n=Count("id")))
            for school, orders in by_school.items():
                _send(school, orders, contacts[school.id], sum(left.get(order.id, 0) for order in orders))
                sent += len(orders)
        jobs.checkpoint()


def _send(school: Any, orders: list[WorkOrder], contact: registry.Contact, left: int) -> None:
    with writing_to():
        subject = _("数据质量催办")
        body = _("%(school)s有 %(n)d 项数据质量问题逾期未办，请登录平台办理。") % {"school": school.name, "n": left}
    message = registry.write_to(
        contact,
        subject=subject,
        body=body,
        kind="quality.reminder",
        subject_kind="quality.order",
        subject_id=orders[0].id,
    )
    state = ReminderState.SENT if message else ReminderState.UNREACHED
    WorkOrder.objects.filter(id__in=[order.id for order in orders]).update(
        reminder=state, reminders=F("reminders") + (1 if message else 0)
    )
