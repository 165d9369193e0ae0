"""Rosters with Chinese headings: which template a table is, which column means what, what its cells mean."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from lingqu.foundation.registry.types.rows import ROW_KINDS

from .tables import Table

HEADINGS = Path(__file__).resolve().parents[1] / "data" / "headings.csv"
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
DAMAGED = r"^\d(\.\d+)?[eE]\+?1[4-7]$"
TELLING = {"guardians": {"监护人", "家长", "监护人姓名", "家长姓名"}, "teaching": {"周课时", "周课时数", "班级或教学班", "任课教师"}}
DUTIES = {"校长": "principal", "副校长": "vice_principal", "班主任": "head_teacher", "副班主任": "deputy_head_teacher", "年级组长": "grade_leader",
          "教研组长": "subject_leader", "备课组长": "lesson_leader", "教务主任": "academic_director", "德育主任": "moral_director",
          "总务主任": "services_director", "学籍管理员": "register_officer", "学校管理员": "school_admin"}  # fmt: skip
WORDS: dict[str, dict[str, str]] = {
    "sex": {"男": "1", "男性": "1", "女": "2", "女性": "2", "1": "1", "2": "2", "0": "0", "9": "9", "": ""},
    "attendance": {"在籍在读": "registered", "在读": "registered", "走读": "registered", "住校": "registered", "有籍不在读": "absent",
                   "无籍借读": "guest", "借读": "guest", "送教上门": "home_taught", "送教": "home_taught", "交流": "exchange", "": ""},
    "kind": {"教育区域": "region", "教育行政部门": "bureau", "教育局": "bureau", "学校": "school", "教学点": "teaching_point", "校区": "campus",
             "内设机构": "department", "教育事业单位": "institution", "法定监护": "legal", "委托监护": "entrusted", "机构监护": "institution",
             "代办人": "proxy", "": ""},
    "schooling": {"六三制": "six_three", "六三": "six_three", "五四制": "five_four", "五四": "five_four", "": ""},
    "boarding": {"是": "1", "否": "0", "住宿": "1", "走读": "0", "1": "1", "0": "0", "": ""},
    "is_primary": {"是": "1", "否": "0", "1": "1", "0": "0", "": ""},
    "employment_kind": {"在编": "established", "备案制": "filed", "人事代理": "agency", "合同": "contract", "劳务派遣": "contract",
                        "代课": "substitute", "特岗": "special_post", "银龄": "silver_age", "支教": "volunteer", "交流轮岗": "rotation",
                        "借调": "seconded", "跨校走教": "itinerant", "": ""},
}  # fmt: skip


@cache
def templates() -> dict[str, list[dict[str, str]]]:
    """Headings of each template in order."""
    found: dict[str, list[dict[str, str]]] = {}
    with HEADINGS.open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            found.setdefault(row["kind"], []).append(row)
    return found


def _plain(heading: str) -> str:
    return heading.replace(" ", "").replace("*", "").replace("（必填）", "").replace("(必填)", "").strip()


def guess_columns(kind: str, headings: list[str]) -> dict[str, str]:
    """Canonical column → heading of the file."""
    known = {_plain(h): h for h in headings}
    found: dict[str, str] = {}
    for row in templates()[kind]:
        for name in (row["heading"], *row["synonyms"].split("|"), row["element"]):
            if name and _plain(name) in known and known[_plain(name)] not in found.values():
                found[row["column"]] = known[_plain(name)]
                break
    return found


def guess_kind(headings: list[str]) -> tuple[str, dict[str, str]] | None:
    """The template whose required columns are all there and of which most is there; None when none fits."""
    best: tuple[float, str, dict[str, str]] | None = None
    plain = {_plain(h) for h in headings}
    for kind, rows in templates().items():
        if kind in TELLING and not plain & TELLING[kind]:
            continue
        mapped = guess_columns(kind, headings)
        if any(row["required"] and row["column"] not in mapped for row in rows):
            continue
        score = len(mapped) + (20 if kind in TELLING else 0) + (5 if kind == "staff" and "工号" in plain else 0)
        if best is None or score > best[0]:
            best = (score, kind, mapped)
    return (best[1], best[2]) if best else None


def renamed(table: Table, kind: str, mapping: dict[str, str]) -> pl.DataFrame:
    """The table with canonical column names, and where each row stands."""
    columns = [row["column"] for row in templates()[kind]]
    return table.frame.select(
        *(pl.col(mapping[c]).alias(c) if c in mapping else pl.lit("").alias(c) for c in columns),
        "row_number", pl.lit(table.file).alias("file"), pl.lit(table.sheet).alias("sheet"),
    )  # fmt: skip


def coded(column: str) -> pl.Expr:
    """Words to codes; what no list knows stays and is reported by the checks."""
    return pl.col(column).replace(WORDS[column])


def day_of(text: str) -> str | None:
    """A date as people write it → ``YYYY-MM-DD``; "" for none, None when it is no date."""
    digits = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-").split(" ")[0].strip("-")
    if not digits:
        return ""
    try:
        if digits.isdigit() and len(digits) == 8:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
        if digits.isdigit() and len(digits) == 6:
            return date(int(digits[:4]), int(digits[4:6]), 1).isoformat()
        if digits.isdigit() and 20000 <= int(digits) <= 60000:
            return date.fromordinal(date(1899, 12, 30).toordinal() + int(digits)).isoformat()
        parts = [int(part) for part in digits.split("-")]
        return date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1).isoformat()
    except (ValueError, IndexError):
        return None


def id_fault(number: str) -> str:
    """Rule that an 18-character ID number (GB 11643) breaks; "" when it is right."""
    if len(number) != 18 or not number[:17].isdigit() or not (number[17].isdigit() or number[17] == "X"):
        return "id.form"
    total = sum(int(digit) * weight for digit, weight in zip(number, ID_WEIGHTS, strict=False))
    if "10X98765432"[total % 11] != number[17]:
        return "id.check_digit"
    born = day_of(number[6:14])
    return "" if born and born <= date.today().isoformat() else "id.birth_date"


def empty_frame(kind: str) -> pl.DataFrame:
    names = [column.name for column in ROW_KINDS[kind]]
    return pl.DataFrame(schema={**dict.fromkeys([*names, "file", "sheet"], pl.String), "row_number": pl.Int32})


def completed(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """All columns of the kind, as text, none missing."""
    names = [column.name for column in ROW_KINDS[kind]]
    return frame.select(
        *((pl.col(n) if n in frame.columns else pl.lit("")).cast(pl.String).fill_null("").alias(n) for n in names),
        "file", "sheet", pl.col("row_number").cast(pl.Int32),
    )  # fmt: skip
