"""States and kinds of collection."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

MODULE = "collection"


class CollectionState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    OPEN = "open", _("填报中")
    CLOSED = "closed", _("已结束")
    WITHDRAWN = "withdrawn", _("已撤回")


class AnswerState(models.TextChoices):
    """Order: from nothing done to done."""

    UNOPENED = "unopened", _("未打开")
    FILLING = "filling", _("填写中")
    WAITING = "waiting", _("待校长审签")
    RETURNED = "returned", _("已退回")
    SIGNED = "signed", _("待审")
    ACCEPTED = "accepted", _("审过")
    EXCUSED = "excused", _("不用报")


REPORTED = (AnswerState.SIGNED, AnswerState.ACCEPTED)
MISSING = (AnswerState.UNOPENED, AnswerState.FILLING, AnswerState.WAITING, AnswerState.RETURNED)
EDITABLE = (AnswerState.UNOPENED, AnswerState.FILLING, AnswerState.RETURNED)
COUNTED = (*REPORTED, *MISSING)


class MarkKind(models.TextChoices):
    FILL = "fill", _("学校填写")
    FIGURE = "figure", _("名册预填")
    LAST = "last", _("上期同一格")
    CONSTANT = "constant", _("固定内容")
    LIST = "list", _("名单（一行一条）")


class ValueType(models.TextChoices):
    INTEGER = "integer", _("整数")
    NUMBER = "number", _("数")
    TEXT = "text", _("文字")
    DATE = "date", _("日期")
    CHOICE = "choice", _("选一项")


class Level(models.TextChoices):
    BLOCK = "block", _("阻断")
    WARN = "warn", _("待核")


class StepKind(models.TextChoices):
    PUBLISHED = "published", _("发出")
    SUBMITTED = "submitted", _("提交校长")
    SIGNED = "signed", _("审签上报")
    GIVEN_BACK = "given_back", _("校长退给经办")
    TAKEN_BACK = "taken_back", _("撤回修改")
    RETURNED = "returned", _("退回学校")
    ACCEPTED = "accepted", _("审过")
    REMINDED = "reminded", _("提醒")
    CHASED = "chased", _("自动提醒")
    CALLED = "called", _("通话")
    ADDED = "added", _("补发")
    EXCUSED = "excused", _("改为不用报")
    HANDED_UP = "handed_up", _("区县上报")
    EXTENDED = "extended", _("改截止时间")
    CLOSED = "closed", _("结束")
    WITHDRAWN = "withdrawn", _("撤回")


REMINDING = (StepKind.REMINDED, StepKind.CHASED)
