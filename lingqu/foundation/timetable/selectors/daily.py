"""Today's lessons of a person, for home pages: a teacher's own, a pupil's class's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from lingqu.kernel import clock

from ..sentences import slot_name
from ..types.values import TodayLesson
from .calendars import Desk
from .lessons import subject_name
from .showing import tag_of
from .weeks import Held, held_by_teacher, held_in_class_id


def lessons_today(ids: Iterable[UUID], day: date | None = None, *, desk: Desk | None = None) -> tuple[TodayLesson, ...]:
    """What a teacher (all ids that stand for one person) gives on a day (today), with 代课 and 调课 applied, in the order of
    the clock."""
    day = day or clock.today()
    return in_order(held_by_teacher(ids, day, day, desk=desk))


def lessons_between(
    ids: Iterable[UUID], first: date, last: date, *, desk: Desk | None = None
) -> tuple[TodayLesson, ...]:
    """The same for several days, day by day."""
    return in_order(held_by_teacher(ids, first, last, desk=desk))


def lessons_of_class(class_id: UUID, day: date | None = None) -> tuple[TodayLesson, ...]:
    """What a class has on a day (today)."""
    day = day or clock.today()
    return in_order(held_in_class_id(class_id, day, day))


def next_lesson(lessons: Iterable[TodayLesson]) -> TodayLesson | None:
    """The one that is being held or comes next today."""
    now = clock.now().astimezone(clock.ZONE).time()
    return next((one for one in lessons if one.ends is not None and one.ends > now and one.state != "away"), None)


def in_order(held: Held) -> tuple[TodayLesson, ...]:
    made = [_as_today(one, held) for one in held.occurrences]
    return tuple(
        sorted(made, key=lambda one: (one.day, one.starts is None, one.starts, one.slot.zfill(2), one.class_name))
    )


def _as_today(one: Any, held: Held) -> TodayLesson:
    period = held.clock.period(one.lesson.group, one.slot, one.day)
    return TodayLesson(
        day=one.day, slot=one.slot, period=period.name if period else slot_name(one.slot),
        starts=period.starts if period else None, ends=period.ends if period else None, subject=one.subject,
        subject_label=subject_name(one.subject), class_id=one.lesson.group.id, class_name=one.lesson.group.name,
        room=one.lesson.room or one.lesson.group.room, teachers=one.teacher_names, state=one.state, remark=tag_of(one),
        lesson_id=one.lesson.id, change_id=one.change.id if one.change else None,
        school_id=one.lesson.group.school_id,
    )  # fmt: skip


def week_at(path: str, day: date | None = None, *, desk: Desk | None = None) -> int | None:
    """第 n 周 at a place; None outside terms."""
    return (desk or Desk()).calendar(path).week_number(day or clock.today())
