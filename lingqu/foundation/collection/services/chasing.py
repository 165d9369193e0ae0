"""Reminding by itself: once for each deadline, at 8:00 of the chosen day before it, put off by quiet hours."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from lingqu.foundation.inbox import api as inbox
from lingqu.kernel import clock, jobs
from lingqu.kernel.actor import Actor

from ..models import Answer, Collection
from ..types.words import MISSING, CollectionState, StepKind
from .checking import remind_rows

AT = time(8)
MOST_DAYS = 30
ACTOR = Actor.system("collection")


def planned_for(deadline: datetime, days: int) -> datetime:
    """When a table with this deadline reminds by itself."""
    return datetime.combine(deadline.astimezone(clock.ZONE).date() - timedelta(days=days), AT, clock.ZONE)


def pending(collection: Collection) -> datetime | None:
    """When a table will remind by itself; None where it will not."""
    if (
        collection.deadline is None
        or collection.remind_before is None
        or collection.reminded_for == collection.deadline
    ):
        return None
    due = planned_for(collection.deadline, collection.remind_before)
    return due if due < collection.deadline and due > (collection.published_at or clock.now()) else None


def chase_due() -> int:
    """Every table whose time has come; returns how many schools were reminded."""
    at = clock.now()
    rows = Collection.objects.filter(
        ~Q(reminded_for=F("deadline")) | Q(reminded_for=None), state=CollectionState.OPEN, remind_before__isnull=False,
        deadline__lte=at + timedelta(days=MOST_DAYS),
    )  # fmt: skip
    total = 0
    for collection_id in list(rows.order_by("deadline").values_list("id", flat=True)):
        total += chase(collection_id, at)
        jobs.checkpoint()
    return total


@transaction.atomic
def chase(collection_id: UUID, at: datetime) -> int:
    """One table, in one transaction. Given up where the time was over when it went out, or quiet hours last until the
    deadline."""
    found = Collection.objects.select_for_update(of=("self",), skip_locked=True).select_related("organisation")
    collection = found.filter(id=collection_id, state=CollectionState.OPEN).first()
    if collection is None or collection.deadline is None or collection.remind_before is None:
        return 0
    if collection.reminded_for == collection.deadline:
        return 0
    due = planned_for(collection.deadline, collection.remind_before)
    if due > at:
        return 0
    allowed = inbox.message_allowed_from(collection.organisation, str(collection.path), at)
    is_late = collection.deadline <= allowed or (collection.published_at is not None and collection.published_at > due)
    if allowed > at and not is_late:
        return 0
    missing = Answer.objects.filter(collection=collection, state__in=MISSING)
    asked = 0 if is_late else remind_rows(ACTOR, collection, missing, StepKind.CHASED).asked
    collection.reminded_for = collection.deadline
    collection.save(update_fields=["reminded_for"])
    return asked
