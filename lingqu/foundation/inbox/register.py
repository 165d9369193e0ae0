"""What the inbox reads of the register beside its door: the linkable models, reached through our own keys."""

from __future__ import annotations

from typing import Any

from lingqu.kernel.errors import Forbidden

from .models import Notice, NoticeTarget


def organisations() -> Any:
    """Manager of Organisation."""
    model: Any = Notice._meta.get_field("organisation").related_model
    return model.objects


def _offices() -> Any:
    return organisations().filter(closed_on=None).exclude(kind__in=("school", "teaching_point", "campus"))


def is_office(code: str) -> bool:
    return bool(_offices().filter(code=code).exists())


def get_office(code: str) -> Any:
    """An open office (no school) by code; :class:`Forbidden` for anything else."""
    found = _offices().filter(code=code).first()
    if found is None:
        raise Forbidden()
    return found


def classes() -> Any:
    """Manager of ClassGroup."""
    model: Any = Notice._meta.get_field("class_group").related_model
    return model.objects


def posts() -> Any:
    """Manager of Post."""
    model: Any = Notice._meta.get_field("post").related_model
    return model.objects


def people() -> Any:
    """Manager of Person."""
    model: Any = NoticeTarget._meta.get_field("person").related_model
    return model.objects
