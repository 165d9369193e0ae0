"""One change row for every row that a set-based statement touched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def log_rows(cursor: Any, entity: str, sql: str, operation: str, values: Mapping[str, Any] | None = None) -> int:
    """Run a statement that returns ids, log each id as ``operation`` (c, u, d) and return how many there were."""
    cursor.execute(
        f"WITH made AS ({sql}) INSERT INTO kernel_change (entity, entity_id, operation)"  # noqa: S608
        f" SELECT '{entity}', id::text, '{operation}' FROM made",
        values or {},
    )
    return int(cursor.rowcount)
