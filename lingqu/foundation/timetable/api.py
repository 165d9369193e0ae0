"""The timetable's door: all that other modules may use."""

from .selectors.bells import list_bells
from .selectors.calendars import Desk, calendar_of, is_school_day, list_terms, school_day, week_number, working_days
from .selectors.context import contexts_of
from .selectors.daily import lessons_between, lessons_of_class, lessons_today, next_lesson, week_at
from .selectors.lessons import list_changes
from .selectors.substitutes import Arranging, Candidate, arranging, choices_of, month_of, span_of
from .sentences import slot_name, weekday_name
from .services.calendars import Day, set_days, set_term
from .services.changes import Wish, arrange, arrange_all, swap
from .services.changes import withdraw as withdraw_change
from .services.loading import NewBells, NewTimetable, load_bells, load_timetables
from .services.writing import NewLesson
from .types import rights
from .types.away import TEACHERS_AWAY, Away, AwaySpan
from .types.calendar import Calendar, SchoolDay, TermSpan
from .types.events import CalendarChanged, LessonsChanged, TimetablePublished
from .types.periods import STANDARD
from .types.rooms import SCHOOL_ROOMS
from .types.values import ChangeRow, TodayLesson
from .types.words import ChangeKind

__all__ = [
    "SCHOOL_ROOMS",
    "STANDARD",
    "TEACHERS_AWAY",
    "Arranging",
    "Away",
    "AwaySpan",
    "Calendar",
    "CalendarChanged",
    "Candidate",
    "ChangeKind",
    "ChangeRow",
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
    "arrange_all",
    "arranging",
    "calendar_of",
    "choices_of",
    "contexts_of",
    "is_school_day",
    "lessons_between",
    "lessons_of_class",
    "lessons_today",
    "list_bells",
    "list_changes",
    "list_terms",
    "load_bells",
    "load_timetables",
    "month_of",
    "next_lesson",
    "rights",
    "school_day",
    "set_days",
    "set_term",
    "slot_name",
    "span_of",
    "swap",
    "week_at",
    "week_number",
    "weekday_name",
    "withdraw_change",
    "working_days",
]
