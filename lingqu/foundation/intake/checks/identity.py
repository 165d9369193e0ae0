"""ID numbers (GB 11643), 学籍号, phones and e-mail addresses of a batch."""

from __future__ import annotations

import re
from datetime import date

import polars as pl

from .codes import division_codes
from .work import Work

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
SCIENTIFIC = r"^\d(?:\.\d+)?[Ee]\+?1\d$"
ZEROS = r"^\d{15}0{3}$"
NATIONAL = r"^\d{17}[\dX]$"
SYNTHETIC_REGION = "00"
MOBILE = r"^1[3-9]\d{9}$"
INVENTED_MOBILE = r"^120\d{8}$"
"""Of an unassigned prefix: for rows that say they are invented."""
LANDLINE = r"^(?:0\d{2,3})?[2-9]\d{6,7}(?:\d{1,4})?$"
EMAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$"
_SPLIT = r"[/、，,；;\n]| {2,}"


def check_character(first17: str) -> str:
    """The eighteenth character of an ID number."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True)) % 11]


def _check_expression() -> pl.Expr:
    """The same over a column of 17-digit strings (null where it is none)."""
    number = pl.col("_first17")
    total = sum((number // 10 ** (16 - place) % 10) * weight for place, weight in enumerate(WEIGHTS))
    return (total % 11).replace_strict(dict(enumerate(CHECKS)), return_dtype=pl.String)


def wrong_id_numbers(frame: pl.DataFrame) -> pl.Series:
    """For rows with ``id_number``, ``id_type`` and ``birth_date``: which state a national ID number that breaks its rule or
    names another birthday."""
    number = pl.col("id_number")
    national = (number != "") & pl.col("id_type").is_in(["", "1"])
    first17 = pl.when(number.str.contains(NATIONAL)).then(number.str.slice(0, 17)).cast(pl.Int64, strict=False)
    held = frame.with_columns(_first17=first17).with_columns(_check=_check_expression())
    born = number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    stated = pl.col("birth_date").str.to_date("%Y-%m-%d", strict=False)
    wrong = (
        ~number.str.contains(NATIONAL)
        | (pl.col("_check") != number.str.slice(17, 1))
        | born.is_null()
        | (stated.is_not_null() & (stated != born))
    )
    return held.select((national & wrong.fill_null(value=True)).alias("wrong")).to_series()


def check_id_numbers(work: Work, today: date, *, is_number: pl.Series | None = None, missing: bool = False) -> None:
    """ID numbers of the rows. ``is_number``: where the workbook holds a number (its last digits are lost);
    ``missing``: an empty one is worth a remark."""
    work.set(id_number=pl.col("id_number").str.replace_all(r"[\s-]", "").str.to_uppercase())
    stated = pl.col("id_number") != ""
    national = stated & pl.col("id_type").is_in(["", "1"])
    _damaged(work, national, is_number)
    if missing:
        work.flag("id_missing", ~stated, "id_number")
    work.flag(
        "id_other_form", stated & ~national & ~pl.col("id_number").str.contains(r"^[A-Z0-9()/·.]{4,30}$"), "id_number"
    )
    good = pl.col("_worst") < 3
    is_form = pl.col("id_number").str.contains(NATIONAL)
    is_old = pl.col("id_number").str.contains(r"^\d{15}$")
    work.flag("id_old", national & good & is_old, "id_number")
    work.flag("id_form", national & good & ~is_form & ~is_old, "id_number")
    work.set(
        _national=national & good & is_form,
        _first17=pl.when(is_form).then(pl.col("id_number").str.slice(0, 17)).cast(pl.Int64, strict=False),
    )
    work.set(_check=_check_expression())
    wrong = pl.col("_national") & (pl.col("_check") != pl.col("id_number").str.slice(17, 1))
    work.flag("id_check_digit", wrong, "id_number", detail=pl.col("_check"))
    _birth_and_sex(work, today)
    _region(work)
    work.frame = work.frame.drop("_first17", "_check", "_national", "_id_birth")


def _damaged(work: Work, national: pl.Expr, is_number: pl.Series | None) -> None:
    """Numbers that a spreadsheet rounded: 3.70202E+17, number cells, or 000 at the end with a wrong check digit. One true
    number in a thousand ends so too; where most of a table's do not check, none of them is believed."""
    value = pl.col("id_number")
    scientific = value.str.contains(SCIENTIFIC)
    held = pl.lit(is_number) & (value.str.len_chars() >= 16) if is_number is not None else pl.lit(False)
    sure = scientific | (held & value.str.contains(r"^\d+(?:\.0)?$"))
    zeros = value.str.contains(ZEROS) & ~sure
    work.set(_first17=pl.when(zeros).then(value.str.slice(0, 17)).cast(pl.Int64, strict=False))
    work.set(_check=_check_expression())
    wrong = zeros & (pl.col("_check") != pl.lit("0"))
    lost, kept = work.frame.select(
        (national & wrong).sum().alias("l"), (national & zeros & ~wrong).sum().alias("k")
    ).row(0)
    work.flag("id_damaged", national & (sure | (zeros if lost > kept else wrong)), "id_number")


def _birth_and_sex(work: Work, today: date) -> None:
    """The date inside the number exists and is past; it and the parity agree with what the row says."""
    born = work.frame.select(pl.when("_national").then(pl.col("id_number").str.slice(6, 8)).alias("b")).to_series()
    days = {text: _day(text, today) for text in born.unique().to_list() if text}
    work.set(_id_birth=pl.lit(born).replace_strict(days, default="", return_dtype=pl.String).fill_null(""))
    work.flag("id_birth", pl.col("_national") & (pl.col("_id_birth") == ""), "id_number")
    known = pl.col("_id_birth") != ""
    if work.has("birth_date"):
        differs = known & (pl.col("birth_date") != "") & (pl.col("birth_date") != pl.col("_id_birth"))
        work.flag("id_birth_conflict", differs, "birth_date", detail=pl.col("_id_birth"))
        work.set(birth_date=pl.when((pl.col("birth_date") == "") & known).then("_id_birth").otherwise("birth_date"))
    odd = pl.when(pl.col("_first17") % 2 == 1).then(pl.lit("1")).otherwise(pl.lit("2"))
    work.flag("id_sex_conflict", known & pl.col("sex").is_in(["1", "2"]) & (pl.col("sex") != odd), "sex")


def _day(text: str, today: date) -> str:
    try:
        made = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return ""
    return made.isoformat() if date(1900, 1, 1) <= made <= today else ""


def _region(work: Work) -> None:
    region = pl.col("id_number").str.slice(0, 6)
    invented = pl.col("id_number").str.starts_with(SYNTHETIC_REGION)
    is_marked = pl.col("synthetic") == "1" if work.has("synthetic") else pl.lit(False)
    work.flag("id_region_invented", pl.col("_national") & invented & ~is_marked, "id_number")
    known = work.frame.select(region.is_in(division_codes()).alias("k")).to_series()
    work.flag("id_region", pl.col("_national") & ~invented & ~pl.lit(known), "id_number")


def check_register_numbers(work: Work) -> None:
    """学籍号: G + ID number, J or L + 18 digits."""
    work.set(register_number=pl.col("register_number").str.replace_all(r"\s", "").str.to_uppercase())
    value = pl.col("register_number")
    work.flag(
        "register_form", (value != "") & ~value.str.contains(r"^(?:G\d{17}[\dX]|[JL]\d{17}[\dX])$"), "register_number"
    )
    national = pl.col("id_number").str.contains(NATIONAL) & pl.col("id_type").is_in(["", "1"])
    differs = value.str.starts_with("G") & national & (value.str.slice(1) != pl.col("id_number"))
    work.flag("register_conflict", differs, "register_number")


def check_phones(work: Work) -> None:
    """One number a cell, digits only; what is no phone is left out and said."""
    raw = pl.col("phone").str.replace(r"\.0$", "")
    several = raw.str.contains(_SPLIT) & raw.str.split_exact("/", 0).struct.field("field_0").str.contains(r"\d{7}")
    work.flag("phone_several", several, "phone")
    first = raw.str.replace_all(r"[/、，,；;\n].*$", "")
    digits = first.str.replace_all(r"[\s()（）\-—.]", "").str.replace(r"^(?:\+|00)?86(1\d{10})$", "$1")
    work.set(_phone=digits)
    bad = (pl.col("_phone") != "") & ~pl.col("_phone").str.contains(MOBILE) & ~pl.col("_phone").str.contains(LANDLINE)
    bad = bad | ((pl.col("phone") != "") & (pl.col("_phone") == ""))
    if work.has("synthetic"):
        bad = bad & ~((pl.col("synthetic") == "1") & pl.col("_phone").str.contains(INVENTED_MOBILE))
    mask = work.frame.select(bad.alias("b")).to_series()
    work.flag("phone_invalid", mask, "phone")
    work.set(phone=pl.when(pl.lit(mask)).then(pl.lit("")).otherwise("_phone"))
    work.frame = work.frame.drop("_phone")


def check_emails(work: Work) -> None:
    bad = work.frame.select(((pl.col("email") != "") & ~pl.col("email").str.contains(EMAIL)).alias("b")).to_series()
    work.flag("email_invalid", bad, "email")
    work.blank(pl.lit(bad), "email")


_PRIVATE = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010fffd]")


def check_names(work: Work, column: str = "name") -> None:
    """``张 三`` → ``张三``, one middle dot, private-use characters by code point."""
    value = pl.col(column)
    dotted = value.str.replace_all(r"[•‧∙・●⋅.．]", "·") if column == "name" else value
    has_han = value.str.contains(r"\p{Han}|[\x{e000}-\x{f8ff}]")
    folded = pl.when(has_han).then(dotted.str.replace_all(r"\s+", "")).otherwise(value.str.replace_all(r"\s+", " "))
    work.flag("name_spaces", has_han & value.str.contains(r"\S\s+\S"), column)
    private = value.str.contains(r"[\x{e000}-\x{f8ff}\x{f0000}-\x{10fffd}]")
    work.flag("name_private_use", private, column, detail=value.map_elements(_points, return_dtype=pl.String))
    garbled = value.str.contains(r"[\x{fffd}?？□\x00-\x08]|\d{2,}") | (value.str.len_chars() > 60)
    work.flag("name_garbled", garbled & ~private, column)
    work.set(**{column: folded})


def _points(text: str) -> str:
    return " ".join(f"U+{ord(character):04X}" for character in _PRIVATE.findall(text))
