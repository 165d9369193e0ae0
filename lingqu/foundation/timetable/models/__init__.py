"""Tables of calendar and timetable. Days of a term are inclusive, weeks are bits of an integer (``types/weeks.py``)."""

from .calendars import CalendarDay, CalendarState, TermRule
from .changes import Feed, LessonChange
from .lessons import BellPeriod, BellSchedule, Lesson, LessonTeacher, Timetable, TimetableImport

__all__ = [
    "BellPeriod",
    "BellSchedule",
    "CalendarDay",
    "CalendarState",
    "Feed",
    "Lesson",
    "LessonChange",
    "LessonTeacher",
    "TermRule",
    "Timetable",
    "TimetableImport",
]
