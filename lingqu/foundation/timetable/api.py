"""The timetable's door: all that other modules may use."""

from .selectors.bells import list_bells
from .selectors.calendars import Desk, calendar_of, is_school_day, list_terms, school_day, week_number, working_days
from .selectors.context import contexts_of
from .selectors.daily import lessons_of_class, lessons_today, next_lesson, week_at
from .services.calendars import Day, set_days, set_term
from .services.changes import Wish, arrange
from .services.loading import NewBells, NewTimetable, load_bells, load_timetables
from .services.writing import NewLesson
from .types import rights
from .types.calendar import Calendar, SchoolDay, TermSpan
from .types.events import CalendarChanged, LessonsChanged, TimetablePublished
from .types.periods import STANDARD
from .types.rooms import SCHOOL_ROOMS
from .types.values import TodayLesson

__all__ = [
    "SCHOOL_ROOMS",
    "STANDARD",
    "Calendar",
    "CalendarChanged",
    "Day",
    "Desk",
    "LessonsChanged",
    "NewBells",
    "NewLesson",
    "NewTimetable",
    "SchoolDay",
    "TermSpan",
    "TimetablePublished",
    "TodayLesson",
    "Wish",
    "arrange",
    "calendar_of",
    "contexts_of",
    "is_school_day",
    "lessons_of_class",
    "lessons_today",
    "list_bells",
    "list_terms",
    "load_bells",
    "load_timetables",
    "next_lesson",
    "rights",
    "school_day",
    "set_days",
    "set_term",
    "week_at",
    "week_number",
    "working_days",
]
