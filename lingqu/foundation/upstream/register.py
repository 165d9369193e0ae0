"""The register's people, reached through our own key."""

from __future__ import annotations

from typing import Any

from .models import Identifier


def people() -> Any:
    """Manager of Person."""
    model: Any = Identifier._meta.get_field("person").related_model
    return model.objects
