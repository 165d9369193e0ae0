"""Grades as people say them, the stage of a grade under a 学制, the norm of class sizes."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lingqu.kernel.language import listed

from .words import ClassDisplay

CHINESE = "一二三四五六七八九"
SHORT = {"K0": "托", "K1": "小", "K2": "中", "K3": "大"} | {f"G{n:02d}": c for n, c in enumerate(CHINESE, 1)}
SHORT |= {"G10": "高一", "G11": "高二", "G12": "高三"}
LABELS = {
    "K0": gettext_lazy("托班"), "K1": gettext_lazy("小班"), "K2": gettext_lazy("中班"), "K3": gettext_lazy("大班"),
    "G01": gettext_lazy("一年级"), "G02": gettext_lazy("二年级"), "G03": gettext_lazy("三年级"),
    "G04": gettext_lazy("四年级"), "G05": gettext_lazy("五年级"), "G06": gettext_lazy("六年级"),
    "G07": gettext_lazy("七年级"), "G08": gettext_lazy("八年级"), "G09": gettext_lazy("九年级"),
    "G10": gettext_lazy("高一"), "G11": gettext_lazy("高二"), "G12": gettext_lazy("高三"),
}  # fmt: skip
STAGE_WORDS = {"preschool": "幼", "primary": "小", "junior": "初", "senior": "高"}
NORMS = {"preschool": 35, "primary": 45, "junior": 50, "senior": 50}
"""Largest class sizes (城市普通中小学校建设标准第六条; 幼儿园大班 35)."""


def stage_of(grade: str, schooling: str = "") -> str:
    """preschool, primary, junior or senior. Grade six is junior school under 五四."""
    if grade.startswith("K"):
        return "preschool"
    number = int(grade[1:]) if grade[1:].isdigit() else 0
    if number >= 10:
        return "senior"
    return "junior" if number >= (6 if schooling == "five_four" else 7) else "primary"


def grade_label(grade: str) -> str:
    return str(LABELS.get(grade, grade))


def grades_label(grades: Iterable[str]) -> str:
    return listed(map(grade_label, grades))


def norm_of(grades: Iterable[str], schooling: str = "") -> int:
    return min((NORMS[stage_of(grade, schooling)] for grade in grades), default=NORMS["junior"])


def staged_label(grade: str, schooling: str = "") -> str:
    """初一, 初二 …: the grade counted inside its stage; primary grades as they are."""
    stage, number = stage_of(grade, schooling), int(grade[1:]) if grade[1:].isdigit() else 0
    if stage == "junior":
        return "初" + CHINESE[number - (6 if schooling == "five_four" else 7)]
    return SHORT.get(grade, grade)


def display_name(
    rule: str, *, grades: Iterable[str], serial: int | None, entry_year: int | None, written: str, schooling: str = "",
    kind: str = "administrative", is_staged: bool = False,
) -> str:  # fmt: skip
    """The name of a class by its school's display rule; what the rule cannot say stays as it was written.

    ``is_staged``: the school teaches several stages, so that two classes may have one entry year and one serial number
    (完全中学: G07 and G10); their cohort names begin with the stage, 初2026级1班.
    """
    found = tuple(grades)
    if rule == ClassDisplay.AS_WRITTEN or kind != "administrative" or len(found) != 1 or serial is None:
        return written.strip()
    grade = found[0]
    if rule == ClassDisplay.COHORT_SERIAL:
        stage = STAGE_WORDS[stage_of(grade, schooling)] if is_staged else ""
        return f"{stage}{entry_year}级{serial}班" if entry_year else written.strip()
    if rule == ClassDisplay.DOTTED:
        return f"{int(grade[1:])}.{serial}" if grade.startswith("G") else written.strip()
    if rule == ClassDisplay.STAGE_SERIAL:
        return f"{staged_label(grade, schooling)}（{serial}）班"
    return f"{SHORT[grade]}（{serial}）班" if grade in SHORT else written.strip()


def sex_label(code: str) -> str:
    return {"1": _("男"), "2": _("女"), "9": _("未说明")}.get(code, _("未知"))
