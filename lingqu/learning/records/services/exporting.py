"""Statements as flat Parquet for analytics: who, what, when and how well, by numbers of actors; never a name.

Files are named by the numbers of their first and last statement, so that running it again goes on behind the last one, twice
at once harms nothing, and what is there already is not written anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection

from ..selectors.consistency import settled_seq
from ..types.marks import moment_at

ROWS = 50_000
_NAME = re.compile(r"statements-(\d{20})-(\d{20})\.parquet")
_decode = msgspec.json.Decoder().decode
_NEXT = """SELECT seq, tenant_id, id::text, body FROM records_statement s WHERE seq > %s AND seq < %s
  AND NOT EXISTS (SELECT 1 FROM records_voiding v WHERE v.seq = s.seq) ORDER BY seq LIMIT %s"""


def export(folder: Path) -> dict[str, int]:
    """Write what is new to ``folder/month=2026-11/statements-<first>-<last>.parquet``; statements that were voided after they
    were written stand in ``voided.parquet``, who actors are today in ``actors.parquet``."""
    folder.mkdir(parents=True, exist_ok=True)
    files = rows = 0
    for chunk in _chunks(_last_of(folder), settled_seq()):
        for month, part in _by_month(chunk):
            _write(folder / f"month={month}", part)
            files, rows = files + 1, rows + len(part)
    _write_table(
        folder / "actors.parquet",
        "SELECT f.id AS face, a.id AS actor, a.person_id::text AS person FROM records_face f JOIN records_actor a ON a.id = f.actor_id",
    )
    _write_table(folder / "voided.parquet", "SELECT tenant_id, target::text AS id, seq FROM records_voiding")
    return {"files": files, "statements": rows}


def compact(folder: Path) -> dict[str, int]:
    """Join the files of months that are over; a month that has one file is left. A reader that
    comes meanwhile sees statements twice (``seq`` tells them apart), never one less; what was interrupted is joined next time."""
    import polars as pl

    joined = 0
    for place in sorted(folder.glob("month=*"))[:-1]:
        parts = sorted(place.glob("statements-*.parquet"))
        if len(parts) > 1:
            first, last = _bounds(parts[0])[0], _bounds(parts[-1])[1]
            frame = pl.concat([pl.read_parquet(part) for part in parts])
            aside = place / f".{first}.aside"
            frame.unique("seq").sort("seq").write_parquet(aside, compression="zstd")
            whole = place / _name_of(first, last)
            aside.rename(whole)
            for part in parts:
                if part != whole:
                    part.unlink()
            joined += len(parts)
    return {"joined": joined}


def _chunks(after: int, before: int) -> Iterator[list[dict[str, Any]]]:
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT, [after, before, ROWS])
            rows = cursor.fetchall()
        if rows:
            yield [_flat(*row) for row in rows]
            after = rows[-1][0]
        if len(rows) < ROWS:
            return


def _flat(seq: int, tenant: int, number: str, body: str) -> dict[str, Any]:
    said = _decode(body)
    target, result, context = said["object"], said.get("result", {}), said.get("context", {})
    score = result.get("score", {})
    parents = context.get("contextActivities", {}).get("parent", [])
    return {
        "seq": seq, "tenant": tenant, "id": number, "stored": moment_at(seq), "timestamp": said.get("timestamp"),
        "face": said["actor"].get("$"), "verb": said["verb"]["id"], "object_type": target.get("objectType", "Activity"),
        "object": target.get("id"), "type": target.get("definition", {}).get("type"), "parent": parents[0]["id"] if parents else None,
        "registration": context.get("registration"), "scaled": _number(score.get("scaled")), "raw": _number(score.get("raw")),
        "success": result.get("success"), "completion": result.get("completion"), "duration": result.get("duration"),
    }  # fmt: skip


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _by_month(rows: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    months: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        months.setdefault(f"{row['stored']:%Y-%m}", []).append(row)
    yield from months.items()


def _schema() -> Any:
    import polars as pl

    texts = ("verb", "object_type", "object", "type", "parent", "registration", "duration")
    return {
        "seq": pl.Int64, "tenant": pl.Int32, "id": pl.String, "stored": pl.Datetime("us", "UTC"), "timestamp": pl.String,
        "face": pl.Int64, "scaled": pl.Float64, "raw": pl.Float64, "success": pl.Boolean, "completion": pl.Boolean,
        **dict.fromkeys(texts, pl.String),
    }  # fmt: skip


def _write(place: Path, rows: list[dict[str, Any]]) -> None:
    import polars as pl

    place.mkdir(exist_ok=True)
    name = _name_of(rows[0]["seq"], rows[-1]["seq"])
    aside = place / f".{name}.aside"
    pl.DataFrame(rows, schema=_schema()).write_parquet(aside, compression="zstd", row_group_size=ROWS)
    aside.rename(place / name)


def _write_table(target: Path, sql: str) -> None:
    import polars as pl

    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column.name for column in cursor.description]
        rows = cursor.fetchall()
    aside = target.with_suffix(".aside")
    pl.DataFrame(rows, schema=names, orient="row").write_parquet(aside)
    aside.rename(target)


def _name_of(first: int, last: int) -> str:
    return f"statements-{first:020}-{last:020}.parquet"


def _bounds(path: Path) -> tuple[int, int]:
    match = _NAME.fullmatch(path.name)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _last_of(folder: Path) -> int:
    return max((_bounds(path)[1] for path in folder.glob("month=*/statements-*.parquet")), default=0)
