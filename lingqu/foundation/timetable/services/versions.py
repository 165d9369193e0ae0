"""Versions of a timetable: drafts are worked on, published ones are never changed, so that old weeks stay readable."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from ..models import Lesson, Timetable
from ..selectors.calendars import list_terms
from ..types.events import TimetablePublished
from ..types.words import TimetableState
from .bells import locked_school
from .state import count_up

COPY_LESSONS = """
WITH old AS (
  SELECT id, nextval(pg_get_serial_sequence('timetable_lesson', 'id')) AS made, class_group_id, weekday, slot, subject,
         weeks, room, joint, origin
  FROM timetable_lesson WHERE timetable_id = %(source)s),
lessons AS (
  INSERT INTO timetable_lesson (id, timetable_id, class_group_id, weekday, slot, subject, weeks, room, joint, origin)
  SELECT made, %(target)s, class_group_id, weekday, slot, subject, weeks, room, joint, origin FROM old)
INSERT INTO timetable_lessonteacher (lesson_id, person_id)
SELECT old.made, t.person_id FROM old JOIN timetable_lessonteacher t ON t.lesson_id = old.id ORDER BY t.id
"""


def locked_draft(actor: Actor, timetable_id: UUID) -> Timetable:
    """The draft, locked. Raises :class:`Conflict` for a published version."""
    draft = (
        Timetable.objects.select_for_update(of=("self",))
        .select_related("school", "term")
        .filter(id=timetable_id)
        .first()
    )
    if draft is None:
        raise Forbidden()
    locked_school(actor, draft.school_id)
    if draft.state != TimetableState.DRAFT:
        raise Conflict(_("这个版本已经发布，不能再改。请先从它新建草稿。"), code="published")
    return draft


@transaction.atomic
def start_draft(*, actor: Actor, school_id: UUID, term_id: UUID, copy_from: UUID | None = None) -> Timetable:
    """The draft of a term: the one that is there, or a new one with the lessons of ``copy_from``."""
    school = locked_school(actor, school_id)
    if term_id not in {term.id for term in list_terms(str(school.path))}:
        raise Invalid(_("请选择本校的学期。"), code="bad_term")
    known = Timetable.objects.filter(school=school, term_id=term_id)
    draft = known.filter(state=TimetableState.DRAFT).select_related("term").first()
    if draft is not None:
        return draft
    number = (known.aggregate(last=Max("number"))["last"] or 0) + 1
    draft = Timetable.objects.create(school=school, term_id=term_id, number=number)
    if copy_from is not None:
        if not Timetable.objects.filter(id=copy_from, school=school).exists():
            raise Forbidden()
        with connection.cursor() as cursor:
            cursor.execute(COPY_LESSONS, {"source": copy_from, "target": draft.id})
    _trace(actor, school, "timetable.draft.started", draft, {"copy_from": str(copy_from or "")})
    return draft


@transaction.atomic
def publish(*, actor: Actor, timetable_id: UUID, effective_from: date) -> Timetable:
    """Let a draft count from a day of its term on. Days before keep the version they had.

    Raises :class:`Conflict` when it was published already, :class:`Invalid` for an empty draft, a day outside the term, or
    a day before that of the version it replaces.
    """
    draft = locked_draft(actor, timetable_id)
    if not (draft.term.start_on <= effective_from <= draft.term.end_on):
        raise Invalid(_("启用日期应在本学期内。"), code="bad_day", details={"effective_from": _("应在本学期内。")})
    if not Lesson.objects.filter(timetable=draft).exists():
        raise Invalid(_("草稿里还没有课。"), code="empty")
    newest = Timetable.objects.filter(
        school_id=draft.school_id, term_id=draft.term_id, state=TimetableState.PUBLISHED
    ).aggregate(last=Max("effective_from"))["last"]
    if newest and effective_from < newest:
        raise Invalid(
            _("现行版本从 %(day)s 起用，新版本不能更早。") % {"day": newest.isoformat()}, code="too_early",
            details={"effective_from": _("不能早于现行版本。")},
        )  # fmt: skip
    Timetable.objects.filter(id=draft.id).update(
        state=TimetableState.PUBLISHED, effective_from=effective_from, published_at=now(), published_by=actor.name
    )
    draft.refresh_from_db()
    _trace(actor, draft.school, "timetable.published", draft, {"effective_from": effective_from.isoformat()})
    events.publish(TimetablePublished(timetable_id=draft.id, school_id=draft.school_id, effective_from=effective_from))
    return draft


@transaction.atomic
def discard(*, actor: Actor, timetable_id: UUID) -> None:
    """Throw a draft away with everything in it."""
    draft = locked_draft(actor, timetable_id)
    _trace(actor, draft.school, "timetable.draft.discarded", draft, {})
    draft.delete()


def _trace(actor: Actor, school: Any, action: str, row: Timetable, data: dict[str, Any]) -> None:
    count_up()
    audit.record(
        actor, action, subject_kind="organisation", subject_id=school.id, path=str(school.path),
        data={"timetable": str(row.id), "number": row.number, **data},
    )  # fmt: skip
    changes.log("timetable.timetable", [row.id])
