"""Reminding whoever has not confirmed: by hand, or planned for a time before the deadline; and the quiet hours."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, clock, jobs
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Conflict, Invalid
from lingqu.ui.figures import moment

from .. import policies
from ..models import Notice, QuietHours, ReminderRound
from ..selectors import reminders
from ..types.words import Cause, RoundCause
from . import calling_out
from .drafting import locked_notice

AGAIN_AFTER = timedelta(hours=4)
AT = time(8)
"""The time of day at which notices remind by themselves."""
SEND = "inbox.send_reminders"


@transaction.atomic
def remind(*, actor: Actor, notice_id: Any) -> datetime | None:
    """Remind everybody who has not confirmed a notice. Returns when that leaves; None: now.

    Raises :class:`Conflict` for a notice that asks nothing (any more), when everybody confirmed, and within
    :data:`AGAIN_AFTER` of the last time.
    """
    notice = locked_notice(actor, notice_id)
    if not (notice.needs_confirmation and reminders.is_valid(notice)):
        raise Conflict(_("这份通知不用确认，或已经撤回、更正，不能提醒。"), code="not_asked")
    at = clock.now()
    last = notice.reminder_rounds.filter(cause=Cause.HAND).order_by("-id").first()
    if last is not None and last.made_at > at - AGAIN_AFTER:
        again = moment(last.made_at + AGAIN_AFTER)
        raise Conflict(_("刚提醒过，%(when)s 以后可以再提醒。") % {"when": again}, code="reminded_lately")
    if not reminders.has_missing(notice.id):
        raise Conflict(_("都确认了，没有要提醒的人。"), code="nobody_missing")
    due = reminders.allowed_from(notice, at)
    ReminderRound.objects.create(notice=notice, cause=Cause.HAND, due_at=due, made_at=at, made_by=actor.name)
    audit.record(
        actor, "inbox.notice.reminded", subject_kind="inbox.notice", subject_id=notice.id, path=str(notice.path),
        data={"cause": Cause.HAND, "due_at": due.isoformat()},
    )  # fmt: skip
    changes.log("inbox.notice", [notice.id])
    calling_out.plan(notice, RoundCause.REMINDED)
    if due > at:
        return due
    jobs.defer(SEND, _once=SEND)
    return None


def planned_for(notice: Notice, at: datetime) -> datetime | None:
    """When a notice published at this moment reminds by itself; None where it was not asked to, or that time is over."""
    if notice.remind_before is None or notice.deadline is None or not notice.needs_confirmation:
        return None
    day = notice.deadline.astimezone(clock.ZONE).date() - timedelta(days=notice.remind_before)
    due = datetime.combine(day, AT, clock.ZONE)
    return due if at < due < notice.deadline else None


def plan_automatic(notice: Notice) -> None:
    """Part of publishing: the reminding that the notice asks for, within the caller's transaction."""
    due = planned_for(notice, clock.now())
    if due is not None:
        ReminderRound.objects.create(notice=notice, cause=Cause.AUTOMATIC, due_at=due, made_by=notice.author)


def set_quiet_hours(*, actor: Actor, office: Any, starts: time, ends: time, holidays: bool) -> None:
    """The quiet hours of a place and what lies below. Raises :class:`Invalid` if less than four hours a day are left."""
    require(policies.may_set_quiet_hours(actor, office))
    left = (starts.hour * 60 + starts.minute - ends.hour * 60 - ends.minute) % (24 * 60)
    if starts != ends and left < 4 * 60:
        told = _("一天里至少留出 4 个小时可以发消息。")
        raise Invalid(told, code="always_quiet", details={"starts": told})
    with transaction.atomic():
        QuietHours.objects.update_or_create(
            organisation=office,
            defaults={
                "starts": starts, "ends": ends, "holidays": holidays, "changed_by": actor.name, "changed_at": clock.now(),
            },
        )  # fmt: skip
        audit.record(
            actor, "inbox.quiet_hours.set", subject_kind="organisation", subject_id=office.id, path=str(office.path),
            data={"starts": starts.isoformat("minutes"), "ends": ends.isoformat("minutes"), "holidays": holidays},
        )  # fmt: skip


def unset_quiet_hours(*, actor: Actor, office: Any) -> None:
    """Back to what the place above says, or to what is usual."""
    require(policies.may_set_quiet_hours(actor, office))
    with transaction.atomic():
        QuietHours.objects.filter(organisation=office).delete()
        audit.record(
            actor, "inbox.quiet_hours.unset", subject_kind="organisation", subject_id=office.id, path=str(office.path)
        )  # fmt: skip
