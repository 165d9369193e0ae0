"""Tables of statistics. Rows of a snapshot are frozen: the database refuses to change or remove them."""

from .conditions import Conditions, Room
from .frozen import Pseudonym, Snapshot, SnapshotChange, SnapshotClass, SnapshotPupil, SnapshotSchool, SnapshotStaff
from .sheets import ClassCheck, Reminder, Round, Sheet

__all__ = [
    "ClassCheck",
    "Conditions",
    "Pseudonym",
    "Reminder",
    "Room",
    "Round",
    "Sheet",
    "Snapshot",
    "SnapshotChange",
    "SnapshotClass",
    "SnapshotPupil",
    "SnapshotSchool",
    "SnapshotStaff",
]
