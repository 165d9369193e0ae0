"""Keys to Person that say what a merge does with them."""

from __future__ import annotations

from typing import Any

from django.db import models


class PersonKey(models.ForeignKey):
    """A key to Person. ``on_merge``: ``follow`` (read through all ids of the person), ``pick`` or ``refuse``."""

    CHOICES = frozenset({"follow", "pick", "refuse"})

    def __init__(self, *args: Any, on_merge: str = "", **kwargs: Any) -> None:
        self.on_merge = on_merge
        kwargs.setdefault("on_delete", models.PROTECT)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs
