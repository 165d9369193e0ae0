"""Statements of months that lie in files: by number, and pages by marks. Row groups that cannot hold what is asked are skipped
by their bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any
from uuid import UUID

from django.db import connection

from lingqu.kernel import files

from ..models import LateMark, Month, Part
from ..types.marks import taken_over

Raw = tuple[int, str, int, int, str, str | None]
"""seq, id, credential, version, body, files."""


def list_months(begin: int, end: int, *, ascending: bool) -> list[Month]:
    rows = Month.objects.filter(begin__lt=end, end__gt=begin)
    return list(rows.order_by("begin" if ascending else "-begin"))


def statements_at(tenant: int, seqs: Sequence[int]) -> list[Raw]:
    """Statements by number, in no order; each file that holds some is opened once."""
    if not seqs:
        return []
    parts = Part.objects.filter(kind=Part.STATEMENTS, tenant=tenant, first__lte=max(seqs), last__gte=min(seqs))
    found: list[Raw] = []
    for part in parts:
        if inside := [seq for seq in seqs if part.first <= seq <= part.last]:
            found += _read_statements(part.file, inside)
    return found


def seqs_in(month: Month, tenant: int, wanted: Any, limit: int) -> list[int]:
    """At most ``limit`` numbers of one month, in the order asked for; without what is void."""
    begin, end = max(wanted.begin, month.begin), min(wanted.end, month.end)
    found: set[int] = set()
    own: set[int] = set()
    over: set[int] = set()
    for nth, choice in enumerate(wanted.choices):
        rows = _marked(month, choice, begin, end, found if nth else None)
        mine, theirs = _with(set(choice), rows), _with({taken_over(mark) for mark in choice}, rows)
        if wanted.credentials and not nth:
            mine |= _seqs_of_tenant(month, tenant, begin, end, wanted.credentials)
        own, over = (own & mine, over & theirs) if nth else (mine, theirs)
        found = own | over
    void = _void(begin, end)
    if not wanted.choices:
        found = _first_of_tenant(month, tenant, begin, end, void, wanted.ascending, limit)
    found -= void
    return sorted(found, reverse=not wanted.ascending)[:limit]


def seqs_of_marks(month: Month, marks: Sequence[int]) -> set[int]:
    """Numbers of all statements of a month with one of the marks, void or not."""
    return _with(set(marks), _marked(month, marks, month.begin, month.end, None)) if marks else set()


def digests_named(tenant: int, digests: set[str]) -> set[str]:
    """Those of ``digests`` that statements in files came with."""
    import polars as pl

    found: set[str] = set()
    for frame in _frames(Part.objects.filter(kind=Part.STATEMENTS, tenant=tenant)):
        named = frame.filter(pl.col("files").is_not_null()).select(pl.col("files").str.split(" ").explode().unique())
        found |= digests & set(named.collect()["files"].to_list())
    return found


def _void(begin: int, end: int) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM records_voiding WHERE seq >= %s AND seq < %s", [begin, end])
        return {row[0] for row in cursor.fetchall()}


def _late(marks: Sequence[int], begin: int, end: int) -> list[tuple[int, int]]:
    """Marks that statements in files got afterwards, with their numbers."""
    rows = LateMark.objects.filter(mark__in=list(marks), seq__gte=begin, seq__lt=end)
    return list(rows.values_list("mark", "seq"))


def _marked(month: Month, marks: Sequence[int], begin: int, end: int, among: set[int] | None) -> list[tuple[int, int]]:
    """Marks, own and taken over, with the numbers that have them (of those ``among``). Both lie side by side in the file."""
    import polars as pl

    wanted = sorted({*marks, *map(taken_over, marks)})
    least, most = wanted[0], wanted[-1]
    fits = pl.col("mark").is_between(least, most) & pl.col("mark").is_in(wanted)
    fits &= (pl.col("seq") >= begin) & (pl.col("seq") < end)
    if among is not None:
        fits &= pl.col("seq").is_in(list(among))
    found = [row for row in _late(wanted, begin, end) if among is None or row[1] in among]
    for frame in _frames(Part.objects.filter(month=month, kind=Part.MARKS, first__lte=most, last__gte=least)):
        found += frame.filter(fits).collect().rows()
    return found


def _with(marks: set[int], rows: Sequence[tuple[int, int]]) -> set[int]:
    return {seq for mark, seq in rows if mark in marks}


def _first_of_tenant(
    month: Month, tenant: int, begin: int, end: int, void: set[int], ascending: bool, limit: int
) -> set[int]:
    """At least ``limit`` numbers, if there are so many: files follow each other, so the first ones are enough."""
    import polars as pl

    parts = Part.objects.filter(month=month, kind=Part.STATEMENTS, tenant=tenant, first__lt=end, last__gte=begin)
    inside = (pl.col("seq") >= begin) & (pl.col("seq") < end)
    found: set[int] = set()
    for frame in _frames(parts.order_by("first" if ascending else "-first")):
        seqs = frame.filter(inside).select("seq").collect()["seq"]
        most = limit + len(void)
        found.update((seqs.head(most) if ascending else seqs.tail(most)).to_list())
        if len(found - void) >= limit:
            break
    return found


def _seqs_of_tenant(month: Month, tenant: int, begin: int, end: int, credentials: Sequence[int]) -> set[int]:
    import polars as pl

    parts = Part.objects.filter(month=month, kind=Part.STATEMENTS, tenant=tenant, first__lt=end, last__gte=begin)
    found: set[int] = set()
    for frame in _frames(parts):
        inside = (pl.col("seq") >= begin) & (pl.col("seq") < end)
        if credentials:
            inside &= pl.col("credential").is_in(list(credentials))
        found.update(frame.filter(inside).select("seq").collect()["seq"].to_list())
    return found


def _read_statements(digest: str, seqs: Sequence[int]) -> list[Raw]:
    import polars as pl

    with files.local_copy(digest) as path:
        frame = pl.scan_parquet(path)
        seq = pl.col("seq")
        one = seq == seqs[0] if len(seqs) == 1 else seq.is_in(list(seqs)) & seq.is_between(min(seqs), max(seqs))
        rows = frame.filter(one).select("seq", "id", "credential", "version", "body", "files").collect().rows()
    return [(row[0], str(UUID(bytes=row[1])), *row[2:]) for row in rows]


def _frames(parts: Any) -> Iterator[Any]:
    import polars as pl

    for part in parts:
        with ExitStack() as stack:
            yield pl.scan_parquet(stack.enter_context(files.local_copy(part.file)))
