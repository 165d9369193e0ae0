"""The door of leave and substitution: all that other modules may use."""

from .selectors.absences import day_of_school, leave_of_child, list_on_leave, on_leave, school_days
from .selectors.rules import online_at, rules_at
from .services.absences import note_return, record_absence, withdraw_absence
from .services.asking import offer
from .types import rights
from .types.events import AbsenceEnded, AbsenceRecorded
from .types.values import NewAbsence, OnLeave
from .types.words import Audience, Symptom, Way

__all__ = [
    "AbsenceEnded",
    "AbsenceRecorded",
    "Audience",
    "NewAbsence",
    "OnLeave",
    "Symptom",
    "Way",
    "day_of_school",
    "leave_of_child",
    "list_on_leave",
    "note_return",
    "offer",
    "on_leave",
    "online_at",
    "record_absence",
    "rights",
    "rules_at",
    "school_days",
    "withdraw_absence",
]
