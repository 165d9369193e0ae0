"""学生属性: columns of a pupils' sheet, and lists of one programme (资助名单, 随迁名单 …), as rows of the kind ``attributes``."""

from __future__ import annotations

import polars as pl

from lingqu.foundation.registry.api import ROW_KINDS, AttributeKind

from ..checks.identity import check_names, check_register_numbers
from ..checks.places import resolve_optional
from ..checks.values import check_codes, check_dates
from ..checks.work import WHO, Work
from ..mapping import columns_of
from .context import Context

KIND = "attributes"
KINDS: tuple[str, ...] = tuple(AttributeKind.values)
OF_PUPILS = tuple(kind for kind in KINDS if kind not in {"boarding", "home_taught"})
"""Kinds with a column of their own in a pupils' sheet; the other two stand in 就读 there."""
YES, NO = "1", "0"
PERIOD = {"begin_on": "attribute_on", "source": "attribute_source"}


def stated_in(work: Work) -> tuple[str, ...]:
    """Columns of attributes that a pupils' sheet brings."""
    return tuple(kind for kind in OF_PUPILS if work.has(kind))


def settle_pupils(work: Work, context: Context) -> None:
    """Checks the attribute cells of a pupils' sheet, and lets 送教上门 be said in a column of its own."""
    if work.has("home_taught"):
        taught = (pl.col("home_taught") == YES) & pl.col("attendance").is_in(["", "registered"])
        work.set(attendance=pl.when(taught).then(pl.lit("home_taught")).otherwise("attendance"))
    kinds = stated_in(work)
    if not kinds:
        return
    if not context.lookup.may_record:
        for kind in kinds:
            work.flag("attribute_forbidden", pl.col(kind) != "", kind, value=pl.lit(""))
        work.blank(pl.lit(True), *kinds)
    for kind in kinds:
        _hint_class(work, kind)


def _hint_class(work: Work, kind: str) -> None:
    if columns_of("students")[kind].code_table != "yes_no":
        work.flag("attribute_class", pl.col(kind) == YES, kind, value=pl.lit(""))


def of_pupils(work: Work) -> pl.DataFrame | None:
    """Rows of the kind ``attributes`` for the pupils of a sheet who have any; the pupil is named by its row's key."""
    kinds = stated_in(work)
    if not kinds:
        return None
    rows = work.good().filter(pl.any_horizontal(pl.col(kind) != "" for kind in kinds))
    if not rows.height:
        return None
    named = {name: pl.col(column) for name, column in PERIOD.items() if work.has(column)}
    return rows.select(
        pl.concat_str(pl.lit("st:"), "key").alias("key"), pl.col("key").alias("student_ref"), "name", "school_ref",
        *(expression.alias(name) for name, expression in named.items()), *kinds, "file", "sheet", "row_number",
    )  # fmt: skip


def prepare_list(work: Work, context: Context, *, is_number: pl.Series | None = None) -> None:
    """A list of pupils with one attribute each (columns 属性 and 类别), or with a column for each attribute."""
    work.ensure(
        *(column.name for column in ROW_KINDS[KIND] if column.name not in KINDS), "kind", "value", "is_on", "id_type"
    )
    work.set(**{WHO: pl.lit(context.lookup.organisation)})
    work.require("name")
    check_names(work)
    check_codes(work, context.codes)
    check_dates(work, context.lookup.today)
    _check_numbers(work, is_number)
    if (work.frame["school_ref"] != "").any():
        resolve_optional(work, context.directory, "school_ref")
    elif context.default_school:
        work.set(school_ref=pl.lit(context.default_school.code or context.default_school.key))
    _find_classes(work, context)
    _spread(work, context)
    stated = pl.any_horizontal(pl.col(kind) != "" for kind in KINDS)
    work.flag("attribute_missing", ~stated, "kind")
    numbered = pl.any_horizontal(pl.col(n) != "" for n in ("person_number", "id_number", "register_number"))
    work.flag("attribute_nobody", ~numbered & (pl.col("school_ref") == ""), "id_number")
    turned = (pl.col("begin_on") != "") & (pl.col("end_on") != "") & (pl.col("end_on") <= pl.col("begin_on"))
    work.flag("period_turned", turned, "end_on")
    work.flag("date_future", pl.col("begin_on") > context.lookup.today.isoformat(), "begin_on")
    work.blank(pl.col("begin_on") > context.lookup.today.isoformat(), "begin_on")
    if not context.lookup.may_record:
        work.flag("attribute_not_yours", stated, "kind", value=pl.lit(""))
    who = (
        pl.when(pl.col("person_number") != "").then(pl.lit("no:") + pl.col("person_number"))
        .when(pl.col("register_number") != "").then(pl.lit("xj:") + pl.col("register_number"))
        .when(pl.col("id_number") != "").then(pl.lit("id:") + pl.col("id_number"))
        .otherwise(pl.concat_str("school_ref", "class_ref", "name", separator="|"))
    )  # fmt: skip
    kinds = pl.concat_str([pl.when(pl.col(kind) != "").then(pl.lit(kind)).otherwise(pl.lit("")) for kind in KINDS])
    work.set(key=pl.concat_str(who, kinds, "begin_on", separator=":"))


def _check_numbers(work: Work, is_number: pl.Series | None) -> None:
    work.set(
        id_number=pl.col("id_number").str.replace_all(r"[\s-]", "").str.to_uppercase(),
        person_number=pl.col("person_number").str.replace_all(r"\s", "").str.to_uppercase(),
    )
    rounded = pl.col("id_number").str.contains(r"(?i)^\d(?:\.\d+)?E\+?\d+$")
    if is_number is not None:
        rounded = rounded | (pl.lit(is_number) & (pl.col("id_number").str.len_chars() >= 16))
    other = (pl.col("register_number") != "") | (pl.col("person_number") != "")
    work.flag("id_damaged", rounded & ~other, "id_number")
    work.blank(rounded, "id_number")
    check_register_numbers(work)


def _find_classes(work: Work, context: Context) -> None:
    """``class_ref`` → the class's key where this source knows it; else as written, by which the register may find it."""
    pairs = work.frame.select("school_ref", "class_ref").unique().filter(pl.all_horizontal(pl.all() != ""))
    if not pairs.height:
        return
    keys = []
    for school, written in pairs.iter_rows():
        entry, read = context.book.find(school, written)
        keys.append(entry.key if entry else context.book.key(school, read))
    known = context.known("classes", pl.Series(keys, dtype=pl.String)) or frozenset()
    named = pairs.with_columns(
        pl.Series(
            "_class", [key if key in known else written for key, written in zip(keys, pairs["class_ref"], strict=True)]
        )
    )
    work.frame = work.frame.join(named, on=["school_ref", "class_ref"], how="left", maintain_order="left")
    work.set(class_ref=pl.coalesce("_class", "class_ref"))
    work.frame = work.frame.drop("_class")


def _spread(work: Work, context: Context) -> None:
    """属性 and 类别 → the column of the kind. 否 in 是否 ends it; a 类别 that the kind does not know is said."""
    work.ensure(*KINDS)
    tables = {kind: heading.code_table for kind, heading in columns_of(KIND).items() if kind in KINDS}
    for kind in KINDS:
        mine = pl.col("kind") == kind
        if not work.frame.select(mine.any()).item():
            continue
        read = {text: context.codes.find(tables[kind], text) for text in work.frame["value"].unique().to_list() if text}
        unknown = [text for text, code in read.items() if code is None]
        work.flag("code_unknown", mine & pl.col("value").is_in(unknown), "value")
        said = pl.col("value").replace_strict({t: c for t, c in read.items() if c}, default=YES, return_dtype=pl.String)
        said = pl.when(pl.col("is_on") == NO).then(pl.lit(NO)).otherwise(said)
        work.set(**{kind: pl.when(mine & (pl.col(kind) == "")).then(said).otherwise(pl.col(kind))})
    work.frame = work.frame.drop("kind", "value", "is_on").with_columns(pl.lit("").alias("kind"))


def kind_in(texts: list[str]) -> str:
    """The one attribute that a title or file name speaks of; empty when none or several."""
    words = {word for text in texts for word in _WORDS if word in text}
    found = {_WORDS[word] for word in words}
    return found.pop() if len(found) == 1 else ""


_WORDS = {
    "随迁": "migrant", "留守": "left_behind", "随班就读": "inclusive", "送教": "home_taught", "残疾": "disability",
    "孤儿": "orphan", "无人抚养": "orphan", "资助": "aid", "贫困": "aid", "低保": "aid", "困难学生": "aid", "寄宿": "boarding",
    "住宿": "boarding", "校车": "school_bus", "民族班": "ethnic_class",
}  # fmt: skip
