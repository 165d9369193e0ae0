"""The register's tables as this module reads them: through its own keys, never written."""

from __future__ import annotations

from typing import Any

from lingqu.kernel.errors import Forbidden

from .models import Paper, PlaceRule

SCHOOL_KINDS = ("school", "teaching_point")


def organisations() -> Any:
    """Manager of Organisation."""
    model: Any = PlaceRule._meta.get_field("organisation").related_model
    return model.objects


def schools() -> Any:
    return organisations().filter(kind__in=SCHOOL_KINDS, closed_on=None)


def get_school(code: str) -> Any:
    """An open school by code; :class:`Forbidden` for anything else."""
    found = schools().filter(code=code).first() if code else None
    if found is None:
        raise Forbidden()
    return found


def get_office(code: str) -> Any:
    """An open office (no school) by code; :class:`Forbidden` for anything else."""
    offices = organisations().filter(closed_on=None).exclude(kind__in=(*SCHOOL_KINDS, "campus"))
    found = offices.filter(code=code).first() if code else None
    if found is None:
        raise Forbidden()
    return found


def people() -> Any:
    """Manager of Person."""
    model: Any = Paper._meta.get_field("person").related_model
    return model.objects


def classes() -> Any:
    """Manager of ClassGroup."""
    return organisations().model._meta.get_field("class_groups").related_model.objects


def enrolments() -> Any:
    return people().model._meta.get_field("enrolments").related_model.objects


def register_entries() -> Any:
    return people().model._meta.get_field("register_entries").related_model.objects


def memberships() -> Any:
    return people().model._meta.get_field("class_memberships").related_model.objects


def prefixes(path: str) -> list[str]:
    """The path itself and all above it, nearest first."""
    labels = path.split(".")
    return [".".join(labels[:length]) for length in range(len(labels), 0, -1)]


def is_office(code: str) -> bool:
    return not schools().filter(code=code).exists()
