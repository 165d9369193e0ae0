"""Lists that a school prints or hands out: their kinds, their columns, and what each column costs in rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .attributes import OF_ENROLMENT, AttributeKind

FREE_PEOPLE = 2000
"""More people than that need the word of another person."""
MOST_PEOPLE = 300_000
MOST_PRINTED = 6000


class ListKind(TextChoices):
    ROSTER = "roster", _("花名册")
    ROLL_CALL = "roll_call", _("点名册")
    CONTACTS = "contacts", _("通讯录")


class FileFormat(TextChoices):
    XLSX = "xlsx", _("Excel 工作簿")
    CSV = "csv", _("CSV 文本")
    PDF = "pdf", _("A4 打印（PDF）")


class ExportState(TextChoices):
    WAITING = "waiting", _("待批准")
    REFUSED = "refused", _("未批准")
    MAKING = "making", _("生成中")
    READY = "ready", _("可下载")
    TAKEN = "taken", _("已导出")


PLAIN, REVEALED, ATTRIBUTE = "plain", "revealed", "attribute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``guard``: ``plain``; ``revealed`` is masked unless asked for in clear with a reason; ``attribute`` needs its right
    and a reason. ``weight``: width in print, in parts of the line."""

    code: str
    label: Promise
    guard: str = PLAIN
    weight: int = 3


_LIST = (
    Column(code="seat", label=_("班内学号"), weight=2), Column(code="name", label=_("姓名"), weight=3),
    Column(code="sex", label=_("性别"), weight=2), Column(code="class", label=_("班级"), weight=4),
    Column(code="grade", label=_("年级"), weight=3), Column(code="school", label=_("学校"), weight=7),
    Column(code="school_number", label=_("学号"), weight=5), Column(code="number", label=_("人员编号"), weight=5),
    Column(code="attendance", label=_("就读"), weight=4), Column(code="boarding", label=_("住宿"), weight=2),
    Column(code="ethnicity", label=_("民族"), weight=3), Column(code="birth_date", label=_("出生日期"), guard=REVEALED, weight=4),
    Column(code="register_number", label=_("学籍号"), guard=REVEALED, weight=7),
    Column(code="id_number", label=_("证件号码"), guard=REVEALED, weight=7),
    Column(code="phone", label=_("电话"), guard=REVEALED, weight=5),
    Column(code="address", label=_("现住址"), guard=REVEALED, weight=8),
    Column(code="guardian", label=_("监护人"), weight=4), Column(code="relation", label=_("关系"), weight=3),
    Column(code="guardian_phone", label=_("监护人电话"), guard=REVEALED, weight=5),
    Column(code="guardian_2", label=_("监护人二"), weight=4),
    Column(code="guardian_2_phone", label=_("监护人二电话"), guard=REVEALED, weight=5),
    *(
        Column(code=f"attribute_{kind.value}", label=kind.label, guard=ATTRIBUTE, weight=4)
        for kind in AttributeKind
        if kind not in OF_ENROLMENT
    ),
    Column(code="remark", label=_("备注"), weight=4),
)  # fmt: skip
COLUMNS: Mapping[str, Column] = {column.code: column for column in _LIST}
USUAL: Mapping[str, tuple[str, ...]] = {
    ListKind.ROSTER: ("seat", "name", "sex", "class", "school_number", "attendance", "boarding", "remark"),
    ListKind.ROLL_CALL: ("seat", "name", "sex"),
    ListKind.CONTACTS: ("seat", "name", "class", "guardian", "relation", "guardian_phone"),
}
"""Columns until somebody saves other ones."""
ROLL_DAYS = 22
"""Empty squares of a 点名册: the school days of a month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose list: a class, or everybody who sits in a subtree, or one grade of it."""

    organisation_id: UUID
    path: str
    code: str
    name: str
    class_id: UUID | None = None
    class_name: str = ""
    grade: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One pupil of a list: texts by column, and the class under which the row is printed."""

    group: str
    school: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPermit:
    """What a reader may put on a list of one scope."""

    may_make: bool
    may_reveal: bool
    may_see_attributes: bool

    def columns(self) -> tuple[Column, ...]:
        return tuple(column for column in _LIST if column.guard != ATTRIBUTE or self.may_see_attributes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCard:
    """One export in a list. ``is_gone``: approved and made, but its file was kept for a day only."""

    id: UUID
    title: str
    people: int
    format_label: str
    columns: tuple[str, ...]
    is_clear: bool
    reason: str
    state: str
    state_label: str
    tone: str
    made_by: str
    created_at: datetime
    decided_by: str
    decision: str
    may_take: bool
    is_gone: bool
