"""An invented region of a million people as roster rows: deterministic, in the headings of the Chinese templates.

Everything carries the synthetic mark and the region prefix 00. ``frames`` are in canonical columns, ``write_files`` puts them
under the headings of ``intake/data/headings.csv``.
"""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl

HEADINGS = Path(__file__).resolve().parents[1] / "lingqu" / "foundation" / "intake" / "data" / "headings.csv"
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常单"
GIVEN = "子梓浩宇轩涵欣怡佳雨诗思语嘉俊杰晨辰博文昊天泽瑞铭睿哲志明建国华军伟强芳丽娜敏静秀英霞艳玲洋磊鑫鹏飞超凡琪琳瑶雪梅兰竹菊松柏春夏秋冬东南西北山川河海江湖云霄星月阳光乐康宁安平和顺永恒长远立新成功一诺清芷若熙依晓萱彤可心悦然羽墨言书卓越"
SUBJECTS = ("语文", "数学", "英语", "物理", "地理", "历史", "音乐", "美术", "体育与健康")
GRADES = ("七", "八", "九")
YES = "是"


def _pick(letters: str, seed: str, salt: int) -> pl.Expr:
    index = (pl.col(seed).hash(salt) % len(letters)).cast(pl.UInt32)
    return index.replace_strict(dict(enumerate(letters)), return_dtype=pl.String)


def _name(salt: int) -> pl.Expr:
    return pl.concat_str(_pick(SURNAMES, "n", salt), _pick(GIVEN, "n", salt + 1), _pick(GIVEN, "n", salt + 2))


def _id_number(serial: pl.Expr, year: pl.Expr, day: pl.Expr) -> list[pl.Expr]:
    """Region 00, birth date, a serial spread over region and sequence, and the check digit (GB 11643)."""
    body = pl.concat_str(
        pl.lit("00"), (serial // 1000 % 10_000).cast(pl.String).str.zfill(4), year.cast(pl.String),
        (day // 28 % 12 + 1).cast(pl.String).str.zfill(2), (day % 28 + 1).cast(pl.String).str.zfill(2),
        (serial % 1000).cast(pl.String).str.zfill(3),
    )  # fmt: skip
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(body.str.slice(place, 1).cast(pl.Int32) * weight for place, weight in enumerate(weights))
    check = (total % 11).replace_strict(dict(enumerate("10X98765432")), return_dtype=pl.String)
    birth = pl.concat_str(body.str.slice(6, 4), pl.lit("-"), body.str.slice(10, 2), pl.lit("-"), body.str.slice(12, 2))
    return [pl.concat_str(body, check).alias("id_number"), birth.alias("birth_date")]


def _phone(salt: int, share: int) -> pl.Expr:
    number = pl.concat_str(pl.lit("100"), (pl.col("n").hash(salt) % 100_000_000).cast(pl.String).str.zfill(8))
    return pl.when(pl.col("n") % 100 < share).then(number).otherwise(pl.lit(""))


def organisations(schools: int) -> pl.DataFrame:
    counties = pl.DataFrame({"n": range(10)}).select(
        pl.format("00{}", pl.col("n").cast(pl.String).str.zfill(2)).alias("code"),
        pl.format("第{}演示县教育局", pl.col("n") + 1).alias("name"), pl.lit("教育行政部门").alias("kind"),
        pl.lit("").alias("parent_ref"), pl.lit("").alias("schooling"), pl.lit("").alias("school_type"),
    )  # fmt: skip
    rows = pl.DataFrame({"n": range(schools)}).select(
        pl.format("0{}", pl.col("n").cast(pl.String).str.zfill(9)).alias("code"),
        pl.format("演示第{}中学", pl.col("n") + 1).alias("name"), pl.lit("学校").alias("kind"),
        pl.format("00{}", (pl.col("n") % 10).cast(pl.String).str.zfill(2)).alias("parent_ref"),
        pl.lit("六三制").alias("schooling"), pl.lit("初级中学").alias("school_type"),
    )  # fmt: skip
    return pl.concat([counties, rows]).with_columns(pl.lit(YES).alias("synthetic"))


def school_code(number: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit("0"), number.cast(pl.String).str.zfill(9))


def class_name(index: pl.Expr) -> pl.Expr:
    grade = (index % 3).replace_strict(dict(enumerate(GRADES)), return_dtype=pl.String)
    return pl.concat_str(grade, pl.lit("("), (index // 3 + 1).cast(pl.String), pl.lit(")班"))


CLASSES = 12


def classes(schools: int) -> pl.DataFrame:
    n = pl.col("n")
    return pl.DataFrame({"n": range(schools * CLASSES)}).select(
        school_code(n // CLASSES).alias("school_ref"), class_name(n % CLASSES).alias("written_name"),
        (n % CLASSES % 3).replace_strict({0: "七年级", 1: "八年级", 2: "九年级"}).alias("grades"),
    )  # fmt: skip


def students(count: int, schools: int) -> pl.DataFrame:
    n, each = pl.col("n"), max(1, count // schools)
    school = pl.min_horizontal(n // each, schools - 1)
    place = n % each % CLASSES
    return pl.DataFrame({"n": range(count)}).select(
        _name(11).alias("name"), pl.when(n % 2 == 0).then(pl.lit("男")).otherwise(pl.lit("女")).alias("sex"),
        *_id_number(n, pl.lit(2013) - place % 3, n.hash(5) % 336), school_code(school).alias("school_ref"),
        class_name(place).alias("class_ref"), (n % each // CLASSES + 1).cast(pl.String).alias("class_number"),
        n.cast(pl.String).str.zfill(8).alias("school_number"), _phone(21, 60).alias("phone"),
        pl.format("演示区第{}路{}号", n % 977, n % 89).alias("address"),
        pl.when(n.hash(9) % 5 == 0).then(pl.lit("是")).otherwise(pl.lit("否")).alias("boarding"),
        pl.lit("汉族").alias("ethnicity"), pl.lit("2026-09-01").alias("entry_on"), pl.lit(YES).alias("synthetic"),
    ).with_columns(
        pl.concat_str(pl.lit("G"), "id_number").alias("register_number"),
    ).with_columns(id_number=pl.when(pl.int_range(pl.len()) % 50 == 0).then(pl.lit("")).otherwise(pl.col("id_number")))  # fmt: skip


def staff(count: int, schools: int) -> pl.DataFrame:
    n = pl.col("n")
    return pl.DataFrame({"n": range(count)}).select(
        _name(31).alias("name"), pl.when(n % 3 == 0).then(pl.lit("男")).otherwise(pl.lit("女")).alias("sex"),
        *_id_number(n + 2_000_000, pl.lit(1970) + n % 30, n.hash(6) % 336), (n % schools).alias("school"),
        pl.format("T{}", (n // schools).cast(pl.String).str.zfill(4)).alias("staff_number"),
        pl.lit("在编").alias("employment_kind"), _phone(41, 100).alias("phone"),
        (n // schools % len(SUBJECTS)).replace_strict(dict(enumerate(SUBJECTS))).alias("subject"),
        pl.lit(YES).alias("synthetic"),
    ).sort("school", "staff_number").with_columns(school_code(pl.col("school")).alias("school_ref")).drop("school")  # fmt: skip


def guardians(count: int, pupils: pl.DataFrame) -> pl.DataFrame:
    """One guardian for most children; the children of the first part have one each, in file order."""
    n = pl.col("n")
    rows = pl.DataFrame({"n": range(count)}).select(
        _name(51).alias("name"), pl.when(n % 2 == 0).then(pl.lit("父亲")).otherwise(pl.lit("母亲")).alias("relation"),
        pl.when(n % 2 == 0).then(pl.lit("男")).otherwise(pl.lit("女")).alias("sex"),
        *_id_number(n + 4_000_000, pl.lit(1975) + n % 20, n.hash(7) % 336), _phone(61, 100).alias("phone"),
        pl.lit(YES).alias("is_primary"), pl.lit(YES).alias("synthetic"),
    )  # fmt: skip
    return rows.with_columns(pupils["register_number"].head(count).alias("child_ref"))


def teaching(schools: int, teachers: int) -> pl.DataFrame:
    n, each = pl.col("n"), max(1, teachers // schools)
    school, rest = n // (CLASSES * len(SUBJECTS)), n % (CLASSES * len(SUBJECTS))
    return pl.DataFrame({"n": range(schools * CLASSES * len(SUBJECTS))}).select(
        school_code(school).alias("school_ref"), class_name(rest // len(SUBJECTS)).alias("class_ref"),
        pl.format("T{}", (rest * 7 % each).cast(pl.String).str.zfill(4)).alias("teacher_ref"),
        (rest % len(SUBJECTS)).replace_strict(dict(enumerate(SUBJECTS))).alias("subject"),
        pl.lit("4").alias("weekly_periods"), pl.lit(YES).alias("synthetic"),
    )  # fmt: skip


def frames(people: int, schools: int) -> dict[str, pl.DataFrame]:
    """60 % pupils, 4.5 % staff, 35.5 % guardians, and the lessons of every class."""
    pupils = students(people * 600 // 1000, schools)
    teachers = people * 45 // 1000
    return {
        "organisations": organisations(schools),
        "classes": classes(schools),
        "students": pupils,
        "staff": staff(teachers, schools),
        "guardians": guardians(people * 355 // 1000, pupils),
        "teaching": teaching(schools, teachers),
    }


def headings(kind: str) -> dict[str, str]:
    with HEADINGS.open(encoding="utf-8") as handle:
        return {row["column"]: row["heading"] for row in csv.DictReader(handle) if row["kind"] == kind}


FILE_NAMES = {
    "organisations": "学校", "classes": "班级", "students": "学生", "staff": "教职工", "guardians": "监护人", "teaching": "任课",
}  # fmt: skip


def write_files(made: dict[str, pl.DataFrame], folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, frame in made.items():
        known = headings(kind)
        path = folder / f"{FILE_NAMES[kind]}.csv"
        frame.rename({name: known[name] for name in frame.columns}).write_csv(path)
        written.append(path)
    return written
