"""What processes read of the register beside its door: the linkable models, reached through our own keys."""

from __future__ import annotations

from typing import Any

from .models import Case

SCHOOL_KINDS = ("school", "teaching_point", "campus")


def organisations() -> Any:
    """Manager of Organisation."""
    model: Any = Case._meta.get_field("organisation").related_model
    return model.objects


def people() -> Any:
    """Manager of Person."""
    model: Any = Case._meta.get_field("subject").related_model
    return model.objects


def duties() -> Any:
    """Manager of Duty."""
    model: Any = people().model._meta.get_field("duties").related_model
    return model.objects


def posts() -> Any:
    """Manager of Post."""
    model: Any = organisations().model._meta.get_field("posts").related_model
    return model.objects


def upwards(path: str) -> list[str]:
    """A place and everything above it, the nearest first."""
    parts = path.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
