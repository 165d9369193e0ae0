"""Lists of pupils and staff inside what the actor may see, ordered by school and name: index order, whatever the size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor, covers
from lingqu.kernel.errors import Forbidden, Invalid
from lingqu.kernel.pages import Page, merge_branches

from .. import policies
from ..models import Appointment, ClassMembership, Enrolment, Organisation
from ..types.cards import Found, PersonRow
from .rows import classes_of, pupil_row, staff_row
from .scopes import scope_size

Rows = QuerySet[Any]
ORDER = ("path", "name_key", "id")
ROWS = 30
STUDENTS, STAFF = "student", "staff"
FILTER_UP_TO = 20_000
"""Filters that no index serves work inside a scope of so many people: a big school, a township."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Narrowing of a list; empty means anything. ``path`` is the place chosen, ``class_id`` a class of pupils."""

    path: str = ""
    grade: str = ""
    attendance: str = ""
    employment: str = ""
    class_id: UUID | None = None
    boarding: bool | None = None

    @property
    def narrows(self) -> bool:
        return bool(self.grade or self.attendance or self.employment or self.boarding is not None)


def list_people(actor: Actor, kind: str, wanted: Filter | None = None, *, cursor: str = "", limit: int = ROWS) -> Found:
    """One page of pupils (``student``) or staff (``staff``). Raises :class:`Forbidden` for a place out of reach."""
    wanted = wanted or Filter()
    if wanted.narrows and not may_filter(actor, wanted.path):
        raise Invalid(_("请先选定一所学校，再按年级或状态筛选。"), code="scope_too_large")
    model: Any = Enrolment if kind == STUDENTS else Appointment
    rows: Rows = model.objects.filter(valid_to=None).select_related("person__canonical", _place_of(kind))
    rows = _narrowed(rows, kind, wanted)
    branches = _branches(actor, rows, wanted.path, kind)
    page: Page[Enrolment | Appointment] = merge_branches(branches, order=ORDER, limit=limit, cursor=cursor)
    return Found(
        rows=_as_rows(kind, page.items), next=page.next, previous=page.previous, total_text=page.total_text, kind=kind
    )


def may_filter(actor: Actor, path: str = "") -> bool:
    """Whether the list is small enough to be filtered by grade or state: every row of it may have to be read."""
    paths = (path,) if path else policies.visible_people(actor).all_paths
    return sum(map(scope_size, paths)) <= FILTER_UP_TO


def _place_of(kind: str) -> str:
    return "school" if kind == STUDENTS else "organisation"


def _narrowed(rows: Rows, kind: str, wanted: Filter) -> Rows:
    if kind == STAFF:
        rows = rows.filter(Q(relation="works_at"))
        return rows.filter(Q(employment_kind=wanted.employment)) if wanted.employment else rows
    if wanted.grade:
        rows = rows.filter(Q(grade=wanted.grade))
    if wanted.attendance:
        rows = rows.filter(Q(attendance=wanted.attendance))
    if wanted.boarding is not None:
        rows = rows.filter(Q(boarding=wanted.boarding))
    if wanted.class_id:
        seats = ClassMembership.objects.filter(class_group_id=wanted.class_id, valid_to=None)
        rows = rows.filter(person_id__in=list(seats.values_list("person_id", flat=True)))
    return rows


def _branches(actor: Actor, rows: QuerySet[Any], path: str, kind: str) -> list[QuerySet[Any]]:
    """One branch per subtree, one for schools by 属地, one for single classes and people."""
    found = policies.visible_people(actor)
    if path:
        if _reaches(found.all_paths, path):
            return [rows.filter(path__within=path)]
        found = policies.Branches(classes=found.classes, people=found.people)
        rows = rows.filter(path__within=path)
    made = [rows.filter(path__within=held) for held in found.paths]
    if found.territory_paths:
        made.append(rows.filter(path__in=list(found.territory_paths)))
    ids = _single_people(found, kind)
    if ids:
        made.append(rows.filter(person_id__in=ids))
    if not made:
        raise Forbidden()
    return made


def _reaches(held: Sequence[str], path: str) -> bool:
    return any(covers(outer, path) for outer in held)


def _single_people(found: policies.Branches, kind: str) -> list[UUID]:
    pupils: list[UUID] = []
    if found.classes and kind == STUDENTS:
        seats = ClassMembership.objects.filter(class_group_id__in=found.classes, valid_to=None)
        pupils = list(seats.values_list("person_id", flat=True))
    return [*pupils, *found.people]


def _as_rows(kind: str, items: Sequence[Enrolment | Appointment]) -> tuple[PersonRow, ...]:
    made: dict[UUID, PersonRow] = {}
    classes = classes_of([item.person_id for item in items]) if kind == STUDENTS else {}
    for item in items:
        person = item.person.canonical or item.person
        if person.deceased_on is not None or item.person.deceased_on is not None or person.id in made:
            continue
        if isinstance(item, Enrolment):
            made[person.id] = pupil_row(person, item, classes.get(item.person_id, ""))
        else:
            made[person.id] = staff_row(person, item)
    return tuple(made.values())


def find_place(actor: Actor, code: str) -> Organisation | None:
    """The organisation that a list is narrowed to, if the actor's lists reach it."""
    found = Organisation.objects.filter(code=code).first() if code else None
    if found is None:
        return None
    branches = policies.visible_people(actor)
    if _reaches(branches.all_paths, str(found.path)):
        return found
    teaches = Q(id__in=branches.classes)
    return found if branches.classes and found.class_groups.filter(teaches).exists() else None
