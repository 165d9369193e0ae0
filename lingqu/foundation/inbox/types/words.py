"""Closed word lists of the inbox."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lingqu.foundation.registry import api as registry


class NoticeState(TextChoices):
    DRAFT = "draft", _("草稿")
    PUBLISHED = "published", _("已发布")
    WITHDRAWN = "withdrawn", _("已撤回")


class Audience(TextChoices):
    """Whom a line of addresses reaches; who gives the receipt: the post, the person, or one guardian for each child."""

    POST = "post", _("岗位")
    STAFF = "staff", _("教职工")
    FAMILY = "family", _("家长")
    PUPIL = "pupil", pgettext_lazy("收件", "学生本人")
    PERSON = "person", pgettext_lazy("收件", "个人")


class Subject(TextChoices):
    """What a receipt is given for."""

    POST = "post", _("岗位")
    CHILD = "child", _("孩子")
    PERSON = "person", pgettext_lazy("收件", "个人")


class Way(TextChoices):
    """How a confirmation came."""

    ONLINE = "online", _("本人在线")
    PHONE = "phone", _("电话")
    PAPER = "paper", _("纸条")


class StepKind(TextChoices):
    HAND = "hand", _("转办")
    CIRCULATE = "circulate", _("传阅")
    INSTRUCT = "instruct", _("批示")


class Cause(TextChoices):
    """Why a reminding was made."""

    HAND = "hand", _("手动")
    AUTOMATIC = "automatic", pgettext_lazy("提醒", "自动")


class Channel(TextChoices):
    """What carries a reminder."""

    EMAIL = "email", _("邮件")
    SMS = "sms", _("短信")


class Outcome(TextChoices):
    """How a reminding ended."""

    SENT = "sent", _("已发出")
    LATE = "late", _("可以发送的时间已在截止之后，没有发")
    ENDED = "ended", _("通知已撤回或更正，没有发")


class RobotKind(TextChoices):
    """Whose group chat a robot writes to."""

    WECOM = "wecom", _("企业微信")
    DINGTALK = "dingtalk", _("钉钉")


class RoundCause(TextChoices):
    """What groups are told."""

    PUBLISHED = "published", _("发布")
    ADDED = "added", _("补发")
    CORRECTED = "corrected", _("更正")
    WITHDRAWN = "withdrawn", _("撤回")
    REMINDED = "reminded", _("提醒")


class TodoState(TextChoices):
    OPEN = "open", _("待办")
    DONE = "done", _("已办")
    WITHDRAWN = "withdrawn", _("已撤销")


REMIND_BEFORE: tuple[tuple[str, object], ...] = (
    ("", _("不自动提醒")), ("0", _("截止当天")), ("1", _("截止前一天")), ("3", _("截止前三天")), ("7", _("截止前一周")),
)  # fmt: skip
"""Days before the deadline."""
STAFF_GROUPS: tuple[tuple[str, object], ...] = (
    ("", _("全体教职工")), ("principal", _("校长")), ("head_teacher", _("班主任")), ("academic_director", _("教务主任")),
    ("moral_director", _("德育主任")), ("register_officer", _("学籍管理员")),
)  # fmt: skip
"""Everybody who works at a place, or whoever has a duty there (codes of the register)."""
SCHOOL_GROUPS: tuple[tuple[str, object], ...] = (
    ("11", _("幼儿园")), ("21", _("小学")), ("31", _("初中")), ("34", _("高中")),
)  # fmt: skip
PUPIL_GRADES: tuple[str, ...] = registry.GRADES[registry.GRADES.index("G04") :]
"""Pupils have notices of their own from here on; before it their families have."""
