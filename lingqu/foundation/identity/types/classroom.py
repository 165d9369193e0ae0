"""Values of lessons on a class screen and in a computer room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

LOWEST_GRADES = ("G01", "G02", "G03")
"""Who taps a name and pictures instead of typing."""
PICTURES = ("apple", "fish", "umbrella", "bike", "sun", "cat", "plane", "tree", "cake", "star", "house", "boat")
PICTURES_IN_A_PIN, DIGITS_IN_A_PIN = 4, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A class for which a teacher may open a session now. ``ends`` is the bell, or now and a lesson's length.

    ``is_lesson``: the timetable says that she gives it now; ``lesson`` is its subject and period.
    """

    class_id: UUID
    class_name: str
    school_name: str
    lesson: str
    ends: datetime
    is_lesson: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One lesson of today on the screen of a class; ``state`` is ``past``, ``now``, ``next`` or ``later``."""

    period: str
    subject: str
    teachers: str
    starts: str
    ends: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A pupil of the class in a computer room's lesson. ``state`` is a :class:`SeatState` value."""

    account_id: UUID
    name: str
    number: int | None
    state: str
    wrong: int
    has_pin: bool
    has_card: bool
