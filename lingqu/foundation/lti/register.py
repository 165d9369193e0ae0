"""The tables of the register, identity and applications as this module reads them: through its own keys, never written."""

from __future__ import annotations

from typing import Any

from .models import ResourceLink, Score

GROUPS = ("class_group__school", "sandbox_class__vendor__organisation")
"""What a row in a class is read with, to ask the class for its school."""


def classes() -> Any:
    """Manager of ClassGroup."""
    model: Any = ResourceLink._meta.get_field("class_group").related_model
    return model.objects


def sandbox_classes() -> Any:
    """Manager of SandboxClass."""
    model: Any = ResourceLink._meta.get_field("sandbox_class").related_model
    return model.objects


def is_sandbox(group: Any) -> bool:
    """Whether a class is one of a vendor's sandbox."""
    return isinstance(group, sandbox_classes().model)


def in_class(group: Any) -> dict[str, Any]:
    """The column by which rows stand in a class, to filter by and to write."""
    return {"sandbox_class": group} if is_sandbox(group) else {"class_group": group}


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
