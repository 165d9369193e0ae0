"""Closed word lists of processes."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class VersionState(TextChoices):
    DRAFT = "draft", pgettext_lazy("流程", "草稿")
    PUBLISHED = "published", pgettext_lazy("流程", "已发布")
    WITHDRAWN = "withdrawn", pgettext_lazy("流程", "已停用")


class Origin(TextChoices):
    """How a definition came from another one."""

    NEXT = "next", _("新版本")
    COPY = "copy", _("复制到本级")
    EXTENSION = "extension", _("在上级流程上扩展")


class Audience(TextChoices):
    """For whom a process is: who may start it, seen from whom it is about. None chosen: everybody."""

    STAFF = "staff", _("教职工，为自己")
    OFFICE = "office", _("有岗位的人，为本单位")
    FAMILY = "family", _("家长，为孩子")
    PUPIL = "pupil", _("学生本人")
    COUNTER = "counter", _("窗口，为到场的人")


class CaseState(TextChoices):
    RUNNING = "running", _("办理中")
    RETURNED = "returned", _("待补正")
    STUCK = "stuck", _("需处理")
    SUSPENDED = "suspended", _("已挂起")
    DONE = "done", pgettext_lazy("办件", "已办结")
    FAILED = "failed", _("未办成")
    CANCELLED = "cancelled", pgettext_lazy("办件", "已终止")


OPEN_STATES = (CaseState.RUNNING, CaseState.RETURNED, CaseState.STUCK, CaseState.SUSPENDED)


class TaskKind(TextChoices):
    STEP = "step", _("环节")
    CORRECTION = "correction", _("补正")
    COUNTERSIGN = "countersign", _("加签")


class TaskState(TextChoices):
    OPEN = "open", pgettext_lazy("环节", "待办")
    DONE = "done", pgettext_lazy("环节", "已办")
    WITHDRAWN = "withdrawn", pgettext_lazy("环节", "已撤销")


class Act(TextChoices):
    """What a row of a case's history says."""

    STARTED = "started", _("发起")
    CLAIMED = "claimed", _("认领")
    COMPLETED = "completed", _("办理")
    RETURNED = "returned", _("退回")
    ASKED = "asked", _("退回补正")
    CORRECTED = "corrected", _("补正后提交")
    TAKEN_BACK = "taken_back", _("撤回")
    HANDED_ON = "handed_on", _("转办")
    DELEGATED = "delegated", _("委托")
    COUNTERSIGN = "countersign", _("加签")
    ESCALATED = "escalated", _("催办升级")
    RECUSED = "recused", _("回避")
    SUSPENDED = "suspended", _("挂起")
    RESUMED = "resumed", _("恢复")
    CANCELLED = "cancelled", _("终止")
    TIMER = "timer", _("定时")
    MESSAGE = "message", _("收到消息")
    HANDLED = "handled", _("系统处理")
    UNDONE = "undone", _("撤销系统处理")
    STUCK = "stuck", _("停住")
    RETRIED = "retried", _("重试")
    PASSED = "passed", _("人工放行")
    MIGRATED = "migrated", _("换用新版本")
    COMMENTED = "commented", _("留言")
    ENDED = "ended", pgettext_lazy("办件", "办结")


class Light(TextChoices):
    """The clock of a case or step."""

    GREEN = "green", _("正常")
    YELLOW = "yellow", _("临近期限")
    RED = "red", _("已超期")
    NONE = "none", _("不计时")


class FileKind(TextChoices):
    MATERIAL = "material", _("材料")
    SCAN = "scan", _("盖章扫描件")
    RESULT = "result", _("办理结果")
