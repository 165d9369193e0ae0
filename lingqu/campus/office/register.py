"""What leave reads of register and timetable beside their doors: the linkable models, reached through its own keys."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lingqu.kernel.errors import Forbidden

from .models import Absence, Cover

SCHOOL_KINDS = ("school", "teaching_point", "campus")


def organisations() -> Any:
    """Manager of Organisation."""
    model: Any = Absence._meta.get_field("school").related_model
    return model.objects


def people() -> Any:
    """Manager of Person."""
    model: Any = Absence._meta.get_field("person").related_model
    return model.objects


def classes() -> Any:
    """Manager of ClassGroup."""
    model: Any = Absence._meta.get_field("class_group").related_model
    return model.objects


def lesson_changes() -> Any:
    """Manager of LessonChange."""
    model: Any = Cover._meta.get_field("change").related_model
    return model.objects


def appointments() -> Any:
    return people().model._meta.get_field("appointments").related_model.objects


def memberships() -> Any:
    return people().model._meta.get_field("class_memberships").related_model.objects


def get_organisation(code: str) -> Any:
    """By code; what does not exist looks like what may not be seen."""
    found = organisations().filter(code=code).first() if code else None
    if found is None:
        raise Forbidden()
    return found


def get_school(code: str) -> Any:
    found = get_organisation(code)
    if found.kind not in SCHOOL_KINDS:
        raise Forbidden()
    return found


def get_class(class_id: UUID) -> Any:
    """With its school."""
    found = classes().filter(id=class_id).select_related("school").first()
    if found is None:
        raise Forbidden()
    return found


def canonical_of(person: Any) -> Any:
    return person.canonical or person


def is_pupil_of(person_ids: tuple[UUID, ...], class_id: UUID) -> bool:
    rows = memberships().filter(class_group_id=class_id, person_id__in=person_ids, valid_to=None)
    return bool(rows.exists())


def works_at(person_ids: tuple[UUID, ...], school_id: UUID) -> bool:
    rows = appointments().filter(person_id__in=person_ids, organisation_id=school_id, valid_to=None)
    return bool(rows.exclude(relation="employs").exists())


def pupils_of(class_id: UUID) -> tuple[Any, ...]:
    """Living pupils of a class by number and name."""
    rows = memberships().filter(class_group_id=class_id, valid_to=None).select_related("person__canonical")
    made = {
        canonical_of(row.person).id: canonical_of(row.person) for row in rows.order_by("number", "person__name_key")
    }
    return tuple(person for person in made.values() if person.deceased_on is None)
