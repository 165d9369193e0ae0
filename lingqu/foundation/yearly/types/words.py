"""Closed word lists of yearly work."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PlanState(TextChoices):
    """Whether a school can go up: what the register has is complete, a person must decide, the new pupils are missing."""

    READY = "ready", _("可应用")
    PENDING = "pending", _("待定")
    MISSING = "missing", _("缺新生名册")
    EMPTY = "empty", _("没有班级")
    APPLIED = "applied", _("已应用")


class RunKind(TextChoices):
    PREVIEW = "preview", _("预览")
    APPLY = "apply", pgettext_lazy("动词", "应用")
    UNDO = "undo", _("撤销")


class RunState(TextChoices):
    WAITING = "waiting", _("等待")
    RUNNING = "running", _("进行中")
    DONE = "done", _("已完成")
    FAILED = "failed", _("未完成")


class NoteKind(TextChoices):
    """Pupils whom the rule of their class does not cover."""

    REPEAT_REFUSED = "repeat_refused", _("留级，不予办理")
    SUSPENDED = "suspended", _("休学，不随班升")
    RETURNING = "returning", _("复学，要选年级")
    GRADE_UNKNOWN = "grade_unknown", _("年级不明")
    NO_CENTRAL = "no_central", _("教学点没有登记中心校")
    GRADE_DIFFERS = "grade_differs", _("年级与班级不同")
    NO_CLASS = "no_class", _("没有班级")
    DECIDED = "decided", _("已由人决定")


class PlacementState(TextChoices):
    DRAFT = "draft", _("准备名单")
    FROZEN = "frozen", _("名单已封存，待抽签")
    SEALED = "sealed", _("结果已封存")
    APPLIED = "applied", _("已写入班级")


class Bond(TextChoices):
    TOGETHER = "together", _("同班")
    APART = "apart", _("不同班")
