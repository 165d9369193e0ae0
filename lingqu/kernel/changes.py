"""The change log: one row per changed entity, which exchange and federation ship. Bulk writers insert by SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from . import feeds, statements
from .feeds import Cursor

__all__ = ["Cursor", "Entry", "Read", "log", "read"]
INSERT_SQL = "INSERT INTO kernel_change (entity, entity_id, operation) SELECT %s, unnest(%s::text[]), %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """``entity`` changed: ``operation`` c, u or d. Read the entity for its present state."""

    cursor: Cursor
    at: datetime
    entity: str
    entity_id: str
    operation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Entries in feed order and the cursor to go on from (the given one if there was nothing)."""

    entries: tuple[Entry, ...]
    cursor: Cursor


def log(entity: str, ids: Iterable[object], operation: str = "u") -> None:
    """``entity`` is the table's published name (``registry.person``), ``operation`` c, u or d."""
    if named := [str(entity_id) for entity_id in ids]:
        statements.run(INSERT_SQL, [entity, named, operation])


def read(after: Cursor | None = None, limit: int = 1000, *, entities: Iterable[str] = ()) -> Read:
    """What settled after a cursor; nothing is skipped, whatever order transactions commit in.

    ``entities`` narrows to some published names. A cursor from before a restore into another cluster starts over.
    """
    begin = feeds.in_this_era(after or Cursor(), era := feeds.current_era())
    names = list(entities)
    rows = feeds.read_rows(
        "kernel_change", ("at", "entity", "entity_id", "operation"), after=begin, limit=limit,
        where="entity = ANY(%s)" if names else "", values=[names] if names else [],
    )  # fmt: skip
    entries = tuple(
        Entry(cursor=Cursor(era, xid, row_id), at=at, entity=entity, entity_id=entity_id, operation=operation)
        for xid, row_id, at, entity, entity_id, operation in rows
    )
    return Read(entries=entries, cursor=entries[-1].cursor if entries else begin)
