"""What the records read of the register: people, through their own key."""

from __future__ import annotations

from typing import Any

from .models import Actor


def people() -> Any:
    """Manager of Person."""
    model: Any = Actor._meta.get_field("person").related_model
    return model.objects


def of_person(name: str) -> Any:
    """Manager of a relation of a person."""
    return people().model._meta.get_field(name).related_model.objects
