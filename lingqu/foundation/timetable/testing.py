"""For tests of this module and those above: terms, bell times, lessons, grid files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

import xlsxwriter

from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing
from lingqu.kernel.actor import Actor

from . import register
from .models import Lesson, Timetable, TimetableImport
from .services import bells, calendars, versions
from .services.writing import NewLesson, copy_lessons
from .types.periods import STANDARD
from .types.weeks import ALL

SYSTEM = Actor.system("test")
YEAR = "2026-2027"
TERM_START, TERM_END = date(2026, 8, 31), date(2027, 1, 29)
DAY = date(2026, 11, 20)
"""A Friday of 第 12 周."""


def make_term(organisation: Any = None, code: str = "1", start: date = TERM_START, end: date = TERM_END) -> UUID:
    """A term of the root (or of an organisation)."""
    place = organisation or registry.ensure_root()
    return calendars.set_term(
        actor=SYSTEM, organisation_id=place.id, school_year=YEAR, code=code, name="秋季学期", start_on=start, end_on=end
    )


def make_bells(school: Any, periods: str = STANDARD, **more: Any) -> UUID:
    values = {"name": "作息", "valid_from": date(2026, 8, 1), **more}
    return bells.save_bells(actor=SYSTEM, school_id=school.id, periods=periods, **values)


def make_timetable(school: Any, lessons: Sequence[NewLesson] = (), *, since: date | None = TERM_START) -> Timetable:
    """A version of the term, published from ``since`` on; None leaves a draft."""
    term = register.terms().filter(code="1").first()
    draft = versions.start_draft(actor=SYSTEM, school_id=school.id, term_id=term.id if term else make_term())
    copy_lessons((draft.id, lesson) for lesson in lessons)
    if since is not None:
        draft = versions.publish(actor=SYSTEM, timetable_id=draft.id, effective_from=since)
    return draft


def lesson(
    group: Any, weekday: int = 1, slot: str = "1", subject: str = "14", teachers: Sequence[Any] = (), weeks: int = ALL,
    **more: Any,
) -> NewLesson:  # fmt: skip
    return NewLesson(
        class_id=group.id, weekday=weekday, slot=slot, subject=subject, weeks=weeks,
        teachers=tuple(one.id for one in teachers), **more,
    )  # fmt: skip


def teach(person: Any, group: Any, subject: str = "14", periods: float | None = None) -> None:
    register.assignments().create(
        person=person, class_group=group, subject=subject, weekly_periods=periods, valid_from=testing.START
    )


def workbook(sheets: Mapping[str, Sequence[Sequence[str]]], merges: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """An .xlsx of texts; ``merges`` are ranges by sheet."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    for title, rows in sheets.items():
        sheet = book.add_worksheet(title)
        for at, texts in enumerate(rows):
            for column, text in enumerate(texts):
                if text:
                    sheet.write_string(at, column, text)
        for place in (merges or {}).get(title, ()):
            first = place.partition(":")[0]
            row, column = int("".join(filter(str.isdigit, first))) - 1, ord(first[0]) - 65
            sheet.merge_range(place, rows[row][column])
    book.close()
    return buffer.getvalue()


def big_school(classes: int = 60, teachers: int = 150) -> tuple[Any, list[Any], list[Any]]:
    """A school with 任课 of 35 periods a class: (school, classes, teachers)."""
    school = testing.make_school(name="云汀市第三中学（演示）")
    groups = [
        testing.make_class(
            school, grade=f"G0{7 + at % 3}", serial=at // 3 + 1, name=f"{'七八九'[at % 3]}（{at // 3 + 1}）班"
        )
        for at in range(classes)
    ]
    people = [
        testing.make_teacher(
            school, name=f"{'赵钱孙李周吴郑王'[at % 8]}{'一二三四五六七八九十甲乙丙丁戊己庚辛壬癸'[at // 8]}"
        )
        for at in range(teachers)
    ]
    return school, groups, people


def lessons_of(timetable: Timetable) -> set[tuple[str, int, str, str, tuple[str, ...]]]:
    """(class, weekday, slot, subject, teachers) of every lesson."""
    rows = Lesson.objects.filter(timetable=timetable).select_related("class_group").prefetch_related("teachers__person")
    return {
        (row.class_group.name, row.weekday, row.slot, row.subject, tuple(sorted(link.person.name for link in row.teachers.all())))
        for row in rows
    }  # fmt: skip


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Route arguments of something that exists, in the own and in the other node."""
    made = [_samples_of(node) for node in (world.own, world.other)]
    return {name: (made[0][name], made[1][name]) for name in made[0]}


def _samples_of(node: Any) -> dict[str, dict[str, Any]]:
    term = register.terms().filter(code="1").first()
    term_id = term.id if term else make_term()
    known = Timetable.objects.filter(school=node.school)
    draft = known.first() or versions.start_draft(actor=SYSTEM, school_id=node.school.id, term_id=term_id)
    if not draft.lessons.exists():
        copy_lessons([(draft.id, lesson(node.group))])
    record = TimetableImport.objects.filter(school=node.school).first() or TimetableImport.objects.create(
        school=node.school, timetable=draft, file_name="课表.xlsx", state="clean"
    )
    code = {"code": node.school.code}
    return {
        "timetable:draft": {**code, "version_id": draft.id}, "timetable:clashes": {**code, "version_id": draft.id},
        "timetable:import_report": {**code, "import_id": record.id},
        "timetable:arrange": {**code, "lesson_id": draft.lessons.values_list("id", flat=True)[0]},
    }  # fmt: skip
