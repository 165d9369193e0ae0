"""Values that cross the door or reach a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from .words import Audience, Way

FIRST, SECOND, THIRD = 1, 2, 3
"""Steps of the ladder: 班主任, 年级组长, 德育处 for pupils; 年级组长, 教务处, 校长 for staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of leave. ``quota``: days of a school year that it is granted for, None = not limited."""

    code: str
    name: str
    is_illness: bool = False
    quota: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What counts at a place. ``first`` and ``second``: up to how many days the first and second step grant leave;
    ``source``: the organisation that says so, empty for what the platform begins with."""

    audience: str
    first: Decimal
    second: Decimal
    kinds: tuple[Kind, ...]
    source: str = ""
    organisation_id: UUID | None = None

    def step(self, days: Decimal) -> int:
        return FIRST if days <= self.first else SECOND if days <= self.second else THIRD

    def kind(self, code: str) -> Kind | None:
        return next((one for one in self.kinds if one.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Online:
    """Whether leave is asked for online at a place; ``place`` is who said so, empty when nobody did."""

    is_on: bool
    reason: str = ""
    place: str = ""
    set_by: str = ""
    set_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOff:
    """A school's day: who is on leave, lessons that nobody takes yet from today on, and leave that is not decided yet."""

    pupils: int
    staff: int
    open_lessons: int
    asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAbsence:
    """Leave that was granted. ``starts_at`` and ``ends_at`` narrow the first and the last day; ``approved_by`` names who
    granted it, ``asked_by`` who asked. ``accepts_quota``: recorded though the quota of its kind is used up. ``case_id``: the
    case in which it was decided."""

    audience: Audience
    person_id: UUID
    kind: str
    starts_on: date
    ends_on: date
    starts_at: time | None = None
    ends_at: time | None = None
    school_id: UUID | None = None
    class_id: UUID | None = None
    symptoms: Sequence[str] = ()
    reason: str = ""
    asked_by: str = ""
    way: str = Way.PAPER
    approved_by: str = ""
    accepts_quota: bool = False
    case_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLeave:
    """Somebody who is on leave on a day: what a roll-call needs, and nothing about why."""

    absence_id: UUID
    person_id: UUID
    name: str
    kind: str
    starts_on: date
    ends_on: date
    starts_at: time | None = None
    ends_at: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is to happen to one lesson: ``kind`` as :class:`timetable.ChangeKind`; a move names the other lesson."""

    lesson_id: int
    day: date
    kind: str
    substitute: UUID | None = None
    other_id: int = 0
    other_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Lessons somebody took over in a month, and the own ones given away; only ``counted`` ones are paid."""

    person_id: UUID
    name: str
    counted: int = 0
    uncounted: int = 0
    given: int = 0
    lines: tuple[tuple[str, ...], ...] = field(default=())


PUPIL_KINDS = (Kind(code="sick", name="病假", is_illness=True), Kind(code="private", name="事假"))
STAFF_KINDS = (
    Kind(code="sick", name="病假", is_illness=True), Kind(code="private", name="事假", quota=Decimal(10)),
    Kind(code="duty", name="公出"), Kind(code="training", name="外出培训"), Kind(code="marriage", name="婚假"),
    Kind(code="maternity", name="产假"), Kind(code="paternity", name="护理假"), Kind(code="funeral", name="丧假"),
)  # fmt: skip
BEGINNING = {
    Audience.PUPIL: Rules(audience=Audience.PUPIL, first=Decimal(1), second=Decimal(3), kinds=PUPIL_KINDS),
    Audience.STAFF: Rules(audience=Audience.STAFF, first=Decimal(1), second=Decimal(3), kinds=STAFF_KINDS),
}
"""Until a county or a school says otherwise."""
