"""Old months into Parquet: sorted, in small row groups, so that one statement or one page is read without the rest.

A month is switched in one transaction: its files are there and its partitions gone, or neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from lingqu.kernel import files
from lingqu.kernel.clock import now
from lingqu.kernel.jobs import checkpoint

from ..models import LateMark, Month, Part
from ..types.marks import months_before

STATEMENT_ROWS, STATEMENT_GROUP = 100_000, 1_000
MARK_ROWS, MARK_GROUP = 2_000_000, 16_000
_STATEMENTS = """SELECT tenant_id, seq, uuid_send(id), credential, version, body, files FROM records_statement_{0}
WHERE tenant_id = %s AND seq > %s ORDER BY seq LIMIT %s"""
_MARKS = "SELECT mark, seq FROM records_mark_{0} WHERE (mark, seq) > (%s, %s) ORDER BY mark, seq LIMIT %s"


def archive_due(months: int | None = None) -> int:
    """Move every month before the last ``months`` (the setting by default) into files; returns how many were moved."""
    kept = max(1, settings.LINGQU_XAPI_MONTHS if months is None else months)
    moved = 0
    for name, begin, end in months_before(now(), kept, _partitions()):
        archive_month(name, begin, end)
        moved += 1
        checkpoint()
    return moved


def drop_ended() -> int:
    """Months in files that are older than statements are kept; returns how many went."""
    kept = settings.LINGQU_XAPI_KEEP_MONTHS
    names = list(Month.objects.values_list("name", flat=True)) if kept else []
    ended = months_before(now(), kept, names)
    for name, _begin, _end in ended:
        drop_month(name)
    return len(ended)


@transaction.atomic
def archive_month(name: str, begin: int, end: int) -> Month:
    """Files first, then the partitions go; readers see one or the other."""
    lock_months()
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE records_statement_{name}, records_mark_{name} IN EXCLUSIVE MODE")
    month = Month.objects.create(name=name, begin=begin, end=end, statements=0)
    for tenant in _tenants(name):
        for rows in _chunks(_STATEMENTS.format(name), [tenant, begin - 1], (1,), STATEMENT_ROWS):
            _keep(month, Part.STATEMENTS, tenant, rows)
            month.statements += len(rows)
    for rows in _chunks(_MARKS.format(name), [-(1 << 63), 0], (0, 1), MARK_ROWS):
        _keep(month, Part.MARKS, 0, rows)
    month.save(update_fields=["statements"])
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE records_statement_{name}, records_mark_{name}")
    return month


@transaction.atomic
def drop_month(name: str) -> None:
    """End of retention: the files go, ids stay taken."""
    lock_months()
    for part in Part.objects.filter(month_id=name):
        files.detach(owner_kind="records.part", owner_id=part.pk)
    for month in Month.objects.filter(name=name):
        LateMark.objects.filter(seq__gte=month.begin, seq__lt=month.end).delete()
        month.delete()


def lock_months() -> None:
    """One at a time changes where months lie or what stands in their files."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('records.months', 0))")


def _partitions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'records_statement'::regclass ORDER BY 1"
        )
        return [name.removeprefix("records_statement_") for (name,) in cursor.fetchall()]


def _tenants(name: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT tenant_id FROM records_statement_{name} ORDER BY 1")  # noqa: S608
        return [row[0] for row in cursor.fetchall()]


def _chunks(sql: str, place: list[Any], keys: Sequence[int], size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in pieces of ``size``; the columns ``keys`` of the last row say where the next piece begins."""
    fixed = place[: len(place) - len(keys)]
    at = place[len(fixed) :]
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql, [*fixed, *at, size])
            rows = cursor.fetchall()
        if rows:
            yield rows
        if len(rows) < size:
            return
        at = [rows[-1][key] for key in keys]


def _keep(month: Month, kind: int, tenant: int, rows: list[tuple[Any, ...]]) -> None:
    import polars as pl  # costs a fifth of a second and is needed by the worker alone

    if kind == Part.STATEMENTS:
        schema: Any = {
            "tenant": pl.Int32, "seq": pl.Int64, "id": pl.Binary, "credential": pl.Int32, "version": pl.Int8,
            "body": pl.String, "files": pl.String,
        }  # fmt: skip
        group, first, last = STATEMENT_GROUP, rows[0][1], rows[-1][1]
    else:
        schema, group, first, last = {"mark": pl.Int64, "seq": pl.Int64}, MARK_GROUP, rows[0][0], rows[-1][0]
    target = BytesIO()
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    frame.write_parquet(target, compression="zstd", row_group_size=group, statistics=True)
    made = files.put(target.getvalue(), is_own=True)
    part = Part.objects.create(
        month=month, kind=kind, tenant=tenant, first=first, last=last, rows=len(rows), size=made.size, file=made.digest
    )
    files.attach(made.digest, owner_kind="records.part", owner_id=part.pk)
