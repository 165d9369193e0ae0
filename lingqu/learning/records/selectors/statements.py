"""Finding statements: by id, and pages by what they are about. A page costs the same at any depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.db import connection

from lingqu.kernel.compiled import prepared

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
        cursor.execute(_PLACES, ["{" + ",".join(ids) + "}", tenant])
        void = dict(cursor.fetchall())
    return [_row((*raw, void[raw[0]])) for raw in raws_at(tenant, list(void))]


def raws_at(tenant: int, seqs: list[int]) -> list[archive.Raw]:
    """Statements by number, wherever they lie, in no order."""
    if not seqs:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_AT, [tenant, seqs])
        rows: list[archive.Raw] = cursor.fetchall()
    if len(rows) < len(seqs):
        rows += archive.statements_at(tenant, sorted(set(seqs) - {row[0] for row in rows}))
    return rows


def list_page(tenant: int, wanted: Wanted) -> tuple[list[Row], bool]:
    """A page and whether more follows."""
    needed = wanted.limit + 1
    seqs: list[int] = []
    if wanted.ascending:
        seqs = _archived_seqs(tenant, wanted, needed)
    if len(seqs) < needed:
        sql, values = _seqs_sql(tenant, wanted, needed - len(seqs))
        with prepared() as cursor:
            cursor.execute(sql, values)
            seqs += [row[0] for row in cursor.fetchall()]
    if not wanted.ascending and len(seqs) < needed:
        seqs += _archived_seqs(tenant, wanted, needed - len(seqs))
    page = seqs[: wanted.limit]
    by_seq = {raw[0]: raw for raw in raws_at(tenant, page)}
    return [_row((*by_seq[seq], False)) for seq in page if seq in by_seq], len(seqs) > wanted.limit


def _archived_seqs(tenant: int, wanted: Wanted, limit: int) -> list[int]:
    """What months in files have: they are older than all that is not."""
    found: list[int] = []
    for month in archive.list_months(wanted.begin, wanted.end, ascending=wanted.ascending):
        if len(found) >= limit:
            break
        found += archive.seqs_in(month, tenant, wanted, limit - len(found))
    return found


def _row(row: Any) -> Row:
    seq, number, credential, version, body, files, is_void = row
    return Row(seq, str(number), credential, version, _decode(body), files, is_void)


_BY_MARK = "records_mark m WHERE m.mark = %s"
_BY_TENANT = "records_statement m WHERE m.tenant_id = %s"
_BY_CREDENTIAL = f"{_BY_TENANT} AND m.credential = ANY(%s::integer[])"
_ALSO = " AND (SELECT true FROM records_mark x WHERE x.mark = ANY(%s::bigint[]) AND x.seq = m.seq LIMIT 1)"
_BRANCH = """(SELECT m.seq FROM {source} AND m.seq >= %s AND m.seq < %s{also}
  AND (SELECT true FROM records_voiding v WHERE v.seq = m.seq LIMIT 1) IS NULL ORDER BY m.seq {order} LIMIT %s)"""
_SEQS = "SELECT seq FROM ({branches}) b ORDER BY seq {order} LIMIT %s"
_AT = """SELECT seq, id::text, credential, version, body, files FROM records_statement
WHERE tenant_id = %s AND seq = ANY(%s::bigint[])"""
_PLACES = """SELECT i.seq, v.target IS NOT NULL FROM records_statementid i
LEFT JOIN records_voiding v ON v.target = i.id AND v.tenant_id = i.tenant_id WHERE i.id = ANY(%s::uuid[]) AND i.tenant_id = %s"""


def _seqs_sql(tenant: int, wanted: Wanted, limit: int) -> tuple[str, list[Any]]:
    """One index range for each mark of the first choice, own and taken over; the other choices are looked up by row.

    The text depends on the kind of question only, so PostgreSQL plans it once a connection; which partitions are looked at
    follows from the bounds when it runs.
    """
    order = "ASC" if wanted.ascending else "DESC"
    bounds = [wanted.begin, wanted.end]
    branches: list[str] = []
    values: list[Any] = []
    for is_over in (False, True):
        choices = [[taken_over(mark) if is_over else mark for mark in choice] for choice in wanted.choices]
        for mark in choices[0] if choices else ():
            branches.append(_BRANCH.format(source=_BY_MARK, also=_ALSO * (len(choices) - 1), order=order))
            values += [mark, *bounds, *choices[1:], limit]
    if wanted.credentials:
        others = wanted.choices[1:]
        branches.append(_BRANCH.format(source=_BY_CREDENTIAL, also=_ALSO * len(others), order=order))
        values += [tenant, wanted.credentials, *bounds, *others, limit]
    if not wanted.choices:
        branches.append(_BRANCH.format(source=_BY_TENANT, also="", order=order))
        values += [tenant, *bounds, limit]
    return _SEQS.format(branches=" UNION ".join(branches), order=order), [*values, limit]
