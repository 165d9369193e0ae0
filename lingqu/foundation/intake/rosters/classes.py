"""班级: a table of classes. A school that brings one has all its classes in it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from lingqu.foundation.registry.api import ROW_KINDS, ClassName

from ..checks.classes import KnownClass, facts_of
from ..checks.places import resolve_schools
from ..checks.values import check_codes, check_numbers
from ..checks.work import Work
from .context import Context


def prepare(work: Work, context: Context) -> None:
    stated = {name for name in ("kind", "grades", "serial", "local_name") if work.has(name)}
    resolve_schools(work, context.directory, default=context.default_school)
    work.ensure(*(column.name for column in ROW_KINDS["classes"]))
    work.require("written_name")
    check_codes(work, context.codes)
    check_numbers(work)
    work.set(
        entry_year=pl.col("entry_year").str.extract(r"((?:19|20)\d{2})", 1).fill_null(""),
        school_year=pl.col("school_year")
        .str.extract(r"((?:19|20)\d{2}-(?:19|20)\d{2})", 1)
        .fill_null(context.lookup.school_year),
    )
    read = [_read(row, context) for row in work.frame.iter_rows(named=True)]
    facts = {
        name: [facts_of(entry)[name] for entry in read]
        for name in ("grades", "entry_year", "serial", "local_name", "kind")
    }
    made = work.frame.with_columns(
        pl.Series(
            "key",
            [context.book.key(s, r) for s, r in zip(work.frame["school_ref"], read, strict=True)],
            dtype=pl.String,
        ),
        *(
            pl.when(pl.col(name) != "")
            .then(pl.col(name))
            .otherwise(pl.Series(name, values, dtype=pl.String))
            .alias(name)
            if name in stated or name == "entry_year"
            else pl.Series(name, values, dtype=pl.String)
            for name, values in facts.items()
        ),
        pl.Series("_doubt", [entry.doubt for entry in read], dtype=pl.String),
    )
    work.frame = made
    work.flag("class_stage", pl.col("_doubt") == "stage_unknown", "written_name")
    work.flag("class_outside", pl.col("_doubt") == "grade_outside", "written_name")
    bare = (pl.col("grades") == "") & (pl.col("_doubt") == "") & (pl.col("kind") != "teaching")
    work.flag("class_no_grade", bare, "written_name")
    _list(work, context, read)
    work.frame = work.frame.drop("_doubt")


def _read(row: dict[str, str], context: Context) -> ClassName:
    grades = tuple(grade for grade in row["grades"].split(",") if grade)
    read = context.book.read(row["school_ref"], row["written_name"], grades[0] if len(grades) == 1 else "")
    if len(grades) > 1:
        read = replace(read, grades=grades, kind="multigrade", doubt="", serial=None, local_name="")
    if grades and read.doubt == "stage_unknown":
        read = replace(read, grades=grades, doubt="")
    return read


def _list(work: Work, context: Context, read: list[ClassName]) -> None:
    rows = work.frame.select("key", "school_ref", "written_name", "file", "sheet", "row_number", "_worst").iter_rows()
    for (key, school, written, file, sheet, number, worst), entry in zip(rows, read, strict=True):
        if worst < 3 and key not in context.book.by_key:
            context.book.listed.add(school)
            context.book.add(
                KnownClass(
                    key=key, school=school, read=entry, written=written, place=(file, sheet, number), is_listed=True,
                )
            )  # fmt: skip
