"""What the timetable reads of the register beside its door: the linkable models, reached through its own keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Sum

from lingqu.kernel.errors import Forbidden

from .models import Lesson, LessonTeacher, Timetable

SCHOOL_KINDS = ("school", "teaching_point", "campus")


def people() -> Any:
    """Manager of Person."""
    model: Any = LessonTeacher._meta.get_field("person").related_model
    return model.objects


def organisations() -> Any:
    """Manager of Organisation."""
    model: Any = Timetable._meta.get_field("school").related_model
    return model.objects


def classes() -> Any:
    """Manager of ClassGroup."""
    model: Any = Lesson._meta.get_field("class_group").related_model
    return model.objects


def terms() -> Any:
    """Manager of Term."""
    model: Any = Timetable._meta.get_field("term").related_model
    return model.objects


def assignments() -> Any:
    """Manager of 任课."""
    return classes().model._meta.get_field("teaching").related_model.objects


def planned_periods(class_id: UUID) -> dict[str, float | None]:
    """Periods a week by subject as 任课 says; None where a subject is taught and nobody said how often."""
    rows = assignments().filter(class_group_id=class_id, valid_to=None).order_by("subject").values_list("subject")
    return {
        subject: None if sum_ is None else float(sum_) for subject, sum_ in rows.annotate(told=Sum("weekly_periods"))
    }


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
    found = classes().filter(id=class_id).select_related("school").first()
    if found is None:
        raise Forbidden()
    return found


def prefixes(path: str) -> list[str]:
    """The path itself and all above it, from the root down."""
    labels = path.split(".")
    return [".".join(labels[: place + 1]) for place in range(len(labels))]


def names_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names under which people go today, by any of their ids."""
    rows = people().filter(id__in=list(ids)).values_list("id", "name", "canonical__name")
    return {person_id: canonical or name for person_id, name, canonical in rows}
