"""Values that cross the door or reach a page. Times are local to the school."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from uuid import UUID

from .weeks import ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Teacher:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period of a bell schedule."""

    slot: str
    name: str
    kind: str
    starts: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Bells:
    """A bell schedule as a value; empty ``campus`` and ``grades`` mean all."""

    id: UUID
    school_id: UUID
    name: str
    campus: str
    grades: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    periods: tuple[Period, ...]

    def fits(self, campus: str, grades: tuple[str, ...], day: date) -> bool:
        if not (self.valid_from <= day and (self.valid_to is None or day < self.valid_to)):
            return False
        return self.campus in ("", campus) and (not self.grades or bool(set(self.grades) & set(grades)))

    @property
    def rank(self) -> tuple[bool, bool, date]:
        """The most special, then the newest counts."""
        return bool(self.campus), bool(self.grades), self.valid_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The class of a lesson, as far as a timetable needs it."""

    id: UUID
    name: str
    school_id: UUID
    grades: tuple[str, ...] = ()
    campus: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonRow:
    """A lesson of a version."""

    id: int
    timetable_id: UUID
    group: Group
    weekday: int
    slot: str
    subject: str
    weeks: int = ALL
    room: str = ""
    joint: str = ""
    origin: str = ""
    teachers: tuple[Teacher, ...] = ()

    @property
    def teacher_names(self) -> str:
        return "、".join(teacher.name for teacher in self.teachers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a school's timetable and the days on which it counts (both included)."""

    id: UUID
    school_id: UUID
    number: int
    state: str
    term_id: UUID
    term_start: date
    term_end: date
    effective_from: date | None

    def covers(self, day: date) -> bool:
        return self.effective_from is not None and self.effective_from <= day <= self.term_end


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A change of one lesson on one day that has not been withdrawn."""

    id: UUID
    lesson: LessonRow
    day: date
    kind: str
    original: Teacher | None = None
    substitute: Teacher | None = None
    subject: str = ""
    to_day: date | None = None
    to_slot: str = ""
    pair: UUID | None = None
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A lesson on a day. ``state``: "" as planned, ``substitute``, ``moved`` here, ``self_study``, ``cancelled``, ``away``
    (given elsewhere or to somebody else; shown struck through to those who look for it)."""

    lesson: LessonRow
    day: date
    slot: str
    subject: str
    teachers: tuple[Teacher, ...]
    state: str = ""
    change: ChangeRow | None = None

    @property
    def is_held(self) -> bool:
        return self.state not in ("cancelled", "away")

    @property
    def teacher_names(self) -> str:
        return "、".join(teacher.name for teacher in self.teachers)


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayLesson:
    """One lesson of today, for home pages: when, what, where and with whom."""

    day: date
    slot: str
    period: str
    starts: time | None
    ends: time | None
    subject: str
    subject_label: str
    class_id: UUID
    class_name: str
    room: str
    teachers: str
    state: str = ""
    remark: str = ""
    lesson_id: int = 0
    change_id: UUID | None = None
    school_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Two lessons that cannot both be: ``kind`` is teacher, class or room, ``what`` its name."""

    kind: str
    what: str
    weekday: int
    slot: str
    weeks: int
    first: LessonRow
    second: LessonRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A lesson or a sum of lessons that does not agree with 任课: ``kind`` is untaught, nobody, more or fewer."""

    kind: str
    group: Group
    subject: str
    teacher: str = ""
    planned: float | None = None
    found: float = 0.0
    lessons: tuple[LessonRow, ...] = field(default=())
