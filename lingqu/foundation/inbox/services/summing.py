"""Sums of notices to tens of thousands: counted in the background when a notice goes out and while somebody looks, kept in a
row, so that no page waits for them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from lingqu.kernel import clock, jobs

from ..models import Notice, Sum
from ..selectors import board
from ..types.words import Subject

JOB = "inbox.count_sums"
FRESH_FOR = timedelta(minutes=5)


def plan(notice: Notice) -> None:
    """Part of the act that changes whom a notice reaches, within its transaction."""
    if any(notice.reach.get(kind, 0) > board.WIDE for kind in Subject.values):
        jobs.defer(JOB, notice_id=str(notice.id))


def freshen(notice: Notice, kind: str) -> None:
    """Somebody looks: sums older than five minutes are counted anew, for the next look. Where there are none yet, now."""
    counted_at = Sum.objects.filter(notice=notice, kind=kind).values_list("counted_at", flat=True).first()
    if counted_at is None:
        count(notice, kind)
    elif counted_at < clock.now() - FRESH_FOR:
        jobs.JOBS[JOB].defer(_once=f"{JOB}:{notice.id}", notice_id=str(notice.id))


def count_all(notice_id: UUID) -> None:
    notice = Notice.objects.select_related("organisation").get(id=notice_id)
    for kind in Subject.values:
        if notice.reach.get(kind, 0) > board.WIDE:
            count(notice, kind)


@transaction.atomic
def count(notice: Notice, kind: str) -> None:
    at = clock.now()
    Sum.objects.update_or_create(
        notice=notice, kind=kind, defaults={"counted": board.count_wide(notice, kind), "counted_at": at}
    )
