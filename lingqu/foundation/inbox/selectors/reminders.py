"""Who has not confirmed and may be reminded, when that may leave, and who was reminded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max

from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable

from ..models import Notice, QuietHours, Reminder, ReminderRound
from ..types.quiet import Quiet, next_allowed
from ..types.words import NoticeState
from .expected import EXPECTED, values_of

MISSING = f"""{EXPECTED},
missing AS (SELECT e.kind, e.subject FROM expected e EXCEPT
  SELECT r.kind, COALESCE(p.canonical_id, r.subject) FROM inbox_receipt r LEFT JOIN registry_person p ON p.id = r.person_id
  WHERE r.notice_id = %(notice)s AND r.confirmed_at IS NOT NULL)"""  # noqa: S608
"""``missing(kind, subject)`` of a notice: expected today and not confirmed."""
HOLDING = f"""WITH due AS (
  SELECT r.id, r.kind, r.subject, r.reader_id FROM inbox_reminder r JOIN inbox_notice n ON n.id = r.notice_id
  WHERE r.id = ANY(%(ids)s) AND n.state = 'published'
    AND NOT EXISTS (SELECT 1 FROM inbox_notice c WHERE c.corrects_id = n.id AND c.state = 'published')
    AND NOT EXISTS (SELECT 1 FROM inbox_receipt x WHERE x.notice_id = r.notice_id AND x.kind = r.kind
      AND x.confirmed_at IS NOT NULL AND x.subject IN (
        SELECT r.subject UNION ALL SELECT p.id FROM registry_person p WHERE p.canonical_id = r.subject))),
missing AS (SELECT DISTINCT kind, subject FROM due), {registry.READERS_SQL}
SELECT due.id FROM due JOIN reader ON reader.kind = due.kind AND reader.subject = due.subject AND reader.id = due.reader_id
"""  # noqa: S608
SHOWN_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """How often somebody was reminded for one subject of a notice, and when last."""

    times: int
    last: datetime


def missing_values(notice_id: UUID) -> dict[str, Any]:
    """What :data:`MISSING` asks for."""
    return {**values_of([notice_id]), "notice": notice_id}


def has_missing(notice_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {MISSING} SELECT EXISTS (SELECT 1 FROM missing)", missing_values(notice_id))  # noqa: S608
        return bool(cursor.fetchone()[0])


def is_valid(notice: Notice) -> bool:
    """Published, and not replaced by a correction."""
    return notice.state == NoticeState.PUBLISHED and not notice.corrections.filter(state=NoticeState.PUBLISHED).exists()


def still_holding(reminder_ids: Sequence[int]) -> set[int]:
    """Which of these reminders still have a cause: the notice counts, nobody confirmed, the silence rules allow it."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDING, {"ids": list(reminder_ids)})
        return {row[0] for row in cursor.fetchall()}


def quiet_row_at(path: str) -> QuietHours | None:
    """The nearest rule at or above a place."""
    labels = path.split(".")
    above = [".".join(labels[:n]) for n in range(1, len(labels) + 1)]
    rows = QuietHours.objects.filter(organisation__path__in=above).select_related("organisation")
    return max(rows, key=lambda row: len(str(row.organisation.path)), default=None)


def quiet_of(row: QuietHours | None) -> Quiet:
    return Quiet(starts=row.starts, ends=row.ends, holidays=row.holidays) if row else Quiet()


def allowed_from(notice: Notice, at: datetime) -> datetime:
    """The first moment from ``at`` on at which a reminder of the notice may leave."""
    return message_allowed_from(notice.organisation, str(notice.path), at, urgent=notice.is_urgent)


def message_allowed_from(organisation: Any, path: str, at: datetime, *, urgent: bool = False) -> datetime:
    """The first moment from ``at`` on at which an office may send messages: outside its quiet hours and holidays."""
    is_holiday = partial(_is_holiday, timetable.calendar_of(organisation))
    return next_allowed(at, quiet_of(quiet_row_at(path)), is_holiday, urgent=urgent)


def _is_holiday(calendar: timetable.Calendar, day: Any) -> bool:
    return calendar.day_of(day).kind == "holiday"


def list_rounds(notice: Notice) -> tuple[ReminderRound, ...]:
    """The latest remindings, newest first."""
    return tuple(notice.reminder_rounds.order_by("-id")[:SHOWN_ROUNDS])


def reminded_of(notice: Notice, kind: str, subjects: Iterable[UUID]) -> dict[UUID, Reminded]:
    """By post, child or person; one statement."""
    rows = Reminder.objects.filter(notice=notice, kind=kind, subject__in=list(subjects), sent_at__isnull=False)
    found = rows.values("subject").annotate(times=Count("round", distinct=True), last=Max("sent_at"))
    return {row["subject"]: Reminded(times=row["times"], last=row["last"]) for row in found}
