"""Monthly partitions of statements and marks: made ahead by a job, and at once by a writer that misses one."""

from __future__ import annotations

from django.db import connection, transaction

from lingqu.kernel.clock import now

from ..types.marks import months_from

TABLES = ("records_statement", "records_mark")
AHEAD = 3


def make_partitions() -> int:
    """Those of this month and the next two; returns how many were new."""
    made = 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('records.partitions', 0))")
        for name, begin, end in months_from(now(), AHEAD):
            for table in TABLES:
                part = f"{table}_{name}"
                cursor.execute("SELECT to_regclass(%s) IS NULL", [part])
                if cursor.fetchone()[0]:
                    cursor.execute(f"CREATE TABLE {part} PARTITION OF {table} FOR VALUES FROM ({begin}) TO ({end})")
                    made += 1
    return made
