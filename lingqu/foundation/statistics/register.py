"""The register's tables as this module reads them: through its own keys, never written."""

from __future__ import annotations

from typing import Any

from .models import Pseudonym, Snapshot


def _manager(model: Any, field: str) -> Any:
    return model._meta.get_field(field).related_model.objects


def organisations() -> Any:
    return _manager(Snapshot, "organisation")


def people() -> Any:
    return _manager(Pseudonym, "person")


def classes() -> Any:
    return organisations().model._meta.get_field("class_groups").related_model.objects


def duties() -> Any:
    return people().model._meta.get_field("duties").related_model.objects
