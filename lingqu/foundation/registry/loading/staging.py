"""Temporary tables of one chunk, and the resolution of references that all kinds share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
from django.db import connection

from lingqu.kernel import crypto

from ..types.rows import ROW_KINDS

PERSON_KINDS = ("students", "staff", "guardians")


def key_hashes(kind: str, keys: Iterable[str]) -> list[str | None]:
    """Digest of a source key; empty keys stay None. The kind is part of it."""
    return crypto.blind_all("source_key", [f"{kind}:{key}" if key else "" for key in keys])


def with_hashes(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``key_hash`` and ``row_hash`` (hex): what the row is called and what it says."""
    names = [column.name for column in ROW_KINDS[kind]]
    texts = frame.select(pl.concat_str(names, separator="\x1f", ignore_nulls=False)).to_series()
    return frame.with_columns(
        pl.Series("key_hash", key_hashes(kind, frame["key"]), dtype=pl.String),
        pl.Series("row_hash", crypto.row_hashes(texts), dtype=pl.String),
    )


def changed_rows(source_id: int, kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows that are new or say something else than at their last delivery."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS stage_seen")
        cursor.execute("CREATE TEMP TABLE stage_seen (at int, key_hash uuid, row_hash uuid) ON COMMIT DROP")
        _copy(
            cursor,
            "stage_seen",
            ["at", "key_hash", "row_hash"],
            zip(range(len(frame)), frame["key_hash"], frame["row_hash"], strict=True),
        )
        cursor.execute(
            """SELECT s.at FROM stage_seen s LEFT JOIN registry_sourcelink l
                 ON l.source_id = %s AND l.kind = %s AND l.key_hash = s.key_hash AND l.row_hash = s.row_hash
               WHERE l.id IS NULL ORDER BY s.at""",
            [source_id, kind],
        )
        wanted = [row[0] for row in cursor.fetchall()]
    return frame if len(wanted) == len(frame) else frame[wanted]


def stage(kind: str, frame: pl.DataFrame, extra: dict[str, str]) -> None:
    """Make ``stage`` with the kind's columns, the hashes, ``at`` and the columns of ``extra`` (name → SQL type).

    Columns of ``extra`` that the frame has are copied, the others start empty.
    """
    names = [column.name for column in ROW_KINDS[kind] if not column.sensitive]
    columns = {
        "at": "int",
        "row_number": "int",
        "key_hash": "uuid",
        "row_hash": "uuid",
        **dict.fromkeys(names, "text"),
        **extra,
    }
    columns |= {"problem": "text", "problem_field": "text"}
    present = [name for name in columns if name in frame.columns]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS stage")
        cursor.execute(f"CREATE TEMP TABLE stage ({', '.join(f'{n} {t}' for n, t in columns.items())}) ON COMMIT DROP")
        _copy(cursor, "stage", present, frame.select(present).iter_rows())
        cursor.execute("ANALYZE stage")


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        _copy(cursor, table, columns, rows)


def run(sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> int:
    """Execute and return the number of rows touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return int(cursor.rowcount)


def rows_of(sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return list(cursor.fetchall())


def resolve_organisations(source_id: int, reference: str, target: str, scope: str) -> None:
    """Fill ``target`` (uuid column) from ``reference``: a key of this source, a code, or a name that is unique in scope."""
    run(
        f"""UPDATE stage SET {target} = l.entity_uuid FROM registry_sourcelink l
            WHERE l.source_id = %s AND l.kind = 'organisations' AND l.key_hash = stage.{reference}_hash""",  # noqa: S608
        [source_id],
    )
    run(
        f"""UPDATE stage SET {target} = o.id FROM registry_organisation o
            WHERE stage.{target} IS NULL AND stage.{reference} <> '' AND o.code = stage.{reference}"""  # noqa: S608
    )
    run(
        f"""UPDATE stage SET {target} = n.id FROM (
              SELECT name, (array_agg(id))[1] AS id FROM registry_organisation
              WHERE path >= %s::ltree AND path < %s::ltree GROUP BY name HAVING count(*) = 1) n
            WHERE stage.{target} IS NULL AND stage.{reference} <> '' AND n.name = stage.{reference}""",  # noqa: S608
        [scope, f"{scope}-"],
    )


def mark_unknown(target: str, reference: str, rule: str) -> None:
    run(
        f"UPDATE stage SET problem = %s, problem_field = %s WHERE {target} IS NULL AND problem IS NULL",  # noqa: S608
        [rule, reference],
    )


def mark_outside(path_column: str, scope: str, reference: str) -> None:
    """Rows that name an organisation outside the importer's subtree are refused."""
    run(
        f"""UPDATE stage SET problem = 'scope.outside', problem_field = %s WHERE problem IS NULL
            AND NOT ({path_column} >= %s::ltree AND {path_column} < %s::ltree)""",  # noqa: S608
        [reference, scope, f"{scope}-"],
    )


def link_sources(source_id: int, kind: str, entity: str) -> None:
    """Remember which entity each applied row stands for and what it said. ``entity`` is ``entity_uuid = …`` style."""
    column, value = entity.split("=")
    run(
        f"""INSERT INTO registry_sourcelink (source_id, kind, key_hash, row_hash, {column.strip()})
            SELECT DISTINCT ON (key_hash) %s, %s, key_hash, row_hash, {value.strip()} FROM stage
            WHERE problem IS NULL AND {value.strip()} IS NOT NULL ORDER BY key_hash
            ON CONFLICT (source_id, kind, key_hash) DO UPDATE
            SET row_hash = EXCLUDED.row_hash, {column.strip()} = EXCLUDED.{column.strip()}""",  # noqa: S608
        [source_id, kind],
    )


def log_changes(entity: str, select: str, params: Sequence[Any] = ()) -> None:
    """One change row per entity; ``select`` yields (id as text, operation)."""
    run(f"INSERT INTO kernel_change (entity, entity_id, operation) SELECT %s, x.* FROM ({select}) x", [entity, *params])  # noqa: S608
