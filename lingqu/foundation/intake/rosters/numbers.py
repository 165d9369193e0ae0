"""Numbers of other platforms: columns of pupils' and staff sheets, and lists of two columns (工号 → 教师编号), as rows of the
kind ``numbers``, one a number."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from lingqu.foundation.registry.api import ROW_KINDS
from lingqu.foundation.upstream.api import NumberKind

from ..checks.identity import check_names, check_register_numbers
from ..checks.places import resolve_optional
from ..checks.values import check_dates
from ..checks.work import WHO, Work
from .context import Context

KIND = "numbers"
KINDS: tuple[str, ...] = tuple(NumberKind.values)
WELL_FORMED = r"^[0-9A-Za-z][0-9A-Za-z_.:@-]{2,63}$"
ROUNDED = r"(?i)^\d(?:\.\d+)?E\+?\d+$"
WHOM = ("person_number", "id_number", "register_number", "staff_number")


def settle(work: Work, context: Context) -> None:
    """Checks the number cells of a pupils', staff or numbers sheet; values that cannot be numbers are not taken."""
    kinds = [kind for kind in KINDS if work.has(kind)]
    for kind in kinds:
        work.set(**{kind: pl.col(kind).str.replace_all(r"\s", "").str.replace(r"^(\d+)\.0$", "${1}")})
        damaged = pl.col(kind).str.contains(ROUNDED)
        work.flag("number_damaged", damaged, kind)
        malformed = (pl.col(kind) != "") & ~damaged & ~pl.col(kind).str.contains(WELL_FORMED)
        work.flag("number_malformed", malformed, kind)
        work.blank(damaged | malformed, kind)
        if work.kind != KIND and not context.lookup.may_number:
            work.flag("number_forbidden", pl.col(kind) != "", kind, value=pl.lit(""))
            work.blank(pl.lit(True), kind)


def prepare_list(work: Work, context: Context, *, is_number: pl.Series | None = None) -> None:
    """A list with a number of ours (人员编号, 身份证件号, 学籍号 or 工号) and one or more numbers of other platforms."""
    own = (column.name for column in ROW_KINDS[KIND] if column.name not in {"issuer", "value"})
    work.ensure(*own, *KINDS, "id_type")
    work.set(**{WHO: pl.lit(context.lookup.organisation)})
    check_names(work)
    check_dates(work, context.lookup.today)
    work.set(
        id_number=pl.col("id_number").str.replace_all(r"[\s-]", "").str.to_uppercase(),
        person_number=pl.col("person_number").str.replace_all(r"\s", "").str.to_uppercase(),
        staff_number=pl.col("staff_number").str.replace(r"\.0$", "").str.replace_all(r"\s", ""),
    )
    rounded = pl.col("id_number").str.contains(ROUNDED)
    if is_number is not None:
        rounded = rounded | (pl.lit(is_number) & (pl.col("id_number").str.len_chars() >= 16))
    others = pl.any_horizontal(pl.col(name) != "" for name in WHOM if name != "id_number")
    work.flag("id_damaged", rounded & ~others, "id_number")
    work.blank(rounded, "id_number")
    check_register_numbers(work)
    if (work.frame["school_ref"] != "").any():
        resolve_optional(work, context.directory, "school_ref")
    elif context.default_school:
        work.set(school_ref=pl.lit(context.default_school.code or context.default_school.key))
    settle(work, context)
    stated = pl.any_horizontal(pl.col(kind) != "" for kind in KINDS)
    work.flag("number_missing", ~stated, KINDS[0], value=pl.lit(""))
    by_number = pl.any_horizontal(pl.col(name) != "" for name in WHOM if name != "staff_number")
    by_staff = (pl.col("staff_number") != "") & (pl.col("school_ref") != "")
    work.flag("number_nobody", ~by_number & ~by_staff, "person_number")
    turned = (pl.col("begin_on") != "") & (pl.col("end_on") != "") & (pl.col("end_on") <= pl.col("begin_on"))
    work.flag("period_turned", turned, "end_on")
    if not context.lookup.may_number:
        work.flag("number_not_yours", stated, KINDS[0], value=pl.lit(""))


def beside(works: Mapping[str, Work]) -> pl.DataFrame | None:
    """Rows of the kind ``numbers`` of all sheets: of pupils and staff by the key of their row, of lists as they stand."""
    parts = []
    for kind, reference in (("students", "student_ref"), ("staff", "staff_ref")):
        if kind in works:
            parts += _long(works[kind], pl.col("key").alias(reference), mark=kind)
    if KIND in works:
        who = pl.concat_str(*WHOM, "school_ref", separator="|")
        named = (pl.col(name) for name in (*WHOM, "school_ref", "name", "begin_on", "end_on"))
        parts += _long(works[KIND], *named, mark=KIND, who=who)
    return pl.concat(parts, how="diagonal").fill_null("") if parts else None


def _long(work: Work, *whom: pl.Expr, mark: str, who: pl.Expr | None = None) -> list[pl.DataFrame]:
    """A row for each number that a sheet states. One that stands twice counts once; a second number of the same person has a
    key of its own, so that whoever applies them sees both."""
    made = []
    for kind in KINDS:
        if not work.has(kind):
            continue
        rows = work.good().filter(pl.col(kind) != "")
        key = pl.concat_str(pl.lit(f"{mark}:{kind}:"), who if who is not None else pl.col("key"), pl.lit(":"), kind)
        long = rows.select(
            key.alias("key"), *whom, pl.lit(kind).alias("issuer"), pl.col(kind).alias("value"), "file", "sheet",
            "row_number",
        )  # fmt: skip
        once = long.unique(["key", "value"], keep="first", maintain_order=True)
        nth = pl.int_range(pl.len()).over("key")
        made.append(
            once.with_columns(pl.when(nth > 0).then(pl.format("{}:{}", "key", nth)).otherwise("key").alias("key"))
        )
    return made
