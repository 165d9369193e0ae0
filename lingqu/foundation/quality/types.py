"""Words, rights and values of quality that cross its door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

QUALITY_VIEW = "quality.finding.view"
QUALITY_HANDLE = "quality.finding.handle"
"""To waive a finding with a reason and to have a place checked again."""
ORDER_GIVE = "quality.order.give"
"""To give work orders to schools below the own place."""
RULE_EDIT = "quality.rule.edit"
"""To change severity and limits of rules, for the whole node."""
ALL = (QUALITY_VIEW, QUALITY_HANDLE, ORDER_GIVE, RULE_EDIT)


class Severity(TextChoices):
    BLOCK = "block", _("阻断")
    REVIEW = "review", _("待核")
    HINT = "hint", _("提示")


class RuleOwner(TextChoices):
    SCHOOL = "school", _("学校办理")
    COUNTY = "county", _("县区办理")


class Subject(TextChoices):
    PERSON = "person", _("人员")
    CLASS = "class", _("班级")
    SCHOOL = "school", _("学校")


class FindingState(TextChoices):
    OPEN = "open", _("待办理")
    GONE = "gone", _("已消除")
    WAIVED = "waived", _("已说明")


class OrderState(TextChoices):
    OPEN = "open", _("办理中")
    CLOSED = "closed", _("已办结")


class EvaluationState(TextChoices):
    RUNNING = "running", _("进行中")
    DONE = "done", _("已完成")
    ABANDONED = "abandoned", _("已放弃")


class ReminderState(TextChoices):
    """What became of the latest 催办 of an order."""

    WAITING = "waiting", _("排队发送")
    SENT = "sent", _("已发出")
    UNREACHED = "unreached", _("没有可用的号码")


WEIGHTS = {Severity.BLOCK: 10, Severity.REVIEW: 5, Severity.HINT: 1}
"""What an open finding costs, in tenths of a person. README#score"""
TONES = {"block": "coral", "review": "amber", "hint": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCard:
    """A rule with the number of its open findings at a place."""

    code: str
    title: str
    mending: str
    severity: str
    severity_label: str
    owner_label: str
    tone: str
    parameter: int | None
    is_active: bool
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolScore:
    """A school's figures of its last evaluation; ``score`` 0–100, None before the first one."""

    id: UUID
    code: str
    name: str
    phone: str
    score: float | None
    blocks: int
    reviews: int
    hints: int
    oldest: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaScore:
    """An office's figures on the last evaluated day: sums over the schools below it."""

    code: str
    name: str
    schools: int
    score: float
    blocks: int
    reviews: int
    hints: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding as a page shows it. ``url`` leads to the place where it is mended; name empty for who may not see it."""

    id: int
    rule: str
    title: str
    mending: str
    severity_label: str
    tone: str
    name: str
    detail: str
    url: str
    since: date
    state: str
    state_label: str
    reason: str
    has_order: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceScore:
    """A subtree's score, its open findings by severity, and its days (day, score), oldest first."""

    score: float | None
    blocks: int
    reviews: int
    hints: int
    checked: int
    day: date | None
    trend: tuple[tuple[date, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCard:
    """A work order: how much of it is left, until when, whom to call."""

    id: int
    school_code: str
    school_name: str
    phone: str
    contact: str
    deadline: date
    note: str
    given_by: str
    given_on: date
    total: int
    left: int
    state: str
    state_label: str
    is_late: bool
    reminders: int
    reminded_on: date | None
    reminder: str
