"""学生, 教职工, 监护人: the checks that people have in common, and the keys of their rows."""

from __future__ import annotations

import polars as pl

from lingqu.foundation.registry.api import ROW_KINDS

from ..checks.classes import resolve_classes
from ..checks.identity import (
    NATIONAL,
    check_emails,
    check_id_numbers,
    check_names,
    check_phones,
    check_register_numbers,
)
from ..checks.places import resolve_optional, resolve_schools
from ..checks.values import check_codes, check_dates, check_numbers, check_sex
from ..checks.work import Work
from .attributes import settle_pupils
from .context import Context
from .numbers import settle as settle_numbers

LEAVING = ("03", "04", "14")
COMPULSORY = r"^G0[1-9]$"
REGISTER = r"^[GJL]\d{17}[\dX]$"


def _check_person(work: Work, context: Context, *, is_number: pl.Series | None) -> None:
    work.ensure(*(column.name for column in ROW_KINDS[work.kind]))
    work.require("name")
    check_names(work)
    check_sex(work, context.codes, is_required=work.kind == "students")
    check_codes(work, context.codes)
    check_dates(work, context.lookup.today)
    check_id_numbers(work, context.lookup.today, is_number=is_number, missing=work.kind == "students")
    check_phones(work)
    check_emails(work)
    check_numbers(work)


def prepare_students(work: Work, context: Context, *, is_number: pl.Series | None = None) -> None:
    resolve_schools(work, context.directory, default=context.default_school)
    _check_person(work, context, is_number=is_number)
    check_register_numbers(work)
    work.require("class_ref")
    if (work.frame["register_school_ref"] != "").any():
        resolve_optional(work, context.directory, "register_school_ref")
    resolve_classes(work, context.book, "class_ref", may_make=True)
    _settle_grade(work)
    settle_pupils(work, context)
    settle_numbers(work, context)
    leaving = pl.col("register_state").is_in(LEAVING) & pl.col("grade").str.contains(COMPULSORY)
    work.flag("state_not_allowed", leaving, "register_state")
    work.blank(leaving, "register_state")
    class_part = pl.col("class_ref").str.split_exact("|", 2).struct.field("field_2").fill_null("")
    work.set(
        key=pl.when(pl.col("register_number").str.contains(REGISTER)).then(pl.lit("xj:") + pl.col("register_number"))
        .when(pl.col("id_number").str.contains(NATIONAL) | ~pl.col("id_type").is_in(["", "1"]) & (pl.col("id_number") != ""))
        .then(pl.lit("id:") + pl.col("id_number"))
        .when(pl.col("school_number") != "").then(pl.concat_str(pl.lit("xh:"), "school_ref", pl.lit(":"), "school_number"))
        .otherwise(pl.concat_str(pl.lit("nm:"), "school_ref", pl.lit(":"), class_part, pl.lit(":"), "name", pl.lit(":"), "birth_date"))
    )  # fmt: skip


def _settle_grade(work: Work) -> None:
    """The class says the grade; in a 复式班 the row says which of them."""
    grades, stated = pl.col("_class_grades"), pl.col("grade")
    one = (grades != "") & ~grades.str.contains(",", literal=True)
    within = grades.str.contains(stated, literal=True)
    wrong = (stated != "") & (grades != "") & ~within
    work.flag("grade_conflict", wrong, "grade", detail=pl.col("_written_class_ref"))
    work.set(grade=pl.when(one).then(grades).when(wrong).then(pl.lit("")).otherwise(stated))
    work.frame = work.frame.drop("_class_grades", "_written_class_ref")


def prepare_staff(work: Work, context: Context, *, is_number: pl.Series | None = None) -> None:
    resolve_schools(work, context.directory, default=context.default_school)
    _check_person(work, context, is_number=is_number)
    work.set(staff_number=pl.col("staff_number").str.replace(r"\.0$", "").str.replace_all(r"\s", ""))
    settle_numbers(work, context)
    if (work.frame["employer_ref"] != "").any():
        resolve_optional(work, context.directory, "employer_ref")
    if (work.frame["head_class_ref"] != "").any():
        resolve_classes(work, context.book, "head_class_ref", may_make=False, is_required=False)
        work.frame = work.frame.drop("_class_grades", "_written_head_class_ref")
    work.set(
        key=pl.when(pl.col("staff_number") != "").then(pl.concat_str(pl.lit("gh:"), "school_ref", pl.lit(":"), "staff_number"))
        .when(pl.col("id_number") != "").then(pl.concat_str(pl.lit("id:"), "id_number", pl.lit("@"), "school_ref"))
        .otherwise(pl.concat_str(pl.lit("nm:"), "school_ref", pl.lit(":"), "name", pl.lit(":"), "birth_date"))
    )  # fmt: skip


def prepare_guardians(work: Work, context: Context, *, is_number: pl.Series | None = None) -> None:
    """One batch; which child is meant is found once all pupils are known (``references``)."""
    work.ensure("child_ref.id_number", "child_ref.name", "child_ref.school", "child_ref.class", "child_ref.number")
    _resolve_child_place(work, context)
    _check_person(work, context, is_number=is_number)
    if (work.frame["organisation_ref"] != "").any():
        resolve_optional(work, context.directory, "organisation_ref")
    work.set(
        **{
            "child_ref": pl.col("child_ref").str.replace_all(r"\s", "").str.to_uppercase(),
            "child_ref.id_number": pl.col("child_ref.id_number").str.replace_all(r"[\s-]", "").str.to_uppercase(),
            "child_ref.name": pl.col("child_ref.name").str.replace_all(r"[•‧∙・]", "·").str.replace_all(r"\s+", ""),
        }
    )


def _resolve_child_place(work: Work, context: Context) -> None:
    """School and class of the child, quietly: they only help to find it."""
    outside: list[str] = []
    names: dict[str, str] = {}

    def read(text: str) -> str:
        found = context.directory.find(text)
        if found.problem == "outside":
            outside.append(text)
        if found.fact:
            names[found.fact.code or found.fact.key] = found.fact.name
        return (found.fact.code or found.fact.key) if found.fact else text

    default = context.default_school
    made, _unread = work.translated("child_ref.school", read)
    work.flag("out_of_scope", pl.col("child_ref.school").is_in(outside), "child_ref.school")
    filled = pl.when(made == "").then(pl.lit(default.code if default else "")).otherwise(made)
    work.set(**{"child_ref.school": filled})
    work.set(_who=pl.col("child_ref.school").replace(names) if names else pl.col("child_ref.school"))
    pairs = work.frame.select("child_ref.school", "child_ref.class").unique().filter(pl.col("child_ref.class") != "")
    rows = []
    for school, written in pairs.iter_rows():
        entry, class_name = context.book.find(school, written)
        rows.append((school, written, entry.key if entry else context.book.key(school, class_name)))
    schema = {"child_ref.school": pl.String, "child_ref.class": pl.String, "_class": pl.String}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    joined = work.frame.join(table, on=["child_ref.school", "child_ref.class"], how="left", maintain_order="left")
    work.frame = joined.with_columns(pl.col("_class").fill_null(""))


def prepare_teaching(work: Work, context: Context) -> None:
    resolve_schools(work, context.directory, default=context.default_school)
    work.ensure(*(column.name for column in ROW_KINDS["teaching"]), "teacher_ref.name")
    work.require("class_ref", "subject")
    work.flag("required", (pl.col("teacher_ref") == "") & (pl.col("teacher_ref.name") == ""), "teacher_ref")
    check_codes(work, context.codes)
    check_dates(work, context.lookup.today)
    check_numbers(work)
    resolve_classes(work, context.book, "class_ref", may_make=False)
    work.frame = work.frame.drop("_class_grades", "_written_class_ref")
    work.set(teacher_ref=pl.col("teacher_ref").str.replace(r"\.0$", "").str.replace_all(r"\s", ""))
