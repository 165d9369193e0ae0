"""Lessons into the tables: COPY, two statements for any number of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from ..types.weeks import ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLesson:
    class_id: UUID
    weekday: int
    slot: str
    subject: str
    weeks: int = ALL
    room: str = ""
    joint: str = ""
    origin: str = ""
    teachers: tuple[UUID, ...] = ()


def copy_lessons(lessons: Iterable[tuple[UUID, NewLesson]]) -> int:
    """Insert (timetable id, lesson) pairs inside the caller's transaction; returns how many. The caller has checked
    rights, classes and teachers."""
    rows = list(lessons)
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('timetable_lesson', 'id')) FROM generate_series(1, %s)", [len(rows)]
        )
        ids = [row[0] for row in cursor.fetchall()]
        with cursor.copy(
            "COPY timetable_lesson (id, timetable_id, class_group_id, weekday, slot, subject, weeks, room, joint, origin)"
            " FROM STDIN"
        ) as copy:
            for lesson_id, (timetable_id, one) in zip(ids, rows, strict=True):
                copy.write_row(
                    (lesson_id, timetable_id, one.class_id, one.weekday, one.slot, one.subject, one.weeks, one.room,
                     one.joint, one.origin)
                )  # fmt: skip
        with cursor.copy("COPY timetable_lessonteacher (lesson_id, person_id) FROM STDIN") as copy:
            for lesson_id, (_timetable_id, one) in zip(ids, rows, strict=True):
                for person_id in dict.fromkeys(one.teachers):
                    copy.write_row((lesson_id, person_id))
    return len(rows)
