"""The register's and identity's tables as this module reads them: through its own keys, never written."""

from __future__ import annotations

from typing import Any

from .models import ResourceLink, Score


def classes() -> Any:
    """Manager of ClassGroup."""
    model: Any = ResourceLink._meta.get_field("class_group").related_model
    return model.objects


def accounts() -> Any:
    """Manager of Account."""
    model: Any = Score._meta.get_field("account").related_model
    return model.objects


def of_class(name: str) -> Any:
    """Manager of a relation of a class: memberships, teaching."""
    return classes().model._meta.get_field(name).related_model.objects


def duties() -> Any:
    """Manager of Duty."""
    people: Any = Score._meta.get_field("person").related_model
    return people._meta.get_field("duties").related_model.objects
