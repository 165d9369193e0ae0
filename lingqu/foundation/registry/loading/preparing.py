"""From rows to a staged CSV: digests first, so that rows that say nothing new are neither sealed nor sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
from django.db import connection
from django.utils.translation import gettext as _

from lingqu.kernel import crypto

from ..models import Source
from ..types.names import name_keys
from .batch import PERSON_KINDS, Batch, Prepared, RowFinding
from .staging import (
    REPEATED,
    as_csv,
    completed,
    key_digests,
    row_digests,
    stage_columns,
    typed,
    with_passes,
    with_people,
    with_seals,
)

MOST_PASSES = 20
SMALL = 100_000
KNOWN = {"key_hash": pl.String, "known_hash": pl.String, "linked": pl.String}


def with_digests(kind: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a whole delivery with ``key_hash`` and ``row_hash`` (hex).

    A key that stands in several rows (a guardian of several children, a teacher at several schools) has one digest of
    all of them together. Row digests are compared with stored ones, so they end under the layer of the index key; the
    digest of a group is made below it, or a rotation could not follow.
    """
    if "key_hash" in rows.columns:
        return rows
    frame = completed(kind, rows)
    frame = frame.with_columns(
        pl.Series("key_hash", key_digests(kind, frame["key"]), dtype=pl.String),
        pl.Series("row_hash", row_digests(kind, frame), dtype=pl.String),
    )
    if kind in REPEATED and frame["key_hash"].is_duplicated().any():
        frame = frame.with_columns(is_repeat=pl.col("key_hash").is_not_null() & ~pl.col("key_hash").is_first_distinct())
        together = pl.col("row_hash").sort().str.join("").over("key_hash")
        joined = frame.select(pl.when(pl.len().over("key_hash") > 1).then(together).alias("text")).to_series()
        digests = pl.Series("row_hash", crypto.imprint_all("key:row-group", joined), dtype=pl.String)
        frame = frame.with_columns(pl.coalesce(digests, pl.col("row_hash")).alias("row_hash"))
    return frame.with_columns(pl.Series("row_hash", crypto.cover_all(frame["row_hash"].to_list()), dtype=pl.String))


def source_of(code: str, *, kind: str = "local", name: str = "") -> Source:
    return Source.objects.get_or_create(code=code, defaults={"name": name or code, "kind": kind})[0]


def known_links(source_id: int, kind: str, keys: pl.Series) -> pl.DataFrame:
    """What this source said last time about ``keys`` (hex digests): ``known_hash`` and the ``linked`` entity."""
    columns = "encode(uuid_send(l.key_hash), 'hex'), encode(uuid_send(l.row_hash), 'hex'), l.entity_uuid::text"
    with connection.cursor() as cursor:
        if len(keys) < SMALL:
            cursor.execute(
                f"SELECT {columns} FROM unnest(%s::uuid[]) AS k(key) JOIN registry_sourcelink l"  # noqa: S608
                " ON l.source_id = %s AND l.kind = %s AND l.key_hash = k.key",
                [keys.drop_nulls().to_list(), source_id, kind],
            )
            return pl.DataFrame(cursor.fetchall(), schema=KNOWN, orient="row")
        query = (
            f"COPY (SELECT {columns} FROM registry_sourcelink l WHERE l.source_id = {int(source_id)}"  # noqa: S608
            f" AND l.kind = '{kind}') TO STDOUT (FORMAT csv)"
        )
        with cursor.copy(query) as copy:
            data = b"".join(bytes(part) for part in copy)
    if not data:
        return pl.DataFrame(schema=KNOWN)
    return pl.read_csv(data, has_header=False, new_columns=list(KNOWN), schema_overrides=list(KNOWN.values()))


def known_keys(*, source_id: int, kind: str, keys: Sequence[str]) -> frozenset[str]:
    """Which of the plain keys this source has delivered before."""
    digests = dict(zip(key_digests(kind, keys), keys, strict=True))
    found = known_links(source_id, kind, pl.Series("key", list(digests), dtype=pl.String))
    return frozenset(digests[key] for key in found["key_hash"] if key in digests)


def prepare_batch(batch: Batch, known: pl.DataFrame) -> Prepared:
    """Everything that needs no database. Uses the settings' keys; safe to run in another thread."""
    kind = batch.kind
    frame = with_digests(kind, batch.rows)
    total = len(frame)
    if len(known):
        frame = frame.join(known, on="key_hash", how="left", maintain_order="left")
        frame = frame.filter(pl.col("known_hash").is_null() | (pl.col("known_hash") != pl.col("row_hash")))
    else:
        frame = frame.with_columns(pl.lit(None, pl.String).alias("linked"))
    frame = frame.with_columns(pl.int_range(len(frame), dtype=pl.Int32).alias("row_id"))
    unchanged = total - len(frame)
    typed_frame, bad = typed(kind, frame)
    if kind in PERSON_KINDS:
        typed_frame = with_seals(kind, with_people(kind, typed_frame))
    elif kind == "organisations":
        typed_frame = _with_organisation_keys(typed_frame)
    else:
        typed_frame = _with_person_references(kind, typed_frame)
    typed_frame = with_passes(kind, typed_frame)
    columns = tuple(name for name in stage_columns(kind) if name in typed_frame.columns)
    findings = tuple(_bad_value(kind, frame, at, name) for at, name in bad)
    return Prepared(
        batch=replace(batch, rows=batch.rows.clear()), frame=typed_frame, data=as_csv(typed_frame, columns),
        columns=columns, unchanged=unchanged, passes=min(int(typed_frame["pass"].max() or 1), MOST_PASSES),  # type: ignore[arg-type]
        findings=findings,
    )  # fmt: skip


def _with_organisation_keys(frame: pl.DataFrame) -> pl.DataFrame:
    keys = name_keys(frame["name"].fill_null(""))
    return frame.with_columns(
        pl.Series("name_key", [key for key, _initials in keys], dtype=pl.String),
        pl.Series("name_initials", [initials for _key, initials in keys], dtype=pl.String),
    )


def _with_person_references(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    if kind in {"attributes", "numbers"}:
        staff = {"staff_hash": key_digests("staff", frame["staff_ref"])} if kind == "numbers" else {}
        return frame.with_columns(
            *(pl.Series(name, digests, dtype=pl.String) for name, digests in staff.items()),
            pl.Series("student_hash", key_digests("students", frame["student_ref"]), dtype=pl.String),
            pl.Series("id_blind", crypto.blind_all("id", frame["id_number"]), dtype=pl.String),
            pl.Series("number_blind", crypto.blind_all("register", frame["register_number"]), dtype=pl.String),
        )
    if kind == "memberships":
        people = {"student_hash": "students", "staff_hash": "staff", "guardian_hash": "guardians"}
        reference = "person_ref"
    elif kind in {"teaching", "head_teachers"}:
        people, reference = {"staff_hash": "staff"}, "teacher_ref"
    else:
        return frame
    distinct = frame[reference].unique()
    digests = {column: pl.Series(key_digests(target, distinct), dtype=pl.String) for column, target in people.items()}
    known = pl.DataFrame({reference: distinct, **digests})
    return frame.join(known, on=reference, how="left", maintain_order="left", nulls_equal=True)


def _bad_value(kind: str, frame: pl.DataFrame, at: int, name: str) -> RowFinding:
    row = frame.row(at, named=True)
    return RowFinding(
        file=row["file"] or "", sheet=row["sheet"] or "", row=row["row_number"], kind=kind, field=name,
        rule="value.type", severity="review", value=row[name] or "", message=_("这个值的写法不对，已按未填处理。"),
    )  # fmt: skip
