"""The register's tables as this module reads them: through its own keys, never written."""

from __future__ import annotations

from typing import Any

from .models import Case


def _related(field: str) -> Any:
    return Case._meta.get_field(field).related_model


def organisations() -> Any:
    return _related("school").objects


def people() -> Any:
    return _related("person").objects


def _of_person(name: str) -> Any:
    return _related("person")._meta.get_field(name).related_model.objects


def enrolments() -> Any:
    return _of_person("enrolments")


def seats() -> Any:
    return _of_person("class_memberships")
