"""One lesson of a draft: added, moved, changed, taken out. What would clash is refused until somebody says it is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.ids import uuid7

from .. import register
from ..models import Lesson, LessonTeacher, Timetable
from ..selectors.bells import Clock, list_bells
from ..selectors.context import subject_reader
from ..selectors.lessons import as_group, list_lessons
from ..sentences import clash_sentence
from ..types.clashes import find_clashes
from ..types.values import Clash, LessonRow, Teacher
from ..types.weeks import read_weeks
from .versions import locked_draft
from .writing import NewLesson, copy_lessons

NOT_YET = 1 << 62
"""Stands for the id of a lesson that is not written yet: it comes after all that are."""


class WouldClash(Conflict):
    """The lesson meets others; ``details["clashes"]`` are sentences. Say ``accept`` to write it all the same."""

    code = "clash"


@transaction.atomic
def put_lesson(
    *, actor: Actor, timetable_id: UUID, class_id: UUID, weekday: int, slot: str, subject: str,
    teacher_ids: Sequence[UUID] = (), room: str = "", weeks: str = "", lesson_id: int | None = None, accept: bool = False,
) -> int:  # fmt: skip
    """Add a lesson, or write ``lesson_id`` anew (which is how it moves); returns its id.

    Raises :class:`Forbidden` without the right or for somebody else's class, :class:`Conflict` for a published version,
    :class:`Invalid` for an unknown subject, period, week or stranger, :class:`WouldClash` unless ``accept``.
    """
    draft = locked_draft(actor, timetable_id)
    row = _wanted(
        draft, class_id=class_id, weekday=weekday, slot=slot, subject=subject, teacher_ids=teacher_ids, room=room, weeks=weeks,
        lesson_id=lesson_id,
    )  # fmt: skip
    if not accept:
        _require_no_clash(draft, row)
    if lesson_id is None:
        copy_lessons([(draft.id, _as_new(row))])
        lesson_id = Lesson.objects.filter(timetable=draft).order_by("-id").values_list("id", flat=True)[0]
    else:
        values = {
            "weekday": row.weekday,
            "slot": row.slot,
            "subject": row.subject,
            "weeks": row.weeks,
            "room": row.room,
        }
        Lesson.objects.filter(id=lesson_id).update(**values)
        LessonTeacher.objects.filter(lesson_id=lesson_id).delete()
        LessonTeacher.objects.bulk_create(
            LessonTeacher(lesson_id=lesson_id, person_id=teacher.id) for teacher in row.teachers
        )
    _trace(actor, draft, "timetable.lesson.put", lesson_id)
    return lesson_id


def _as_new(row: LessonRow) -> NewLesson:
    return NewLesson(
        class_id=row.group.id, weekday=row.weekday, slot=row.slot, subject=row.subject, weeks=row.weeks, room=row.room,
        teachers=tuple(teacher.id for teacher in row.teachers),
    )  # fmt: skip


def _wanted(
    draft: Timetable, *, class_id: UUID, weekday: int, slot: str, subject: str, teacher_ids: Sequence[UUID], room: str,
    weeks: str, lesson_id: int | None,
) -> LessonRow:  # fmt: skip
    """The lesson as it would be, with everything it names looked up."""
    old = None
    if lesson_id is not None:
        old = next(iter(list_lessons(Q(timetable=draft, id=lesson_id))), None)
        if old is None or old.group.id != class_id:
            raise Forbidden()
    group = register.get_class(class_id)
    if group.school_id != draft.school_id or group.school_year_id != draft.term.school_year_id:
        raise Forbidden()
    code = subject_reader()(subject.strip())
    if not code:
        raise Invalid(_("没有学科“%(subject)s”。") % {"subject": subject[:20]}, code="unknown_subject")
    try:
        mask = read_weeks(weeks)
    except ValueError as error:
        raise Invalid(_("周次写成“单周”“双周”或“1-8,10”。"), code="bad_weeks") from error
    if not 1 <= weekday <= 7:
        raise Invalid(_("请选择星期。"), code="bad_weekday")
    _require_slot(draft, as_group(group), slot)
    return LessonRow(
        id=lesson_id or NOT_YET, timetable_id=draft.id, group=as_group(group), weekday=weekday, slot=slot, subject=code,
        weeks=mask, room=room.strip()[:40], joint=old.joint if old else "", origin=old.origin if old else "",
        teachers=_colleagues(draft, teacher_ids),
    )  # fmt: skip


def _require_slot(draft: Timetable, group: object, slot: str) -> None:
    periods = Clock(list_bells([draft.school_id])).periods(group, today())  # type: ignore[arg-type]
    if not slot or (periods and slot not in periods):
        raise Invalid(_("作息里没有这一节。"), code="unknown_period")


def _colleagues(draft: Timetable, teacher_ids: Sequence[UUID]) -> tuple[Teacher, ...]:
    wanted = list(dict.fromkeys(teacher_ids))
    if len(wanted) > 6:
        raise Invalid(_("一节课最多 6 位教师。"), code="too_many_teachers")
    works = register.appointments().filter(person_id__in=wanted, organisation_id=draft.school_id, valid_to=None)
    names = dict(works.filter(person__deceased_on=None).values_list("person_id", "person__name"))
    if set(names) != set(wanted):
        raise Invalid(_("这位教师不在本校任职。"), code="not_a_colleague")
    return tuple(Teacher(id=person_id, name=names[person_id]) for person_id in wanted)


def clashes_with(draft: Timetable, row: LessonRow) -> tuple[Clash, ...]:
    """Clashes that one lesson has with the rest of the draft, on its weekday."""
    others = [one for one in list_lessons(Q(timetable=draft, weekday=row.weekday)) if one.id != row.id]
    clock = Clock(list_bells([draft.school_id]))
    found = find_clashes([*others, replace(row, id=row.id)], clock.times_on(today()))
    return tuple(clash for clash in found if row.id in (clash.first.id, clash.second.id))


def _require_no_clash(draft: Timetable, row: LessonRow) -> None:
    found = clashes_with(draft, row)
    if found:
        sentences = [clash_sentence(clash) for clash in found]
        raise WouldClash(sentences[0], details={"clashes": sentences})


@transaction.atomic
def move_lesson(
    *, actor: Actor, timetable_id: UUID, lesson_id: int, weekday: int, slot: str, accept: bool = False
) -> None:
    """Move a lesson to another time. If the class has a lesson there that fits where this one was, the two change places."""
    draft = locked_draft(actor, timetable_id)
    row = next(iter(list_lessons(Q(timetable=draft, id=lesson_id))), None)
    if row is None:
        raise Forbidden()
    if (row.weekday, row.slot) == (weekday, slot):
        return
    _require_slot(draft, row.group, slot)
    if not 1 <= weekday <= 7:
        raise Invalid(_("请选择星期。"), code="bad_weekday")
    there = Q(timetable=draft, class_group_id=row.group.id, weekday=weekday, slot=slot)
    pushed = [one for one in list_lessons(there) if one.weeks & row.weeks]
    Lesson.objects.filter(id=row.id).update(weekday=weekday, slot=slot)
    Lesson.objects.filter(id__in=[one.id for one in pushed]).update(weekday=row.weekday, slot=row.slot)
    if not accept:
        for one in (
            replace(row, weekday=weekday, slot=slot),
            *(replace(p, weekday=row.weekday, slot=row.slot) for p in pushed),
        ):
            _require_no_clash(draft, one)
    _trace(actor, draft, "timetable.lesson.moved", lesson_id)


@transaction.atomic
def remove_lesson(*, actor: Actor, timetable_id: UUID, lesson_id: int) -> None:
    draft = locked_draft(actor, timetable_id)
    if not Lesson.objects.filter(timetable=draft, id=lesson_id).delete()[0]:
        raise Forbidden()
    _trace(actor, draft, "timetable.lesson.removed", lesson_id)


@transaction.atomic
def join_lessons(*, actor: Actor, timetable_id: UUID, lesson_ids: Sequence[int]) -> None:
    """Say that lessons of several classes are one (合班): same weekday, slot and subject, or :class:`Invalid`."""
    draft = locked_draft(actor, timetable_id)
    rows = list(Lesson.objects.filter(timetable=draft, id__in=list(lesson_ids)))
    if len(rows) != len(set(lesson_ids)) or len(rows) < 2:
        raise Forbidden()
    if len({(row.weekday, row.slot, row.subject) for row in rows}) > 1:
        raise Invalid(_("合班要同一天、同一节、同一学科。"), code="not_joint")
    joint = next((row.joint for row in rows if row.joint), "") or uuid7().hex
    Lesson.objects.filter(id__in=[row.id for row in rows]).update(joint=joint)
    _trace(actor, draft, "timetable.lesson.joined", rows[0].id)


def _trace(actor: Actor, draft: Timetable, action: str, lesson_id: int) -> None:
    audit.record(
        actor, action, subject_kind="organisation", subject_id=draft.school_id, path=str(draft.school.path),
        data={"timetable": str(draft.id), "lesson": lesson_id},
    )  # fmt: skip
    changes.log("timetable.timetable", [draft.id])
