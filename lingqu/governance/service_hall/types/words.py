"""Closed word lists of the service hall: codes stored in rows."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Audience(TextChoices):
    """For whom a service is."""

    PARENT = "parent", pgettext_lazy("办事对象", "家长")
    PUPIL = "pupil", pgettext_lazy("办事对象", "学生")
    TEACHER = "teacher", pgettext_lazy("办事对象", "教师")
    SCHOOL = "school", pgettext_lazy("办事对象", "学校")
    BUREAU = "bureau", pgettext_lazy("办事对象", "教育部门")


class Theme(TextChoices):
    PAPER = "paper", _("开证明")
    MOVE = "move", _("转学")
    LEAVE = "leave", _("休学与复学")
    DATA = "data", _("信息变更")


class PaperKind(TextChoices):
    STUDY = "study", _("在读证明")
    REGISTER = "register", _("学籍证明")


class RequestState(TextChoices):
    OPEN = "open", _("待学校办理")
    GRANTED = "granted", _("已出具")
    REFUSED = "refused", _("不予出具")
    WITHDRAWN = "withdrawn", _("申请人撤回")


class Shown(TextChoices):
    """What a county tells families about free places."""

    NOTHING = "nothing", _("不公开")
    WHETHER = "whether", _("只公开有没有")
    NUMBER = "number", _("公开数字")


class TransferState(TextChoices):
    OPEN = "open", _("办理中")
    AWAITING = "awaiting", _("待国家系统办结")
    DONE = "done", pgettext_lazy("转学", "已办结")
    CLOSED = "closed", pgettext_lazy("转学", "未办成")
