"""The change log's writing side. Bulk writers insert their rows by SQL; single writes call :func:`log`."""

from __future__ import annotations

from collections.abc import Iterable

from .models import Change


def log(entity: str, ids: Iterable[object], operation: str = "u") -> None:
    """``entity`` is the table's published name (``registry.person``), ``operation`` c, u or d."""
    Change.objects.bulk_create(
        [Change(entity=entity, entity_id=str(entity_id), operation=operation) for entity_id in ids], batch_size=1000
    )
