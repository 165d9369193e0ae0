"""口径: the closed list of what a cell may take from the register, each with its definition."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STAGE_NAMES = (("primary", _("小学")), ("junior", _("初中")), ("senior", _("高中")), ("preschool", _("幼儿园")))


@dataclass(frozen=True, slots=True)
class Figure:
    """``said``: words of row and column labels that suggest it."""

    code: str
    label: str | Promise
    definition: str | Promise
    is_number: bool = True
    said: tuple[str, ...] = ()


PRESENT = _("就读：今天在本校上课的学生，含无籍借读，不含休学。")
CLASSES = _("本学年未撤销的行政班。")
STAFF = _("今天在本校工作的教职工，一人计一次。")
PLACES = (
    Figure("school_name", _("学校名称"), _("机构树里的全称。"), False, ("学校名称", "填报单位", "单位名称", "学校")),
    Figure("school_code", _("学校标识码"), _("学校（机构）标识码。"), False, ("学校代码", "标识码", "机构代码")),
    Figure("school_address", _("学校地址"), _("机构资料里的地址。"), False, ("学校地址", "地址")),
    Figure("school_phone", _("学校电话"), _("机构资料里的办公电话。"), False, ("学校电话", "联系电话", "办公电话")),
    Figure("county_name", _("所属区县"), _("隶属的上级机构名称。"), False, ("区县", "主管部门")),
    Figure("principal", _("校长姓名"), _("现任校长。"), False, ("校长", "负责人")),
)
_KINDS = (
    ("pupils", _("在校学生"), PRESENT, ("在校学生", "在校生", "学生数", "计", "合计")),
    ("boys", _("在校男生"), PRESENT, ("男",)),
    ("girls", _("在校女生"), PRESENT, ("女",)),
    ("boarding", _("寄宿生"), _("就读学生中登记为寄宿的。"), ("寄宿",)),
    ("migrant", _("随迁子女"), _("就读学生中今天有随迁子女标记的。"), ("随迁",)),
    ("left_behind", _("留守儿童"), _("就读学生中今天有留守标记的。"), ("留守",)),
    ("classes", _("班数"), CLASSES, ("班数", "班级数", "教学班")),
)
COUNTS = tuple(
    Figure(code if not stage else f"{code}:{stage}", label, definition, True, said)
    for stage in ("", *(code for code, _name in STAGE_NAMES))
    for code, label, definition, said in _KINDS
)
STAFF_COUNTS = (
    Figure("staff", _("教职工"), STAFF, True, ("教职工",)),
    Figure("established", _("在编教职工"), _("今天在本校工作、用人形式为在编的教职工。"), True, ("在编",)),
    Figure("teachers", _("任课教师"), _("本学年今天有任课安排的教师，一人计一次。"), True, ("专任教师", "任课教师")),
)
FIGURES: dict[str, Figure] = {one.code: one for one in (*PLACES, *COUNTS, *STAFF_COUNTS)}


def label_of(code: str) -> str:
    """``在校女生（初中）``."""
    found = FIGURES.get(code)
    if found is None:
        return code
    stage = dict(STAGE_NAMES).get(code.partition(":")[2])
    return f"{found.label}（{stage}）" if stage else str(found.label)
