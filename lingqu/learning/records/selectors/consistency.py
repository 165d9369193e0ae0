"""Up to when everything that was stored can be seen (X-Experience-API-Consistent-Through)."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.db import connection

from ..types.marks import seq_at

REMEMBERED_SECONDS = 0.25
"""A moment that was true stays true: to ask costs as much as storing twenty statements."""
_SQL = """SELECT LEAST(clock_timestamp(), min(a.xact_start)) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.relation = 'records_statementid'::regclass AND l.mode = 'RowExclusiveLock' AND l.pid <> pg_backend_pid()"""
_last: tuple[float, str] = (0.0, "")


def settled_seq() -> int:
    """Every statement with a number below is there to be seen."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL)
        return seq_at(cursor.fetchone()[0])


def consistent_through() -> str:
    """A moment before which no write is still under way: writers hold a lock of the table of ids before they take the time."""
    global _last
    at = time.monotonic()
    if at - _last[0] < REMEMBERED_SECONDS:
        return _last[1]
    with connection.cursor() as cursor:
        cursor.execute(_SQL)
        found: datetime = cursor.fetchone()[0]
    _last = at, moment(found)
    return _last[1]


def settled_before() -> int:
    """The number below which no statement can still appear: readers who remember where they stood miss none."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL)
        found: datetime = cursor.fetchone()[0]
    return seq_at(found.astimezone(UTC))


def moment(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
