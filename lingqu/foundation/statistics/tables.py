"""统计底表 as data: each table is a source, a row and columns with their conditions. Figures, the rows behind a figure and
the workbook all come from these definitions.

Sources: pupils, staff, classes and changes of a snapshot (``x``) with their school (``s``). A pupil who is away (有籍不在读)
sits nowhere: only the table of 学籍与就读 counts them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

SOURCES = {
    "pupil": "statistics_snapshotpupil", "staff": "statistics_snapshotstaff", "class": "statistics_snapshotclass",
    "change": "statistics_snapshotchange",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """``rare``: shown only when it holds something."""

    code: str
    label: str | Promise
    condition: str = "true"
    rare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """``row`` is SQL over x and s; ``labels`` names what reads a row's key: grade, age, code table or words."""

    code: str
    title: str | Promise
    source: str
    row: str
    row_title: str | Promise
    labels: str
    columns: tuple[Column, ...]
    where: str = "true"
    rule: str | Promise = ""


PRESENT = "x.attendance <> 'absent'"
MALE, FEMALE = Column("male", _("男"), "x.sex = '1'"), Column("female", _("女"), "x.sex = '2'")
UNSTATED = Column("unstated", _("性别未登记"), "x.sex NOT IN ('1', '2')", rare=True)
TOTAL = Column("total", _("小计"))
SEXES = (MALE, FEMALE, UNSTATED, TOTAL)
STAGES = (
    ("preschool", pgettext_lazy("学段", "幼儿园"), "x.grade LIKE 'K%%'"),
    (
        "primary",
        pgettext_lazy("学段", "小学"),
        "x.grade IN ('G01', 'G02', 'G03', 'G04', 'G05') OR (x.grade = 'G06' AND s.schooling <> 'five_four')",
    ),
    ("junior", pgettext_lazy("学段", "初中"), "x.grade IN ('G07', 'G08', 'G09') OR (x.grade = 'G06' AND s.schooling = 'five_four')"),
    ("senior", pgettext_lazy("学段", "高中"), "x.grade IN ('G10', 'G11', 'G12')"),
)  # fmt: skip
STAGE = "CASE " + " ".join(f"WHEN {sql} THEN '{code}'" for code, _label, sql in STAGES) + " ELSE '' END"
_GRADES = ("K0", "K1", "K2", "K3", *(f"G{n:02d}" for n in range(1, 13)))
AGE_BAND = """CASE WHEN x.age IS NULL THEN '' WHEN x.age < 25 THEN '0-24' WHEN x.age >= 60 THEN '60-'
  ELSE (x.age / 5 * 5) || '-' || (x.age / 5 * 5 + 4) END"""

EDUCATIONS = (
    ("doctor", _("博士研究生毕业"), ("11",)),
    ("master", _("硕士研究生毕业"), ("10", "12", "13", "14", "17")),
    ("bachelor", _("大学本科毕业"), ("15", "16", "18", "19", "20", "21", "28")),
    ("college", _("大学专科毕业"), ("22", "23", "30", "31")),
    ("upper", _("高中阶段毕业"), ("32", "33", "40", "41", "44", "47", "60", "61")),
    (
        "below",
        _("高中阶段以下"),
        ("42", "43", "45", "46", "48", "49", "62", "63", "70", "71", "73", "80", "81", "83", "90"),
    ),
)
"""Bands of 学历 (GB/T 4658): who did not finish counts with the level below."""
EDUCATION = (
    "CASE "
    + " ".join(
        f"WHEN x.education IN ({', '.join(repr(one) for one in codes)}) THEN '{band}'"
        for band, _label, codes in EDUCATIONS
    )
    + " ELSE x.education END"
)

TABLES: tuple[Table, ...] = (
    Table(
        code="grades", title=_("学生分年级、性别"), source="pupil", row="x.grade", row_title=_("年级"), labels="grade", where=PRESENT,
        columns=(
            *SEXES, Column("boarding", _("寄宿"), "x.boarding"), Column("migrant", _("随迁子女"), "x.migrant"),
            Column("left_behind", _("留守"), "x.left_behind"), Column("included", _("随班就读"), "x.included"),
            Column("home_taught", _("送教上门"), "x.attendance = 'home_taught'"),
        ),
    ),
    Table(
        code="attendance", title=_("学籍与就读"), source="pupil", row=STAGE, row_title=_("学段"), labels="stage",
        columns=(
            Column("registered", _("在籍在读"), "x.attendance = 'registered'"),
            Column("absent", _("有籍不在读（休学）"), "x.attendance = 'absent'"),
            Column("guest", _("无籍借读"), "x.attendance = 'guest'"),
            Column("home_taught", _("送教上门"), "x.attendance = 'home_taught'"),
            Column("exchange", pgettext_lazy("就读", "交流"), "x.attendance = 'exchange'", rare=True),
            Column("present", _("就读合计"), PRESENT),
            Column("on_register", _("在籍合计"), "x.attendance IN ('registered', 'absent', 'home_taught')"),
        ),
        rule=_("就读合计＝在籍在读＋无籍借读＋送教上门＋交流；在籍合计＝在籍在读＋有籍不在读＋送教上门。"),
    ),
    Table(
        code="ages", title=_("学生分年龄、年级"), source="pupil", row="COALESCE(x.age::text, '')", row_title=_("年龄（周岁）"),
        labels="age", where=PRESENT,
        columns=(
            *(Column(grade, grade, f"x.grade = '{grade}'", rare=True) for grade in _GRADES),
            Column("none", _("年级未登记"), "x.grade = ''", rare=True), TOTAL,
        ),
    ),
    Table(
        code="classes", title=_("班额（教育统计分段）"), source="class", row="x.grade", row_title=_("年级"), labels="grade",
        columns=(
            Column("to25", _("25 人及以下"), "x.size <= 25"), Column("to35", _("26–35 人"), "x.size BETWEEN 26 AND 35"),
            Column("to45", _("36–45 人"), "x.size BETWEEN 36 AND 45"), Column("to55", _("46–55 人"), "x.size BETWEEN 46 AND 55"),
            Column("to65", _("56–65 人"), "x.size BETWEEN 56 AND 65"), Column("over65", _("66 人及以上"), "x.size >= 66"),
            Column("total", _("班数")),
        ),
        rule=_("复式班计入其最低年级。"),
    ),
    Table(
        code="sizes", title=_("班额（标准与大班额）"), source="class", row=STAGE, row_title=_("学段"), labels="stage",
        columns=(
            Column("to45", _("45 人及以下"), "x.size <= 45"), Column("to50", _("46–50 人"), "x.size BETWEEN 46 AND 50"),
            Column("to55", _("51–55 人"), "x.size BETWEEN 51 AND 55"), Column("over55", _("56 人及以上"), "x.size >= 56"),
            Column("total", _("班数")),
        ),
        rule=_("标准班额：小学 45 人，初中、高中 50 人；超过 55 人为大班额。"),
    ),
    Table(
        code="changes", title=_("学生变动"), source="change", row="x.code", row_title=_("变动"), labels="change",
        columns=(
            Column("came", _("增加"), "x.direction > 0"), Column("went", _("减少"), "x.direction < 0"), MALE, FEMALE,
            *(Column(code, label, f"({sql})") for code, label, sql in STAGES),
        ),
        rule=_("与上一次快照（确认单为上一次确认）逐人比较；按学籍状态、死亡登记和现就读学校判断。"),
    ),
    Table(
        code="employment", title=_("教职工分用人形式"), source="staff", row="x.employment_kind", row_title=_("用人形式"),
        labels="employment", where="x.works",
        columns=(MALE, FEMALE, UNSTATED, TOTAL, Column("full_time", _("其中专任教师"), "x.full_time_teacher"),
                 Column("employs", _("其中编制在本校"), "x.employs")),
        rule=_("按工作单位统计。"),
    ),
    Table(
        code="titles", title=_("专任教师分职称"), source="staff", row="x.title", row_title=_("职称"), labels="title",
        where="x.full_time_teacher", columns=SEXES,
    ),
    Table(
        code="educations", title=_("专任教师分学历"), source="staff", row=EDUCATION, row_title=_("学历"), labels="education",
        where="x.full_time_teacher", columns=SEXES, rule=_("按最高学历；结业、肄业计入下一级学历。"),
    ),
    Table(
        code="degrees", title=_("专任教师分学位"), source="staff", row="left(x.degree, 1)", row_title=_("学位"), labels="degree",
        where="x.full_time_teacher", columns=SEXES,
    ),
    Table(
        code="teacher_ages", title=_("专任教师分年龄"), source="staff", row=AGE_BAND, row_title=_("年龄"), labels="band",
        where="x.full_time_teacher", columns=SEXES,
    ),
    Table(
        code="subjects", title=_("专任教师分学科"), source="staff", row="x.subject", row_title=_("学科"), labels="subject",
        where="x.full_time_teacher", columns=SEXES,
    ),
)  # fmt: skip
BY_CODE = {table.code: table for table in TABLES}
SHEET_TABLES = ("grades", "attendance", "classes", "sizes", "employment", "changes")
