"""Finding statements: by id, and pages by what they are about. A page costs the same at any depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.db import connection

from ..types.marks import taken_over
from . import archive

_decode = msgspec.json.Decoder().decode


@dataclass(slots=True)
class Row:
    """A stored statement; ``body`` names agents by face."""

    seq: int
    id: str
    credential: int
    version: int
    body: dict[str, Any]
    files: str | None
    is_void: bool = False


@dataclass(slots=True, kw_only=True)
class Wanted:
    """Filters as marks: each list is a choice, all lists hold together. Bounds of ``seq`` are from (included) and to."""

    choices: list[list[int]] = field(default_factory=list)
    credentials: list[int] = field(default_factory=list)
    """Statements of these credentials match the first choice too (their authority is the agent asked for)."""
    begin: int = 0
    end: int = 1 << 62
    ascending: bool = False
    limit: int = 50


def bodies_of(tenant: int, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Stored bodies by id, of those that exist."""
    return {row.id: row.body for row in rows_of(tenant, ids)}


def rows_of(tenant: int, ids: Sequence[str]) -> list[Row]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.seq, s.id, s.credential, s.version, s.body, s.files, v.target IS NOT NULL FROM records_statementid i"
            " JOIN records_statement s ON s.tenant_id = i.tenant_id AND s.seq = i.seq"
            " LEFT JOIN records_voiding v ON v.target = i.id AND v.tenant_id = i.tenant_id"
            " WHERE i.id = ANY(%s::uuid[]) AND i.tenant_id = %s",
            [list(ids), tenant],
        )
        rows = [_row(row) for row in cursor.fetchall()]
    return rows if len(rows) == len(ids) else rows + _archived(tenant, set(ids) - {row.id for row in rows})


def _archived(tenant: int, ids: set[str]) -> list[Row]:
    """Those of ids that lie in files."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.seq, v.target IS NOT NULL FROM records_statementid i"
            " LEFT JOIN records_voiding v ON v.target = i.id AND v.tenant_id = i.tenant_id"
            " WHERE i.id = ANY(%s::uuid[]) AND i.tenant_id = %s"
            " AND EXISTS (SELECT 1 FROM records_month m WHERE i.seq >= m.begin AND i.seq < m.end)",
            [sorted(ids), tenant],
        )
        void = dict(cursor.fetchall())
    return [_row((*raw, void[raw[0]])) for raw in archive.statements_at(tenant, sorted(void))]


def list_page(tenant: int, wanted: Wanted) -> tuple[list[Row], bool]:
    """A page and whether more follows."""
    sql, values = _page_sql(tenant, wanted)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = [_row((*row, False)) for row in cursor.fetchall()]
    if wanted.ascending or len(rows) <= wanted.limit:
        rows = _with_archive(tenant, wanted, rows)
    return rows[: wanted.limit], len(rows) > wanted.limit


def _with_archive(tenant: int, wanted: Wanted, rows: list[Row]) -> list[Row]:
    """What months in files add: they are older than all that is not."""
    needed = wanted.limit + 1
    old: list[Row] = []
    for month in archive.list_months(wanted.begin, wanted.end, ascending=wanted.ascending):
        left = needed - len(old) - (0 if wanted.ascending else len(rows))
        if left <= 0:
            break
        seqs = archive.seqs_in(month, tenant, wanted, left)
        by_seq = {raw[0]: raw for raw in archive.statements_at(tenant, seqs)}
        old += [_row((*by_seq[seq], False)) for seq in seqs]
    return ([*old, *rows] if wanted.ascending else [*rows, *old])[:needed]


def _row(row: Any) -> Row:
    seq, number, credential, version, body, files, is_void = row
    return Row(seq, str(number), credential, version, _decode(body), files, is_void)


_BY_MARK = "records_mark m WHERE m.mark = %s"
_BY_TENANT = "records_statement m WHERE m.tenant_id = %s"
_BY_CREDENTIAL = f"{_BY_TENANT} AND m.credential = ANY(%s::integer[])"
_ALSO = " AND EXISTS (SELECT 1 FROM records_mark x WHERE x.mark = ANY(%s::bigint[]) AND x.seq = m.seq)"
_BRANCH = """(SELECT m.seq FROM {source} AND m.seq >= %s AND m.seq < %s{also}
  AND NOT EXISTS (SELECT 1 FROM records_voiding v WHERE v.seq = m.seq) ORDER BY m.seq {order} LIMIT {limit})"""
_PAGE = """SELECT s.seq, s.id, s.credential, s.version, s.body, s.files
FROM (SELECT seq FROM ({branches}) b ORDER BY seq {order} LIMIT {limit}) p
JOIN records_statement s ON s.tenant_id = %s AND s.seq = p.seq ORDER BY s.seq {order}"""


def _page_sql(tenant: int, wanted: Wanted) -> tuple[str, list[Any]]:
    """One index range for each mark of the first choice, own and taken over; the other choices are looked up by row."""
    how = {"order": "ASC" if wanted.ascending else "DESC", "limit": wanted.limit + 1}
    bounds = [wanted.begin, wanted.end]
    branches: list[str] = []
    values: list[Any] = []
    for is_over in (False, True):
        choices = [[taken_over(mark) if is_over else mark for mark in choice] for choice in wanted.choices]
        for mark in choices[0] if choices else ():
            branches.append(_BRANCH.format(source=_BY_MARK, also=_ALSO * (len(choices) - 1), **how))
            values += [mark, *bounds, *choices[1:]]
    if wanted.credentials:
        others = wanted.choices[1:]
        branches.append(_BRANCH.format(source=_BY_CREDENTIAL, also=_ALSO * len(others), **how))
        values += [tenant, wanted.credentials, *bounds, *others]
    if not wanted.choices:
        branches.append(_BRANCH.format(source=_BY_TENANT, also="", **how))
        values += [tenant, *bounds]
    return _PAGE.format(branches=" UNION ".join(branches), **how), [*values, tenant]
