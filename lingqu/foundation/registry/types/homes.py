"""What the register tells a person's own home page."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from .cards import ClassCard, PersonRef, TaughtSubject


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtClass:
    """A class that somebody teaches, with each subject and its weekly periods."""

    card: ClassCard
    subjects: tuple[tuple[str, float | None], ...]
    is_head: bool

    @property
    def periods(self) -> float:
        return sum(periods or 0 for _label, periods in self.subjects)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingHome:
    """Classes taught and classes headed today. ``pupils`` counts each class once, ``ids`` are all that stand for the
    teacher."""

    ids: tuple[UUID, ...]
    taught: tuple[TaughtClass, ...]
    headed: tuple[ClassCard, ...]
    periods: float
    pupils: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilCard:
    """Where a pupil sits. Empty texts and no class when the register does not say."""

    person: PersonRef
    school_name: str = ""
    school_code: str = ""
    class_id: UUID | None = None
    class_name: str = ""
    class_size: int = 0
    room: str = ""
    place: int | None = None
    grade_label: str = ""
    attendance_label: str = ""
    school_number: str = ""
    boarding: bool | None = None
    heads: tuple[PersonRef, ...] = ()
    teaching: tuple[TaughtSubject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildCard:
    """A child with the guardian's relation. ``is_proxy``: somebody who only helps out, with fewer rights."""

    pupil: PupilCard
    relation_label: str
    is_proxy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTotals:
    """Sums of one part of a subtree: a district, or the schools directly below."""

    code: str
    name: str
    kind: str
    schools: int
    classes: int
    students: int
    staff: int

    @property
    def mean_class_size(self) -> float:
        return round(self.students / self.classes, 1) if self.classes else 0.0
