"""What the register tells others about one person's place: the base of derived roles."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFact:
    """A class somebody belongs to, heads or teaches; ``subject`` and ``weekly_periods`` only for teaching."""

    class_id: UUID
    name: str
    school_id: UUID
    school_name: str
    path: str
    subject: str = ""
    weekly_periods: float | None = None
    size: int = 0
    duty: str = ""
    """``head_teacher`` or ``deputy_head_teacher`` for classes that are headed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFact:
    """An organisation somebody sits, works or has a duty in.

    ``kind`` is the attendance code for enrolments, the relation (``employs``, ``works_at``) for appointments, the duty kind
    for duties. ``post`` (JY/T 1001 GWZY) stands on appointments only.
    """

    organisation_id: UUID
    name: str
    path: str
    kind: str
    grade: str = ""
    organisation_kind: str = ""
    post: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WardFact:
    """A living child that the person cares for. ``kind`` is a GuardianKind: a ``proxy`` has fewer rights."""

    person_id: UUID
    number: str
    name: str
    relation: str
    kind: str
    path: str = ""

    @property
    def is_proxy(self) -> bool:
        """A 代办人: helps out, sees class and teachers, is told nothing else and settles nothing."""
        return self.kind == "proxy"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationFacts:
    """Open relations of a person today, over all ids that stand for the person."""

    enrolments: tuple[PlaceFact, ...]
    classes: tuple[ClassFact, ...]
    head_classes: tuple[ClassFact, ...]
    taught_classes: tuple[ClassFact, ...]
    wards: tuple[WardFact, ...]
    duties: tuple[PlaceFact, ...]
    appointments: tuple[PlaceFact, ...]
    is_deceased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where somebody is known today: paths of places, classes, and the same of the children they care for.

    ``has_work``: an appointment or a duty stands open, so the person is more than a parent. Names are for showing:
    "school class" of the seats, schools, offices and schools worked at, children.
    """

    places: tuple[str, ...]
    classes: tuple[UUID, ...]
    ward_places: tuple[str, ...]
    ward_classes: tuple[UUID, ...]
    has_work: bool
    class_names: tuple[str, ...]
    school_names: tuple[str, ...]
    work_names: tuple[str, ...]
    ward_names: tuple[str, ...]
