"""References between the tables of one delivery: the child of a guardian, the teacher of a lesson, the 班主任 of a class."""

from __future__ import annotations

import polars as pl

from ..checks.work import Work
from .context import Context

_NONE = pl.lit(None, pl.String)


def _unique(frame: pl.DataFrame, on: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows whose ``on`` values occur for one key only, and the values that several keys share."""
    kept = frame.filter(pl.all_horizontal(pl.col(name) != "" for name in on)).group_by(on).agg(
        pl.col("key").first(), pl.col("key").n_unique().alias("_keys")
    )  # fmt: skip
    return kept.filter(pl.col("_keys") == 1).drop("_keys"), kept.filter(pl.col("_keys") > 1).select(on)


def _found(work: Work, table: pl.DataFrame, left: list[str], right: list[str]) -> pl.Series:
    """Key of the row of ``table`` that each row of the work names; null where none."""
    renamed = table.rename(dict(zip(right, left, strict=True))).select(*left, pl.col("key").alias("_found"))
    return work.frame.select(left).join(renamed, on=left, how="left", maintain_order="left")["_found"]


def find_children(work: Work, students: pl.DataFrame | None, context: Context) -> None:
    """``child_ref`` → key of the pupil's row, by 学籍号, ID number, 学号, or school + class + name."""
    own = work.frame.select(
        by_register=pl.when(pl.col("child_ref").str.contains(r"^[GJL]\d")).then("child_ref").otherwise(pl.lit("")),
        by_id=pl.when(pl.col("child_ref.id_number") != "").then("child_ref.id_number")
        .when(pl.col("child_ref").str.contains(r"^\d{17}[\dX]$")).then("child_ref").otherwise(pl.lit("")),
    )  # fmt: skip
    work.frame = work.frame.with_columns(own)
    ways: list[tuple[list[str], list[str]]] = [
        (["by_register"], ["register_number"]), (["by_id"], ["id_number"]),
        (["child_ref.school", "child_ref.number"], ["school_ref", "school_number"]),
        (["child_ref.school", "_class", "child_ref.name"], ["school_ref", "class_ref", "name"]),
        (["child_ref.school", "child_ref.name"], ["school_ref", "name"]),
    ]  # fmt: skip
    work.ensure("child_key")
    child: pl.Expr = pl.when(pl.col("child_key") != "").then("child_key")
    shared = pl.Series([False] * work.frame.height)
    is_named = ~pl.col("by_register").str.contains(".") & ~pl.col("by_id").str.contains(".")
    if students is not None and students.height:
        for number, (left, right) in enumerate(ways):
            single, several = _unique(students.select("key", *right), right)
            found = _found(work, single, left, right)
            if number >= 3:
                named = work.frame.select(is_named.alias("n")).to_series()
                found = found.zip_with(named, pl.Series([None] * len(found), dtype=pl.String))
                if number == 3:
                    clash = _found(work, several.with_columns(key=pl.lit("x")), left, right).is_not_null()
                    shared = shared | (clash & named)
            child = pl.coalesce(child, pl.lit(found))
    stated = pl.any_horizontal(
        pl.col(c) != "" for c in ("child_key", "by_register", "by_id", "child_ref.number", "child_ref.name")
    )
    work.set(_child=child)
    work.flag("required", ~stated & pl.col("_child").is_null(), "child_ref")
    work.flag("child_ambiguous", pl.col("_child").is_null() & pl.lit(shared), "child_ref.name")
    candidate = (
        pl.when(pl.col("by_register") != "").then(pl.lit("xj:") + pl.col("by_register"))
        .when(pl.col("by_id") != "").then(pl.lit("id:") + pl.col("by_id"))
        .when((pl.col("child_ref.number") != "") & (pl.col("child_ref.school") != ""))
        .then(pl.concat_str(pl.lit("xh:"), "child_ref.school", pl.lit(":"), "child_ref.number"))
    )  # fmt: skip
    work.set(_candidate=pl.when(pl.col("_child").is_null() & work.is_good()).then(candidate))
    _settle(work, context, "students", "child_unknown", "child_ref", "_child")
    work.frame = work.frame.drop("by_register", "by_id", "_candidate", "_child")


def _settle(work: Work, context: Context, kind: str, rule: str, column: str, found: str) -> None:
    """Rows that name nobody of the delivery: known from before, or unknown. Without a memory applying decides."""
    open_rows = pl.col(found).is_null() & work.is_good()
    candidates = work.frame.filter(open_rows & pl.col("_candidate").is_not_null())["_candidate"]
    known = context.known(kind, candidates) if len(candidates) else frozenset()
    is_known = pl.lit(True) if known is None else pl.col("_candidate").is_in(list(known))
    accepted = pl.col("_candidate").is_not_null() & is_known
    work.flag(rule, open_rows & ~accepted.fill_null(False), column)
    work.set(**{column: pl.coalesce(found, pl.when(accepted).then("_candidate"), pl.lit(""))})


def find_teachers(work: Work, staff: pl.DataFrame | None, context: Context) -> None:
    """``teacher_ref`` (工号 or name) and ``teacher_ref.name`` → key of the staff row of that school."""
    work.set(_by_name=pl.when(pl.col("teacher_ref") == "").then("teacher_ref.name").otherwise("teacher_ref"))
    found, shared = _NONE, pl.Series([False] * work.frame.height)
    names = _NONE
    if staff is not None and staff.height:
        numbers, _several = _unique(staff.select("key", "school_ref", "staff_number"), ["school_ref", "staff_number"])
        by_number = _found(work, numbers, ["school_ref", "teacher_ref"], ["school_ref", "staff_number"])
        single, several = _unique(staff.select("key", "school_ref", "name"), ["school_ref", "name"])
        by_name = _found(work, single, ["school_ref", "_by_name"], ["school_ref", "name"])
        clash = _found(work, several.with_columns(key=pl.lit("x")), ["school_ref", "_by_name"], ["school_ref", "name"])
        shared = clash.is_not_null() & by_number.is_null()
        found = pl.coalesce(pl.lit(by_number), pl.lit(by_name))
        names = pl.lit(_names_of(by_number, staff))
    work.set(_teacher=found, _staff_name=names)
    differs = (pl.col("teacher_ref.name") != "") & (pl.col("_staff_name") != pl.col("teacher_ref.name"))
    work.flag("teacher_name_conflict", differs, "teacher_ref.name", detail=pl.col("_staff_name"))
    work.flag("teacher_ambiguous", pl.lit(shared) & pl.col("_teacher").is_null(), "teacher_ref", value="_by_name")
    is_number = pl.col("teacher_ref").str.contains(r"^[A-Za-z0-9_-]+$")
    candidate = pl.when(is_number).then(pl.concat_str(pl.lit("gh:"), "school_ref", pl.lit(":"), "teacher_ref"))
    work.set(_candidate=pl.when(pl.col("_teacher").is_null() & work.is_good()).then(candidate))
    _settle_teacher(work, context, has_staff=staff is not None)
    work.frame = work.frame.drop("_by_name", "_teacher", "_staff_name", "_candidate")


def _settle_teacher(work: Work, context: Context, *, has_staff: bool) -> None:
    open_rows = pl.col("_teacher").is_null() & work.is_good()
    candidates = work.frame.filter(open_rows & pl.col("_candidate").is_not_null())["_candidate"]
    known = context.known("staff", candidates) if len(candidates) else frozenset()
    accepted = pl.col("_candidate").is_not_null() & (
        pl.lit(True) if known is None else pl.col("_candidate").is_in(list(known))
    )
    by_name = pl.col("_candidate").is_null() & pl.lit(not has_staff)
    work.flag("teacher_unknown", open_rows & ~accepted.fill_null(False) & ~by_name, "teacher_ref", value="_by_name")
    named = pl.when(by_name).then("_by_name")
    work.set(teacher_ref=pl.coalesce("_teacher", pl.when(accepted).then("_candidate"), named, pl.lit("")))


def _names_of(keys: pl.Series, staff: pl.DataFrame) -> pl.Series:
    table = staff.select("key", "name").unique("key", keep="first")
    return pl.DataFrame({"key": keys}).join(table, on="key", how="left", maintain_order="left")["name"]


def find_head_teachers(work: Work, staff: pl.DataFrame | None, context: Context) -> None:
    """班主任 of class rows: 工号 or name within the school; unknown ones are left out and said."""
    stated = work.frame["head_teacher_ref"] != ""
    if not stated.any():
        return
    work.set(teacher_ref=pl.col("head_teacher_ref"))
    found = _NONE
    if staff is not None and staff.height:
        for column in ("staff_number", "name"):
            single, _several = _unique(staff.select("key", "school_ref", column), ["school_ref", column])
            made = _found(work, single, ["school_ref", "teacher_ref"], ["school_ref", column])
            found = pl.coalesce(found, pl.lit(made))
    work.set(_teacher=found)
    candidate = pl.concat_str(pl.lit("gh:"), "school_ref", pl.lit(":"), "teacher_ref")
    open_rows = pl.lit(stated) & pl.col("_teacher").is_null()
    candidates = work.frame.filter(open_rows).select(candidate.alias("c"))["c"]
    known = context.known("staff", candidates) if len(candidates) else frozenset()
    is_number = pl.col("teacher_ref").str.contains(r"^[A-Za-z0-9_-]+$")
    accepted: pl.Expr = is_number if known is None else candidate.is_in(list(known))
    by_name = ~is_number & pl.lit(staff is None)
    work.flag("teacher_reference", open_rows & ~accepted & ~by_name, "head_teacher_ref")
    chosen = pl.coalesce(
        "_teacher", pl.when(open_rows & accepted).then(candidate), pl.when(open_rows & by_name).then("teacher_ref")
    )
    work.set(head_teacher_ref=pl.coalesce(chosen, pl.lit("")))
    work.frame = work.frame.drop("teacher_ref", "_teacher")
