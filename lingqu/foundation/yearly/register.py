"""The register's tables as this module reads them: through its own keys, never written."""

from __future__ import annotations

from typing import Any

from .models import PlannedClass, PupilDecision, SchoolPlan


def _manager(model: Any, field: str) -> Any:
    return model._meta.get_field(field).related_model.objects


def organisations() -> Any:
    return _manager(SchoolPlan, "school")


def people() -> Any:
    return _manager(PupilDecision, "person")


def class_groups() -> Any:
    return _manager(PlannedClass, "class_group")


def enrolments() -> Any:
    return people().model._meta.get_field("enrolments").related_model.objects


def memberships() -> Any:
    return class_groups().model._meta.get_field("memberships").related_model.objects
