"""A grid file into the draft of a term: read, resolved, written and reported in one transaction."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Invalid

from ..models import Lesson, Timetable, TimetableImport
from ..reading import read_sheets
from ..selectors.bells import Clock, list_bells
from ..selectors.context import SchoolContext, contexts_of
from ..types.findings import BLOCK, REVIEW
from ..types.rooms import SCHOOL_ROOMS, Rooms
from ..types.words import PAUSES, ImportState
from .bells import locked_school
from .planning import Plan, plan_sheets
from .versions import start_draft
from .writing import copy_lessons

MOST_FINDINGS = 2000
"""Findings that are kept; the others are counted."""


def import_grid(*, actor: Actor, school_id: UUID, term_id: UUID, file_name: str, data: bytes) -> TimetableImport:
    """Read a workbook into the draft of the term: the classes it names get exactly its lessons, others keep theirs (those
    of the version that counts today, if the draft is new).

    Cells that cannot be resolved are named, not guessed. Raises :class:`Invalid` for a file that is no timetable at all:
    then nothing was written.
    """
    with transaction.atomic():
        locked_school(actor, school_id)
    sheets = read_sheets(file_name, data)
    with transaction.atomic():
        school = locked_school(actor, school_id)
        draft = start_draft(actor=actor, school_id=school_id, term_id=term_id, copy_from=_newest(school_id, term_id))
        context = contexts_of([school], draft.term.school_year_id)[school.id]
        plan = plan_sheets(context, file_name, sheets, slots_of(context, today()), rooms_of(actor, context))
        if not plan.lessons:
            reasons = " ".join(dict.fromkeys(found.message for found in plan.findings[:3]))
            sentence = _("%(file)s 里没有读出一节课。") % {"file": file_name}
            raise Invalid(f"{sentence}{reasons}", code="no_lessons", details={"file": sentence})
        Lesson.objects.filter(timetable=draft, class_group_id__in=list(plan.classes)).delete()
        copy_lessons((draft.id, lesson) for lesson in plan.lessons)
        return _recorded(actor, school, draft, file_name, plan)


def _newest(school_id: UUID, term_id: UUID) -> UUID | None:
    rows = Timetable.objects.filter(school_id=school_id, term_id=term_id).order_by("-number")
    return rows.values_list("id", flat=True).first()


def slots_of(context: SchoolContext, day: date):
    """Slots in which a class can be taught, by its bell schedule on a day."""
    clock = Clock(list_bells([context.school.id]))

    def slots(class_id: UUID) -> frozenset[str]:
        periods = clock.periods(context.groups[class_id], day)
        return frozenset(slot for slot, period in periods.items() if period.kind not in PAUSES)

    return slots


def rooms_of(actor: Actor, context: SchoolContext) -> Rooms:
    """What the school has registered; the home rooms of its classes are known as well."""
    registered = [name for names in SCHOOL_ROOMS.collect(actor, context.school.id) for name in names]
    return Rooms(registered, (group.room for group in context.groups.values()))


def _recorded(actor: Actor, school: Any, draft: Timetable, file_name: str, plan: Plan) -> TimetableImport:
    order = {BLOCK: 0, REVIEW: 1}
    findings = sorted(plan.findings, key=lambda found: order.get(found.severity, 2))
    record = TimetableImport.objects.create(
        school=school, timetable=draft, file_name=file_name[:200], classes=len(plan.classes), lessons=len(plan.lessons),
        state=ImportState.PARTLY if any(one.severity == BLOCK for one in findings) else ImportState.CLEAN,
        findings=[found.as_row() for found in findings[:MOST_FINDINGS]],
        more_findings=max(0, len(findings) - MOST_FINDINGS), read_by=actor.name,
    )  # fmt: skip
    audit.record(
        actor, "timetable.imported", subject_kind="organisation", subject_id=school.id, path=str(school.path),
        data={"timetable": str(draft.id), "import": str(record.id), "classes": record.classes, "lessons": record.lessons},
    )  # fmt: skip
    changes.log("timetable.timetable", [draft.id])
    return record
