"""Dates, codes, numbers and yes/no of a batch, each distinct value read once."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from ..mapping import columns_of
from .codes import AS_WRITTEN, Codes
from .dates import INCOMPLETE, read_day, read_month_start
from .work import Work

DATES = {
    "students": ("birth_date", "entry_on", "register_as_of", "attribute_on"), "attributes": ("begin_on", "end_on"), "numbers": ("begin_on", "end_on"), "staff": ("birth_date", "entry_on"),
    "guardians": ("birth_date",), "teaching": ("begin_on", "end_on"),
}  # fmt: skip
MONTH_WILL_DO = frozenset({"entry_on", "begin_on", "end_on", "register_as_of", "attribute_on"})
PAST = frozenset({"birth_date", "register_as_of", "attribute_on"})
NUMBERS = {
    "students": {"class_number": r"^\d{1,4}$"}, "teaching": {"weekly_periods": r"^\d{1,2}(\.\d)?$"},
    "classes": {"serial": r"^\d{1,3}$"},
}  # fmt: skip
SEX_OF_RELATION = {"51": "1", "61": "1", "63": "1", "52": "2", "62": "2", "64": "2"}
"""父亲, 祖父, 外祖父; 母亲, 祖母, 外祖母."""
SEVERAL = frozenset({"duties", "grades"})
_SEPARATORS = "、，,；;/ |+"


def check_dates(work: Work, today: date) -> None:
    for column in DATES.get(work.kind, ()):
        if not work.has(column):
            continue
        read = read_month_start if column in MONTH_WILL_DO else read_day
        made, unread = work.translated(column, read)
        work.flag("date_invalid", unread, column)
        work.set(_day=pl.when(pl.lit(unread)).then(pl.lit("")).otherwise(made))
        work.flag("date_incomplete", pl.col("_day") == INCOMPLETE, column)
        latest = today if column in PAST else today + timedelta(days=731)
        work.flag("date_future", (pl.col("_day") != INCOMPLETE) & (pl.col("_day") > latest.isoformat()), column)
        dropped = (pl.col("_day") == INCOMPLETE) | (pl.col("_day") > latest.isoformat())
        work.set(**{column: pl.when(dropped).then(pl.lit("")).otherwise("_day")})
        work.frame = work.frame.drop("_day")


def check_codes(work: Work, codes: Codes) -> None:
    """Every column with a code table; what no table knows is left out and said, or kept where sources may write."""
    for column, heading in columns_of(work.kind).items():
        table = heading.code_table
        if not table or not work.has(column) or column == "sex" or table == "division":
            continue
        if column in SEVERAL:
            _several(work, codes, column, table)
            continue
        if table in AS_WRITTEN:
            work.set(**{column: work.translated(column, lambda text, t=table: codes.find(t, text) or text)[0]})  # type: ignore[misc]
            continue
        made, unread = work.translated(column, lambda text, t=table: codes.find(t, text))  # type: ignore[misc]
        work.flag("code_unknown", unread, column)
        work.set(**{column: made})


def _several(work: Work, codes: Codes, column: str, table: str) -> None:
    """Lists in a cell: 教务主任、年级组长. The known ones are kept in their order."""
    made, _none = work.translated(column, lambda text: ",".join(_known(text, codes, table)))
    wrong = work.frame[column].is_in(
        [text for text in work.frame[column].unique().to_list() if _has_unknown(text, codes, table)]
    )
    work.flag("code_unknown", wrong, column)
    work.set(**{column: made})


def split_list(text: str) -> list[str]:
    for separator in _SEPARATORS:
        text = text.replace(separator, "\n")
    return [part.strip() for part in text.split("\n") if part.strip()]


def _known(text: str, codes: Codes, table: str) -> list[str]:
    whole = codes.find(table, text)
    if whole:
        return [whole]
    return list(dict.fromkeys(code for part in split_list(text) if (code := codes.find(table, part))))


def _has_unknown(text: str, codes: Codes, table: str) -> bool:
    return not codes.find(table, text) and any(codes.find(table, part) is None for part in split_list(text))


def check_sex(work: Work, codes: Codes, *, is_required: bool) -> None:
    if not work.has("sex"):
        work.set(sex=pl.lit(""))
    made, unread = work.translated("sex", lambda text: codes.find("sex", text))
    work.flag("sex_unknown" if is_required else "code_unknown", unread, "sex")
    if is_required:
        work.flag("required", pl.col("sex") == "", "sex")
    work.set(sex=made)
    if work.kind == "guardians" and work.has("relation"):
        said, _unread = work.translated("relation", lambda text: codes.find("family_relation", text))
        by_relation = said.replace_strict(SEX_OF_RELATION, default="")
        work.set(sex=pl.when(pl.col("sex") == "").then(by_relation).otherwise("sex"))
    if not is_required:
        if work.kind == "staff":
            work.flag("sex_missing", (pl.col("sex") == "") & ~pl.lit(unread), "sex")
        work.set(sex=pl.when(pl.col("sex") == "").then(pl.lit("0")).otherwise("sex"))


def check_numbers(work: Work) -> None:
    for column, pattern in NUMBERS.get(work.kind, {}).items():
        if work.has(column):
            work.set(**{column: pl.col(column).str.replace(r"\.0+$", "").str.replace(r"[班号节]$", "")})
            bad = (pl.col(column) != "") & ~pl.col(column).str.contains(pattern)
            work.flag("number_invalid", bad, column)
            work.blank(bad, column)
