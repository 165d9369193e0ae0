"""Lessons that cannot both be held: the same teacher, class or room at the same time in the same week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import time

from .values import Clash, LessonRow

Times = Callable[[LessonRow], "tuple[time, time] | None"]
"""When a lesson is held by its class's bell schedule; None when the schedule has no such period."""


def find_clashes(lessons: Iterable[LessonRow], times: Times) -> tuple[Clash, ...]:
    """Every pair that clashes, once for each reason, in the order of the week.

    Two lessons meet when their times overlap; without times, when their slots are the same. Lessons with the same
    ``joint`` are one lesson for several classes: teacher and room do not clash.
    """
    buckets: dict[tuple[str, str, int], list[LessonRow]] = defaultdict(list)
    for lesson in lessons:
        for kind, key in _holders(lesson):
            buckets[kind, key, lesson.weekday].append(lesson)
    found = [
        clash
        for (kind, _key, _day), rows in buckets.items()
        if len(rows) > 1
        for clash in _within(kind, _key, rows, times)
    ]
    return tuple(sorted(found, key=lambda one: (one.weekday, one.slot.zfill(2), one.kind, one.first.id, one.second.id)))


def _holders(lesson: LessonRow) -> Iterator[tuple[str, str]]:
    yield "class", str(lesson.group.id)
    if lesson.room:
        yield "room", lesson.room
    for teacher in lesson.teachers:
        yield "teacher", str(teacher.id)


def _within(kind: str, key: str, rows: list[LessonRow], times: Times) -> Iterator[Clash]:
    placed = sorted(
        ((times(row), row) for row in rows), key=lambda pair: (pair[0] is None, pair[0] or (time(), time()))
    )
    for place, (span, row) in enumerate(placed):
        for other_span, other in placed[place + 1 :]:
            if span and other_span and other_span[0] >= span[1]:
                break
            if meets(row, span, other, other_span) and not is_joint(kind, row, other):
                first, second = sorted((row, other), key=lambda one: one.id)
                yield Clash(
                    kind=kind, what=name_of(kind, key, first), weekday=row.weekday, slot=first.slot,
                    weeks=row.weeks & other.weeks, first=first, second=second,
                )  # fmt: skip


def meets(
    one: LessonRow, span: tuple[time, time] | None, other: LessonRow, other_span: tuple[time, time] | None
) -> bool:
    """Whether two lessons of one weekday are held at the same time in some week."""
    if not one.weeks & other.weeks:
        return False
    if span is None or other_span is None:
        return one.slot == other.slot
    return span[0] < other_span[1] and other_span[0] < span[1]


def is_joint(kind: str, one: LessonRow, other: LessonRow) -> bool:
    return kind != "class" and bool(one.joint) and one.joint == other.joint


def name_of(kind: str, key: str, lesson: LessonRow) -> str:
    if kind == "teacher":
        return next(teacher.name for teacher in lesson.teachers if str(teacher.id) == key)
    return lesson.group.name if kind == "class" else lesson.room
