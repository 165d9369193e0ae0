"""Closed word lists of reconciliation."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Bucket(TextChoices):
    """Where a child (or an entry that fits no child) stands; exactly one, the first that fits in the order of ``RULES``."""

    AGREED = "agreed", _("一致")
    NO_PERSON = "no_person", _("有籍无人")
    NO_ENTRY = "no_entry", _("有人无籍")
    SEVERAL = "several", _("一人多籍")
    IDENTITY = "identity", _("证件问题")
    LEAVE_OVER = "leave_over", _("休学到期")
    NOT_RAISED = "not_raised", _("毕业未升")
    IN_TRANSIT = "in_transit", _("跨省在途")


class Cause(TextChoices):
    """Why a case is in its bucket."""

    NONE = "", ""
    UNKNOWN_HERE = "unknown_here", _("空挂：名册里没有这个孩子")
    NOT_SITTING = "not_sitting", _("外出：已登记离校，学籍还在")
    ELSEWHERE = "elsewhere", _("人籍分离：学籍和就读不在同一所学校")
    TO_ADD = "to_add", _("国家文件里没有，要补建或转接")
    GUEST = "guest", _("无籍借读")
    NEVER_CAME = "never_came", _("适龄未入学")
    TWICE_HERE = "twice_here", _("同校重复录入")
    TWICE_COUNTY = "twice_county", _("本县区两所学校都有学籍")
    TWICE_BEYOND = "twice_beyond", _("外县区学校仍有在籍记录")
    UNREADABLE = "unreadable", _("这一行读不出，没有写入")
    ID_WRONG = "id_wrong", _("证件号不符合规则")
    NAME_DIFFERS = "name_differs", _("证件号相同，姓名、性别或出生日期不符")
    TWIN = "twin", _("无证重复：姓名、性别和出生日期相同")
    ID_MISSING = "id_missing", _("没有证件号")
    BACK_UNREPORTED = "back_unreported", _("已经返校，学籍还是休学")
    LEAVE_ENDED = "leave_ended", _("休学期满，没有返校")
    RAISED_ELSEWHERE = "raised_elsewhere", _("已升学，原学段学籍没有办毕业")
    WHERE_UNKNOWN = "where_unknown", _("已毕业，去向不明")
    TRANSFERRING = "transferring", _("转学手续在途")


class Handling(TextChoices):
    """What is done about a case, in the words of 教基〔2025〕1号; done in the national system, not here."""

    EVIDENCE = "evidence", _("佐证")
    CHANGE = "change", _("变更")
    DELETE = "delete", _("删除")
    CREATE = "create", _("补建")
    TRANSFER = "transfer", _("转接")
    PERSUADE = "persuade", _("劝返")


class CaseState(TextChoices):
    TODO = "todo", _("待办")
    DONE = "done", _("已办，待核销")
    CLOSED = "closed", _("已核销")


class RunState(TextChoices):
    WAITING = "waiting", _("等待")
    RUNNING = "running", _("进行中")
    DONE = "done", _("已完成")


class TicketField(TextChoices):
    """关键数据: what only the national system changes, after approval."""

    NAME = "name", _("姓名")
    SEX = "sex", _("性别")
    BIRTH = "birth_date", _("出生日期")
    ID = "id_number", _("证件号")


class TicketState(TextChoices):
    ASKED = "asked", _("家长申请，待学校核对")
    OPEN = "open", _("等国家文件")
    CLOSED = "closed", _("已核销")
    WITHDRAWN = "withdrawn", _("已撤回")


class ReminderState(TextChoices):
    """What became of a 催办."""

    WAITING = "waiting", _("排队发送")
    SENT = "sent", _("已发出")
    UNREACHED = "unreached", _("没有可用的号码")


class Assignee(TextChoices):
    """To whom a case can be given, seen from the case."""

    SCHOOL = "school", _("所在学校")
    OTHER = "other", _("另一所学校")
    COUNTY = "county", _("县区")


MISMATCHED: Final = tuple(bucket for bucket in Bucket.values if bucket != Bucket.AGREED)
SUGGESTED: Final[dict[str, str]] = {
    Cause.UNKNOWN_HERE: Handling.DELETE, Cause.NOT_SITTING: Handling.PERSUADE, Cause.ELSEWHERE: Handling.TRANSFER,
    Cause.TO_ADD: Handling.CREATE, Cause.GUEST: Handling.EVIDENCE, Cause.NEVER_CAME: Handling.PERSUADE,
    Cause.TWICE_HERE: Handling.DELETE, Cause.TWICE_COUNTY: Handling.DELETE, Cause.TWICE_BEYOND: Handling.DELETE,
    Cause.UNREADABLE: Handling.CHANGE, Cause.ID_WRONG: Handling.CHANGE, Cause.NAME_DIFFERS: Handling.CHANGE,
    Cause.TWIN: Handling.EVIDENCE, Cause.ID_MISSING: Handling.CHANGE, Cause.BACK_UNREPORTED: Handling.CHANGE,
    Cause.LEAVE_ENDED: Handling.PERSUADE, Cause.RAISED_ELSEWHERE: Handling.TRANSFER,
    Cause.WHERE_UNKNOWN: Handling.EVIDENCE, Cause.TRANSFERRING: Handling.TRANSFER,
}  # fmt: skip
"""The usual handling of a cause; whoever answers may choose another."""
