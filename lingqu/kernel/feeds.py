"""Reading a table that many transactions append to, without losing a row.

Ids are handed out before commit: row 8 may be visible while row 7 is still being written. A reader that remembers
``id > 8`` never sees row 7. So rows carry the transaction that wrote them (``xid8``) and are read in the order (xid,
id) only below ``pg_snapshot_xmin(pg_current_snapshot())``, the oldest transaction still running: nothing can appear
below it any more. The price: one long writing transaction holds back what younger ones have written (shown as lag).

Transaction ids count anew when a dump is loaded into another cluster. ``adopt_cluster`` notices that and begins a new
era.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from .models import HomeState

SETTLED = "pg_snapshot_xmin(pg_current_snapshot())"


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """Everything up to this place has been read. ``Cursor()`` is the beginning."""

    era: int = 0
    xid: int = 0
    id: int = 0

    def __str__(self) -> str:
        return f"{self.era}.{self.xid}.{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """The reverse of ``str``; ``ValueError`` on anything else."""
        era, xid, row_id = (int(part) for part in text.split("."))
        if min(era, xid, row_id) < 0:
            raise ValueError(text)
        return cls(era, xid, row_id)


def read_rows(
    table: str, columns: Sequence[str], *, after: Cursor, limit: int, where: str = "", values: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """``(xid, id, *columns)`` of the settled rows after a cursor of this era, in feed order. Names are trusted code.

    The order names the table: a bare ``xid`` would be the selected number, which no index holds.
    """
    chosen = ", ".join(("xid::text::bigint", "id", *columns))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {chosen} FROM {table} WHERE (xid, id) > (%s::text::xid8, %s) AND xid < {SETTLED}"  # noqa: S608
            f"{' AND ' + where if where else ''} ORDER BY {table}.xid, {table}.id LIMIT %s",
            [str(after.xid), after.id, *values, limit],
        )
        return cursor.fetchall()


def head_of(table: str) -> Cursor:
    """The place of the last settled row; one index look-up."""
    era = current_era()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT xid::text::bigint, id FROM {table} WHERE xid < {SETTLED}"  # noqa: S608
            f" ORDER BY {table}.xid DESC, {table}.id DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return Cursor(era, *row) if row else Cursor(era)


def current_era() -> int:
    return HomeState.objects.values_list("feed_era", flat=True).first() or 0


def in_this_era(cursor: Cursor, era: int) -> Cursor:
    """A cursor from an earlier era begins again: its transaction ids mean nothing here."""
    return cursor if cursor.era == era else Cursor(era)


def adopt_cluster() -> bool:
    """Start a new era if the database lives in another cluster than before; returns whether it does.

    Called at every start, before anything writes. Restored rows are settled by definition, so outbox and change rows
    get this transaction's id (handlers and consumers see them again: at least once), and the sealer seals the audit
    rows that came along unsealed, then counts from a new floor.
    """
    from . import sealing

    with transaction.atomic(), connection.cursor() as cursor:
        state = HomeState.objects.select_for_update().first()
        if state is None:
            return False
        cursor.execute("SELECT system_identifier::text FROM pg_control_system()")
        cluster = cursor.fetchone()[0]
        if state.cluster == cluster:
            return False
        was_known, state.cluster = bool(state.cluster), cluster
        if was_known:
            state.feed_era += 1
            cursor.execute("LOCK TABLE kernel_audit, kernel_outbox, kernel_change IN SHARE ROW EXCLUSIVE MODE")
            sealing.close_era(state.feed_era)
            cursor.execute("UPDATE kernel_outbox SET xid = pg_current_xact_id()")
            cursor.execute("UPDATE kernel_change SET xid = pg_current_xact_id()")
        state.save(update_fields=["cluster", "feed_era"])
        return was_known
