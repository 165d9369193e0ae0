"""What a school's grid is read against: its classes, staff and 任课. Three statements for any number of schools."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lingqu.foundation.registry import api as registry

from .. import register
from ..types.values import Group, Teacher
from .lessons import ACTIVITIES, as_group


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """One 任课: who, and how many periods a week (None = not said)."""

    teacher: Teacher
    periods: float | None


@dataclass(slots=True, kw_only=True)
class SchoolContext:
    """``named``: every spelling of a class's name in use → class. ``staff``: name → the people of that name."""

    school: Any
    school_year: str
    groups: dict[UUID, Group] = field(default_factory=dict)
    named: dict[str, UUID] = field(default_factory=dict)
    staff: dict[str, list[Teacher]] = field(default_factory=lambda: defaultdict(list))
    taught: dict[tuple[UUID, str], list[Taught]] = field(default_factory=lambda: defaultdict(list))
    _asked: dict[str, UUID | None] = field(default_factory=dict)

    def find_class(self, text: str) -> UUID | None:
        """A class by any spelling of its name."""
        if text not in self._asked:
            self._asked[text] = self._find_class(text)
        return self._asked[text]

    def _find_class(self, text: str) -> UUID | None:
        tidy = registry.tidy_class_name(text)
        if not tidy or len(tidy) > 24:
            return None
        if tidy in self.named:
            return self.named[tidy]
        if not any(sign in tidy for sign in "班级.()0123456789"):
            return None
        return self.named.get(_identity(text, self.school, self.school_year))

    def is_class(self, text: str) -> bool:
        return self.find_class(text) is not None

    def is_teacher(self, name: str) -> bool:
        return name in self.staff


def _identity(text: str, school: Any, school_year: str) -> str:
    read = registry.read_class_name(text, schooling=school.schooling or "", school_year=school_year)
    return f"={read.identity}" if read.grades else ""


def contexts_of(schools: Iterable[Any], school_year: str) -> dict[UUID, SchoolContext]:
    """Contexts by school."""
    made = {school.id: SchoolContext(school=school, school_year=school_year) for school in schools}
    for row in register.classes().filter(school_id__in=list(made), school_year=school_year):
        context = made[row.school_id]
        context.groups[row.id] = as_group(row)
        for text in (row.name, row.written_name, row.local_name):
            if text:
                context.named.setdefault(registry.tidy_class_name(text), row.id)
        if key := _identity(row.written_name or row.name, context.school, school_year):
            context.named.setdefault(key, row.id)
    _add_staff(made)
    _add_taught(made)
    return made


def _add_staff(made: dict[UUID, SchoolContext]) -> None:
    rows = register.appointments().filter(organisation_id__in=list(made), valid_to=None, person__deceased_on=None)
    names = rows.order_by("id").values_list(
        "organisation_id", "person_id", "person__name", "person__canonical_id", "person__canonical__name"
    )
    for school_id, person_id, name, canonical, canonical_name in names:
        teacher = Teacher(id=canonical or person_id, name=canonical_name or name)
        people = made[school_id].staff[teacher.name]
        if teacher not in people:
            people.append(teacher)


def _add_taught(made: dict[UUID, SchoolContext]) -> None:
    class_ids = [class_id for context in made.values() for class_id in context.groups]
    owner = {class_id: context for context in made.values() for class_id in context.groups}
    rows = register.assignments().filter(class_group_id__in=class_ids, valid_to=None).order_by("id").values_list(
        "class_group_id", "subject", "weekly_periods", "person_id", "person__name", "person__canonical_id",
        "person__canonical__name",
    )  # fmt: skip
    for class_id, subject, periods, person_id, name, canonical, canonical_name in rows:
        context = owner[class_id]
        teacher = Teacher(id=canonical or person_id, name=canonical_name or name)
        context.taught[class_id, subject].append(
            Taught(teacher=teacher, periods=float(periods) if periods is not None else None)
        )
        if teacher not in context.staff[teacher.name]:
            context.staff[teacher.name].append(teacher)


def subject_reader() -> Callable[[str], str]:
    """Spelling of a subject or activity → what is stored; empty for what is neither."""
    codes = registry.subject_codes()
    activities = frozenset(ACTIVITIES)

    def read(text: str) -> str:
        bare = text.strip().rstrip("课") or text
        return codes.get(text) or codes.get(bare) or (text if text in activities else "")

    return read
