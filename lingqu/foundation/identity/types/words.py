"""Closed word lists of identity."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

DUTY_ROLES: tuple[str, ...] = ("auditor", "operator", "security_admin", "system_admin")
"""Separated duties: no account and no person holds two of them, nor one of the last three beside any other role."""


class CodePurpose(TextChoices):
    PUPIL = "pupil", _("学生开通")
    STAFF = "staff", _("教职工开通")
    GUARDIAN = "guardian", _("家长开通")
    RESET = "reset", _("重设密码")


class ClaimState(TextChoices):
    WAITING = "waiting", _("待核对")
    CONFIRMED = "confirmed", _("已确认")
    REFUSED = "refused", _("已拒绝")


class AccountState(TextChoices):
    NEW = "new", _("未开通")
    ACTIVE = "active", _("已开通")
    LOCKED = "locked", _("停用")
    CLOSED = "closed", _("已注销")
