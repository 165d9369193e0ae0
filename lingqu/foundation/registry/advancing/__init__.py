"""学年升级: taking schools into the next year, set-based, school by school, and back; seats of drawn classes.

``list_school_steps`` says what each school goes by, ``preview_schools`` counts without writing, ``advance_school`` writes one
school in one transaction, ``undo_school`` takes it back. The yearly module decides when and shows it; the register writes.
"""

from .holding import Choice
from .lists import PupilMove, list_applied_moves, list_planned_moves
from .moving import PlanChanged, advance_school
from .previewing import ClassMove, PupilNote, SchoolMoves, preview_schools
from .schools import list_school_steps
from .seating import seat_classes
from .steps import COMPULSORY, SchoolStep, YearStep, next_grade
from .undoing import ChangedPupil, NotAcknowledged, find_advance, list_changed, undo_school

__all__ = [
    "COMPULSORY",
    "ChangedPupil",
    "Choice",
    "ClassMove",
    "NotAcknowledged",
    "PlanChanged",
    "PupilMove",
    "PupilNote",
    "SchoolMoves",
    "SchoolStep",
    "YearStep",
    "advance_school",
    "find_advance",
    "list_applied_moves",
    "list_changed",
    "list_planned_moves",
    "list_school_steps",
    "next_grade",
    "preview_schools",
    "seat_classes",
    "undo_school",
]
