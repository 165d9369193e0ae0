"""The same thing twice in one delivery, and one phone for many."""

from __future__ import annotations

import polars as pl

from .work import Work

MANY_PUPILS = 5


def _repeats(work: Work, on: list[str]) -> pl.DataFrame:
    """Good rows whose ``on`` values occur again: ``_at`` (index), ``_row`` of the first one, ``_nth``, its school."""
    wanted = [*dict.fromkeys([*on, "row_number", "file", *(["school_ref"] if work.has("school_ref") else [])])]
    rows = (
        work.frame.lazy().with_row_index("_at").filter(work.is_good() & pl.all_horizontal(pl.col(name) != "" for name in on))
        .select("_at", *wanted).collect()
    )  # fmt: skip
    rows = rows.filter(pl.struct(on).is_duplicated() if len(on) > 1 else pl.col(on[0]).is_duplicated())
    return rows.with_columns(
        pl.col("row_number").first().over(on).alias("_row"), pl.col("file").first().over(on).alias("_file"),
        pl.int_range(pl.len()).over(on).alias("_nth"),
    )  # fmt: skip


def _flag_at(work: Work, rule: str, rows: pl.DataFrame, field: str) -> None:
    if not rows.height:
        return
    same = pl.col("file") == pl.col("_file")
    told = rows.select(
        "_at",
        pl.when(same)
        .then(pl.col("_row").cast(pl.String))
        .otherwise(pl.concat_str("_file", pl.lit(" "), "_row"))
        .alias("_told"),
    )
    _flag_text(work, rule, told, field)


def check_unique(work: Work, field: str) -> None:
    """A key stands for one row: later rows with the same one are not taken."""
    repeats = _repeats(work, ["key"])
    _flag_at(work, "duplicate_in_file", repeats.filter(pl.col("_nth") > 0), field)


def check_pupils(work: Work) -> None:
    """The same child twice: in one school the later row is not taken; in two schools both are, for both to see."""
    told: list[int] = []
    for column in ("key", "id_number", "register_number"):
        repeats = _repeats(work, [column])
        if not repeats.height:
            continue
        repeats = repeats.with_columns(
            pl.int_range(pl.len()).over(column, "school_ref").alias("_here"),
            pl.col("row_number").first().over(column, "school_ref").alias("_row_here"),
        )
        field = "name" if column == "key" else column
        here = repeats.filter(pl.col("_here") > 0).with_columns(_row=pl.col("_row_here"))
        _flag_at(work, "duplicate_in_file", here, field)
        elsewhere = repeats.filter((pl.col("_here") == 0) & (pl.col("_nth") > 0) & ~pl.col("_at").is_in(told))
        told += elsewhere["_at"].to_list()
        _flag_at(work, "several_schools", elsewhere, field)
        if column == "key" and elsewhere.height:
            at = elsewhere["_at"].implode()
            index = pl.int_range(pl.len(), dtype=pl.UInt32)
            work.frame = work.frame.with_columns(
                pl.when(index.is_in(at))
                .then(pl.concat_str("key", pl.lit("@"), "school_ref"))
                .otherwise("key")
                .alias("key")
            )
    _numbers(work)
    same = _repeats(work, ["name", "sex", "birth_date", "school_ref"])
    if same.height:
        numbers = work.frame.select("id_number").with_row_index("_at")
        same = same.join(numbers, on="_at", how="left")
        lone = same.filter((pl.col("id_number") == "").any().over("name", "sex", "birth_date", "school_ref"))
        _flag_at(work, "same_person_doubt", lone.filter(pl.col("_nth") > 0), "name")


def _numbers(work: Work) -> None:
    for on, field in (
        (["school_ref", "school_number"], "school_number"),
        (["class_ref", "class_number"], "class_number"),
    ):
        repeats = _repeats(work, on)
        _flag_at(work, "number_repeated", repeats.filter(pl.col("_nth") > 0), field)


def check_phones_of_pupils(work: Work, staff_phones: pl.Series | None, *, child: str = "key") -> None:
    """One phone on many pupils, or that of a member of staff: often typed to satisfy a mandatory field."""
    rows = (
        work.frame.lazy().with_row_index("_at").filter(work.is_good() & (pl.col("phone") != ""))
        .select("_at", "phone", child, "row_number").collect()
    )  # fmt: skip
    shared = (
        rows.group_by("phone").agg(
            pl.col(child).n_unique().alias("_children"), pl.col("_at").first(), pl.col("row_number").head(8).alias("_rows")
        ).filter(pl.col("_children") >= MANY_PUPILS)
    )  # fmt: skip
    _flag_text(work, "phone_shared", shared.select("_at", _told=_on_rows()), "phone")
    if staff_phones is not None and len(staff_phones):
        hits = rows.filter(pl.col("phone").is_in(staff_phones.unique().implode())).unique(
            "phone", keep="first", maintain_order=True
        )
        _flag_text(work, "phone_of_staff", hits.select("_at", _told=pl.lit("")), "phone")


def _on_rows() -> pl.Expr:
    """``7 (12、13、…)``: how many pupils, and the first rows."""
    listed = pl.col("_rows").cast(pl.List(pl.String)).list.join("、")
    return pl.format("{} ({})", pl.col("_children"), listed)


def _flag_text(work: Work, rule: str, told: pl.DataFrame, field: str) -> None:
    if told.height:
        index = work.frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("_at"))
        details = index.join(
            told.with_columns(pl.col("_at").cast(pl.UInt32)), on="_at", how="left", maintain_order="left"
        )["_told"]
        work.frame = work.frame.with_columns(details.alias("_told"))
        work.flag(rule, pl.col("_told").is_not_null(), field, detail=pl.col("_told"))
        work.frame = work.frame.drop("_told")
