"""催办 in one click: everybody with late cases is told once a day, by SMS or e-mail; names of children are never sent."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, clock, jobs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict
from lingqu.kernel.language import writing_to

from .. import policies
from ..models import Case, Reminder
from ..types.words import CaseState, ReminderState

PAUSE = timedelta(hours=20)
"""So long nobody is told again: once a working day is enough."""
CHUNK = 50


@transaction.atomic
def order_reminders(*, actor: Actor, path: str, owner_id: UUID | None = None) -> int:
    """Remind everybody who has late cases of a place, or one owner also of what is not late yet; a job sends. Returns how
    many organisations. Raises :class:`Conflict` when there is nobody, or everybody was told within a day."""
    policies.require_run(actor, path)
    here = registry.organisation_at(path)
    rows = Case.objects.filter(Q(path__within=path) | Q(owner_path__within=path), state=CaseState.TODO)
    late = Q(due_on__lt=clock.today())
    rows = rows.filter(owner_id=owner_id) if owner_id else rows.filter(late)
    counted = rows.exclude(owner=here).values("owner_id", "owner_path").annotate(
        late=Count("id", filter=late), todo=Count("id")
    ).order_by("owner_id")  # fmt: skip
    recent = set(
        Reminder.objects.filter(sent_at__gte=clock.now() - PAUSE)
        .exclude(state=ReminderState.UNREACHED)
        .values_list("owner_id", flat=True)
    )
    made = [
        Reminder(
            owner_id=one["owner_id"], owner_path=one["owner_path"], late=one["late"], todo=one["todo"], place=here.name,
            sent_by=actor.name,
        )
        for one in counted
        if one["owner_id"] not in recent
    ]  # fmt: skip
    if not made:
        raise Conflict(_("没有要催办的单位，或者一天之内已经催过。"), code="nobody_to_remind")
    created = Reminder.objects.bulk_create(made, batch_size=1000, ignore_conflicts=True)
    audit.record(
        actor, "reconciliation.reminded", subject_kind="reconciliation", path=path,
        data={"organisations": len(created), "late": sum(one.late for one in made)},
    )  # fmt: skip
    jobs.defer("reconciliation.send_reminders", _once="reconciliation.reminders")
    return len(created)


def send_waiting() -> int:
    """Send what waits, fifty in a transaction; a second run finds nothing. Returns how many."""
    sent = 0
    while True:
        with transaction.atomic():
            rows = list(
                Reminder.objects.select_for_update(of=("self",), skip_locked=True).select_related("owner")
                .filter(state=ReminderState.WAITING).order_by("id")[:CHUNK]
            )  # fmt: skip
            if not rows:
                return sent
            contacts = registry.contacts_of([row.owner for row in rows])
            for row in rows:
                _send(row, contacts[row.owner_id])
            sent += len(rows)
        jobs.checkpoint()


def _send(row: Reminder, contact: registry.Contact) -> None:
    with writing_to():
        subject = _("人籍核对催办")
        body = _("%(place)s：%(who)s有 %(todo)d 条人籍核对待办，其中 %(late)d 条已逾期，请登录平台办理。") % {
            "place": row.place, "who": row.owner.name, "todo": row.todo, "late": row.late,
        }  # fmt: skip
    row.message = registry.write_to(
        contact, subject=subject, body=body, kind="reconciliation.reminder", subject_kind="reconciliation.reminder",
        subject_id=row.id,
    )  # fmt: skip
    row.told = contact.name if row.message else ""
    row.state = ReminderState.SENT if row.message else ReminderState.UNREACHED
    row.save(update_fields=["message", "told", "state"])
