"""The demo city's year: terms, holidays with their working Saturdays, bell times, and a timetable of every school.

Timetables follow from 任课: a bipartite edge colouring of classes and teachers, so that every planned period has its place
and nobody is in two rooms at once. They are loaded through the timetable module like anybody's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable

from .accounts import ACTOR
from .numbers import CITY_REGION, district_code

DAYS = 5
LESSONS, LONG_LESSONS = 7, 8
LONG = timetable.STANDARD.replace("课后服务 15:40-16:40", "第8节 15:40-16:20\n课后服务 16:30-17:20")
SENIOR = "早读 07:20-07:50\n" + LONG + "\n晚自习 19:00-20:30"
SPRING_FESTIVAL = {2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23)}
DRAGON_BOAT = {2026: (6, 19), 2027: (6, 9), 2028: (5, 28), 2029: (6, 16), 2030: (6, 5), 2031: (6, 24)}
AFTERNOONS = ("社团", "作业辅导")


def set_up_timetables() -> dict[str, int]:
    """Calendar, bell times and timetables of the running school year; nothing when they are there already."""
    root = registry.find_organisation(CITY_REGION)
    year = registry.current_school_year()
    if root is None or timetable.list_terms(str(root.path), year):
        return {"timetables": 0, "lessons": 0}
    first = int(year[:4])
    term_id = _set_terms(root, year, first)
    _set_holidays(root, first)
    _set_sports_day(first)
    return _load(year, term_id, date(first, 9, 1))


def _set_terms(root: Any, year: str, first: int) -> UUID:
    autumn, spring = date(first, 9, 1), date(first + 1, 2, 22)
    values = {"actor": ACTOR, "organisation_id": root.id, "school_year": year}
    term_id = timetable.set_term(
        **values, code="1", name=_("秋季学期"), start_on=autumn, end_on=_friday(date(first + 1, 1, 29))
    )
    timetable.set_term(
        **values, code="2", name=_("春季学期"), start_on=spring + timedelta(days=-spring.weekday() % 7),
        end_on=_friday(date(first + 1, 7, 2)),
    )  # fmt: skip
    return term_id


def _friday(day: date) -> date:
    return day - timedelta(days=(day.weekday() - 4) % 7)


def _set_holidays(root: Any, first: int) -> None:
    """National holidays as a notice would give them: a week for National Day and Labour Day, paid back on weekends."""
    days = [
        *_holiday(date(first, 10, 1), 7, "国庆节", free=3),
        *_holiday(date(first + 1, 1, 1), 1, "元旦", free=1),
        *_holiday(date(first + 1, 4, 5), 1, "清明节", free=1),
        *_holiday(date(first + 1, 5, 1), 5, "劳动节", free=2),
    ]
    for name, table, length in (("春节", SPRING_FESTIVAL, 7), ("端午节", DRAGON_BOAT, 1)):
        if first + 1 in table:
            days += _holiday(date(first + 1, *table[first + 1]), length, name, free=length)
    timetable.set_days(actor=ACTOR, organisation_id=root.id, days=days, notice=f"云汀办〔{first}〕36号（演示）")


def _holiday(start: date, length: int, name: str, *, free: int) -> Iterable[timetable.Day]:
    """``free`` days are given, the other weekdays are worked on the weekend before and the one after."""
    span = [start + timedelta(days=place) for place in range(length)]
    owed = [day for day in span[free:] if day.weekday() < 5]
    before = start - timedelta(days=(start.weekday() + 1) % 7 or 7)
    after = span[-1] + timedelta(days=(5 - span[-1].weekday()) % 7 or 7)
    yield from (timetable.Day(day=day, kind="holiday", name=name) for day in span)
    for place, day in zip((before, after), owed[-2:], strict=False):
        yield timetable.Day(day=place, kind="workday", name=name, follows_day=day)


def _set_sports_day(first: int) -> None:
    """The first district holds its sports day on a Friday in November and teaches the Saturday before instead."""
    district = registry.find_organisation(district_code(1))
    november = date(first, 11, 1)
    saturday = november + timedelta(days=(5 - november.weekday()) % 7 + 14)
    friday = saturday + timedelta(days=6)
    if district is not None:
        days = [
            timetable.Day(day=saturday, kind="workday", name="秋季运动会", follows_day=friday),
            timetable.Day(day=friday, kind="stop", name="秋季运动会"),
        ]
        timetable.set_days(actor=ACTOR, organisation_id=district.id, days=days, notice="汀东区校历第 2 次调整（演示）")


def _load(year: str, term_id: UUID, since: date) -> dict[str, int]:
    schools = list(
        apps.get_model("registry", "Organisation").objects.filter(kind__in=("school", "teaching_point"), closed_on=None)
    )
    contexts = timetable.contexts_of(schools, year)
    bells: list[timetable.NewBells] = []
    tables: list[timetable.NewTimetable] = []
    for context in contexts.values():
        if not context.taught:
            continue
        bells += _bells(context, since)
        lessons = tuple(_lessons(context))
        tables.append(
            timetable.NewTimetable(school_id=context.school.id, term_id=term_id, effective_from=since, lessons=lessons)
        )
    timetable.load_bells(actor=ACTOR, schedules=bells)
    return {"timetables": len(tables), "lessons": timetable.load_timetables(actor=ACTOR, timetables=tables)}


def _loads(context: Any) -> dict[UUID, int]:
    """Planned periods a week by class."""
    found: dict[UUID, int] = defaultdict(int)
    for (class_id, _subject), taught in context.taught.items():
        found[class_id] += int(taught[0].periods or 0)
    return found


def _bells(context: Any, since: date) -> Iterable[timetable.NewBells]:
    loads, long_grades = _loads(context), set()
    for class_id, periods in loads.items():
        if periods > DAYS * LESSONS:
            long_grades |= set(context.groups[class_id].grades)
    grades = {grade for group in context.groups.values() for grade in group.grades}
    senior = {grade for grade in grades if grade in ("G10", "G11", "G12")}
    start = since - timedelta(days=31)
    make = {"school_id": context.school.id, "valid_from": start}
    if senior:
        rest = grades - senior
        yield timetable.NewBells(**make, name="高中作息", periods=SENIOR, grades=tuple(sorted(senior)) if rest else ())
    if grades - senior:
        yield timetable.NewBells(**make, name="作息", periods=timetable.STANDARD)
    if long_grades - senior:
        yield timetable.NewBells(**make, name="毕业年级作息", periods=LONG, grades=tuple(sorted(long_grades - senior)))


def _lessons(context: Any) -> Iterable[timetable.NewLesson]:
    loads = _loads(context)
    width = {class_id: LONG_LESSONS if periods > DAYS * LESSONS else LESSONS for class_id, periods in loads.items()}
    weave = Weave(DAYS, width)
    for (class_id, subject), taught in sorted(
        context.taught.items(), key=lambda item: (-(item[1][0].periods or 0), str(item[0]))
    ):
        for _n in range(int(taught[0].periods or 0)):
            weave.add(class_id, taught[0].teacher.id, subject)
    for (class_id, place), (teacher, subject) in weave.by_class.items():
        yield timetable.NewLesson(
            class_id=class_id,
            weekday=place % DAYS + 1,
            slot=str(place // DAYS + 1),
            subject=subject,
            teachers=(teacher,),
        )
    for class_id, lessons in width.items():
        taken = {place for owner, place in weave.by_class if owner == class_id}
        for place in range(lessons * DAYS):
            if place not in taken:
                yield timetable.NewLesson(
                    class_id=class_id, weekday=place % DAYS + 1, slot=str(place // DAYS + 1), subject="自习"
                )
        for day in range(1, DAYS + 1):
            yield timetable.NewLesson(class_id=class_id, weekday=day, slot="A1", subject=AFTERNOONS[day % 2])


class Weave:
    """Edge colouring of a bipartite multigraph: classes, teachers, and times as colours (König: as many colours as the
    busiest has lessons always suffice). Where several times are free, lessons of a subject spread over the days."""

    def __init__(self, days: int, width: dict[UUID, int]) -> None:
        self.days, self.width = days, width
        self.by_class: dict[tuple[UUID, int], tuple[UUID, str]] = {}
        self.by_teacher: dict[tuple[UUID, int], tuple[UUID, str]] = {}
        self.spread: dict[tuple[UUID, str, int], int] = defaultdict(int)

    def add(self, class_id: UUID, teacher: UUID, subject: str) -> bool:
        """Find a time; moves others along an alternating path when there is none. False when the class is full."""
        mine = [place for place in range(self.width[class_id] * self.days) if (class_id, place) not in self.by_class]
        if not mine:
            return False
        both = [place for place in mine if (teacher, place) not in self.by_teacher]
        if both:
            place = min(
                both, key=lambda one: (self.spread[class_id, subject, one % self.days], self._turn(one, subject))
            )
        else:
            theirs = next((p for p in range(LESSONS * self.days) if (teacher, p) not in self.by_teacher), None)
            if theirs is None:
                return False
            moved = next((one for one in mine if self._alternate(teacher, one, theirs)), None)
            if moved is None:
                return False
            place = moved
        self._put(class_id, place, teacher, subject)
        return True

    def _turn(self, place: int, subject: str) -> tuple[int, int]:
        """Not the same hour every day: each subject walks through the hours."""
        hour, day = place // self.days, place % self.days
        return (hour + day * 3 + sum(map(ord, subject))) % LESSONS, place

    def _put(self, class_id: UUID, place: int, teacher: UUID, subject: str) -> None:
        self.by_class[class_id, place] = (teacher, subject)
        self.by_teacher[teacher, place] = (class_id, subject)
        self.spread[class_id, subject, place % self.days] += 1

    def _alternate(self, teacher: UUID, wanted: int, free: int) -> bool:
        """Free ``wanted`` at the teacher by changing ``wanted`` and ``free`` along the path that begins there."""
        path: list[tuple[UUID, UUID, str, int]] = []
        at_teacher, node, place, other = True, teacher, wanted, free
        while True:
            found = (self.by_teacher if at_teacher else self.by_class).get((node, place))
            if found is None:
                break
            class_id, who = (found[0], node) if at_teacher else (node, found[0])
            path.append((class_id, who, found[1], place))
            at_teacher, node = not at_teacher, found[0]
            place, other = other, place
        if any(
            (free if place == wanted else wanted) >= self.width[class_id] * self.days
            for class_id, _w, _s, place in path
        ):
            return False
        for class_id, who, subject, place in path:
            del self.by_class[class_id, place], self.by_teacher[who, place]
            self.spread[class_id, subject, place % self.days] -= 1
        for class_id, who, subject, place in path:
            self._put(class_id, free if place == wanted else wanted, who, subject)
        return True
