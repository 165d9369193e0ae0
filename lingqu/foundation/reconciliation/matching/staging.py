"""The pupils of a national file as rows of ours, before the register takes the file over.

What the register said about a person until then is noted where the file differs (``former``): afterwards both say the same,
and nobody would know that a name was swapped.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from django.db import connection, transaction

from lingqu.foundation.intake import api as intake
from lingqu.kernel import crypto

from ..models import NationalFile

LOCK = 0x4C51_0021
STAGE = (
    "place", "name", "sex", "birth_date", "id_blind", "number_blind", "id_shown", "number_shown", "state", "grade",
    "entry_on", "school_ref", "is_wrong", "is_unreadable", "message", "responsible", "surplus",
)  # fmt: skip
DELETED_STATES = ("03", "04", "06", "09", "11", "13", "14", "15")
"""学籍 that is no more (退学, 死亡 …): such a row says that nobody is registered, so it is no entry."""


def stage_file(read: intake.PupilsRead) -> NationalFile | None:
    """Keep the pupils of a national delivery; None for other deliveries. Telling it twice changes nothing."""
    if read.source_kind != "national_pupil":
        return None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        known = NationalFile.objects.filter(import_id=read.import_id).first()
        if known is not None:
            return known
        file = NationalFile.objects.create(
            import_id=read.import_id, import_number=read.number, path=read.path, as_of=_day_of(read), rows=read.rows,
            rejected=read.rejected, loaded_by=read.loaded_by,
        )  # fmt: skip
        _copy(cursor, _frame_of(read))
        _keep(cursor, file)
    return file


def _day_of(read: intake.PupilsRead) -> Any:
    """The day the file says it is of, else the day it was handed in."""
    days = read.frame.filter(pl.col("register_as_of") != "")["register_as_of"]
    latest = days.str.to_date("%Y-%m-%d", strict=False).max() if len(days) else None
    return latest or read.as_of


def _shown(column: str) -> pl.Expr:
    value = pl.col(column)
    return pl.when(value.str.len_chars() > 8).then(value.str.slice(0, 3) + "****" + value.str.slice(-3)).otherwise(
        pl.when(value == "").then(pl.lit("")).otherwise(pl.lit("****"))
    )  # fmt: skip


def _frame_of(read: intake.PupilsRead) -> pl.DataFrame:
    frame = read.frame.with_columns(pl.col(pl.String).fill_null(""))
    wrong = intake.wrong_id_numbers(frame)
    rows = frame.select(
        pl.concat_str("file", pl.lit(" "), "sheet", pl.lit(" "), pl.col("row_number").cast(pl.String)).alias("place"),
        "name", pl.when(pl.col("sex") == "").then(pl.lit("0")).otherwise("sex").alias("sex"), "birth_date",
        pl.Series("id_blind", crypto.blind_all("id", frame["id_number"]), dtype=pl.String),
        pl.Series("number_blind", crypto.blind_all("register", frame["register_number"]), dtype=pl.String),
        _shown("id_number").alias("id_shown"), _shown("register_number").alias("number_shown"),
        pl.when(pl.col("register_state") == "").then(pl.lit("01")).otherwise("register_state").alias("state"), "grade",
        "entry_on",
        pl.when(pl.col("register_school_ref") == "").then("school_ref").otherwise("register_school_ref").alias("school_ref"),
        wrong.alias("is_wrong"), pl.lit(value=False).alias("is_unreadable"), pl.lit("").alias("message"),
        pl.lit("").alias("responsible"), pl.lit(0).alias("surplus"),
    )  # fmt: skip
    return pl.concat([rows, _unreadable(read)])


def _unreadable(read: intake.PupilsRead) -> pl.DataFrame:
    """Rows that intake refused: each listed one, and those beyond the list under one key."""
    listed = min(len(read.blocked), read.rejected)
    places = [
        (f"{row['file']} {row['sheet']} {row['row']}", str(row["message"]), str(row["responsible"] or ""), 0)
        for row in read.blocked.head(listed).iter_rows(named=True)
    ]
    places += [("…", "", "", number) for number in range(1, read.rejected - listed + 1)]
    return pl.DataFrame(
        [
            (place, "", "0", "", None, None, "", "", "01", "", "", where, False, True, message, where, surplus)
            for place, message, where, surplus in places
        ],
        schema={
            **dict.fromkeys(STAGE, pl.String), "is_wrong": pl.Boolean, "is_unreadable": pl.Boolean, "surplus": pl.Int32,
        },
        orient="row",
    )  # fmt: skip


def _copy(cursor: Any, frame: pl.DataFrame) -> None:
    cursor.execute("DROP TABLE IF EXISTS reconcile_stage")
    cursor.execute(
        """CREATE TEMP TABLE reconcile_stage (seq serial, place text, name text, sex text, birth_date date, id_blind uuid,
             number_blind uuid, id_shown text, number_shown text, state text, grade text, entry_on date, school_ref text,
             is_wrong boolean, is_unreadable boolean, message text, responsible text, surplus int) ON COMMIT DROP"""
    )
    columns = ", ".join(STAGE)
    text = pl.col(pl.String)
    frame = frame.with_columns(pl.when(text == "").then(None).otherwise(text).name.keep())
    with cursor.copy(f"COPY reconcile_stage ({columns}) FROM STDIN (FORMAT csv, NULL '')") as copy:
        for part in frame.iter_slices(100_000):
            copy.write(part.write_csv(include_header=False).encode().replace(b"\0", b""))
    cursor.execute("ANALYZE reconcile_stage")


def _keep(cursor: Any, file: NationalFile) -> None:
    """Rows with their school (the place of the file where it is unknown) and what differs from the register."""
    cursor.execute(
        """INSERT INTO reconciliation_fileentry (file_id, place, person_id, school_id, path, name, sex, birth_date, id_blind,
             number_blind, id_shown, number_shown, state, grade, entry_on, faults, former, group_key)
           WITH refs AS (SELECT DISTINCT school_ref AS ref FROM reconcile_stage WHERE school_ref IS NOT NULL),
             schools AS (SELECT r.ref, COALESCE((SELECT o.id FROM registry_organisation o WHERE o.code = r.ref),
               (SELECT (array_agg(o.id))[1] FROM registry_organisation o WHERE o.name = r.ref AND o.path >= %(path)s::ltree
                  AND o.path < %(end)s::ltree HAVING count(*) = 1)) AS id FROM refs r),
             people AS (SELECT DISTINCT ON (p.id_blind) p.id_blind, c.id, c.name, c.sex, c.birth_date
               FROM registry_person p JOIN registry_person c ON c.id = COALESCE(p.canonical_id, p.id)
               WHERE p.id_blind IS NOT NULL ORDER BY p.id_blind, c.id)
           SELECT %(file)s, s.place || CASE WHEN s.message IS NULL THEN '' ELSE '：' || s.message END, NULL, o.id,
             COALESCE(o.path, %(path)s::ltree), COALESCE(s.name, ''), COALESCE(s.sex, '0'), s.birth_date, s.id_blind,
             s.number_blind, COALESCE(s.id_shown, ''), COALESCE(s.number_shown, ''), COALESCE(s.state, '01'),
             COALESCE(s.grade, ''), s.entry_on,
             array_remove(ARRAY[CASE WHEN s.is_wrong THEN 'id_wrong' END, CASE WHEN s.is_unreadable THEN 'unreadable' END,
               CASE WHEN s.id_blind IS NULL AND NOT s.is_unreadable THEN 'id_missing' END,
               CASE WHEN d.differs THEN 'name_differs' END], NULL),
             CASE WHEN d.differs THEN jsonb_build_object('name', p.name, 'sex', p.sex, 'birth_date', p.birth_date)
               ELSE '{}'::jsonb END, NULL
           FROM reconcile_stage s LEFT JOIN schools r ON r.ref = s.school_ref LEFT JOIN registry_organisation o ON o.id = r.id
             LEFT JOIN people p ON p.id_blind = s.id_blind
             CROSS JOIN LATERAL (SELECT COALESCE(p.name <> s.name OR (p.sex <> '0' AND s.sex <> '0' AND p.sex <> s.sex)
               OR p.birth_date <> s.birth_date, false) AS differs) d
           WHERE s.state IS NULL OR NOT s.state = ANY(%(deleted)s) ORDER BY s.seq""",
        {"file": file.id, "path": str(file.path), "end": f"{file.path}-", "deleted": list(DELETED_STATES)},
    )
    NationalFile.objects.filter(id=file.id).update(rows=int(cursor.rowcount))
