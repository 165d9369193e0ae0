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


class Outcome(TextChoices):
    """How an attempt to sign in ended."""

    OK = "ok", _("成功")
    BAD_PASSWORD = "bad_password", _("密码不对")
    NOT_ACTIVE = "not_active", _("账号还没有开通")
    LOCKED = "locked", _("账号已停用")
    THROTTLED = "throttled", _("连续输错，被放慢")
    UNKNOWN = "unknown", _("没有这个登录名")


ADVICE = {
    "bad_password": _("请本人核对大小写和输入法；想不起来就发一个新的开通码重设。"),
    "not_active": _("还没有设过密码：把开通单或新的开通码交给本人。"),
    "locked": _("先恢复这个账号，本人再登录。"),
    "throttled": _("那台设备连续输错太多，几分钟后再试；本人常用的设备和重设密码不受影响。"),
}
"""What helps after a failed attempt."""


class SessionKind(TextChoices):
    """Where a session runs."""

    BROWSER = "browser", _("浏览器")
    CLASS_SCREEN = "class_screen", _("班级大屏")
    COMPUTER_ROOM = "computer_room", _("机房")


class SessionEnd(TextChoices):
    """Why a session is over."""

    SIGNED_OUT = "signed_out", _("本人退出")
    REPLACED = "replaced", _("同一浏览器重新登录")
    EXPIRED = "expired", _("到时间")
    REVOKED = "revoked", _("本人在别处结束")
    BY_ADMIN = "by_admin", _("管理员结束")
    PASSWORD = "password", _("密码已改")
    LOCKED = "locked", _("账号停用")
    LESSON = "lesson", _("下课")
    LEFT = "left", _("离职、毕业或身份变动")
    UPSTREAM = "upstream", _("上级平台退出")


class RealNameSource(TextChoices):
    """By what a real name was checked."""

    REGISTER = "register", _("国家登记的证件号相符")
    TEACHER = "teacher", _("当面核验")
    PHONE = "phone", _("登记的手机已验证")
    UPSTREAM = "upstream", _("上级平台实名")


class RealNamePaper(TextChoices):
    """What was shown in person."""

    ID_CARD = "id_card", _("居民身份证")
    HOUSEHOLD = "household", _("户口簿")
    BIRTH = "birth", _("出生医学证明")
    OTHER = "other", _("其他有效证件")


class TemplateState(TextChoices):
    """Whether the SMS service lets a template be used."""

    WAITING = "waiting", _("报备中")
    APPROVED = "approved", _("已通过")
    STOPPED = "stopped", _("停用")


class ClassKind(TextChoices):
    """Where a class session runs."""

    SCREEN = "screen", _("班级大屏")
    ROOM = "room", _("机房")


class ScreenState(TextChoices):
    WAITING = "waiting", _("等待扫码")
    APPROVED = "approved", _("已同意")
    TAKEN = "taken", _("已登录")
    REFUSED = "refused", _("已拒绝")


class SeatState(TextChoices):
    TRYING = "trying", _("未进")
    ASKING = "asking", _("等老师同意")
    ALLOWED = "allowed", _("老师已同意")
    IN = "in", _("已进")
    OUT = "out", _("已退出")


class PinKind(TextChoices):
    DIGITS = "digits", _("数字密码")
    PICTURES = "pictures", _("图案密码")


class Part(TextChoices):
    """What somebody is at a place, as the sign-in figures tell people apart."""

    STAFF = "staff", _("教职工")
    PUPIL = "pupil", _("学生")
    GUARDIAN = "guardian", _("家长")


class AlertKind(TextChoices):
    """What alerts are about."""

    SPRAYING = "spraying", _("一处试了很多账号")
    NEW_BROWSER = "new_browser", _("管理账号从新的浏览器登录")
    RECOVERY_CODE = "recovery_code", _("用了备用码")
    MASS_RESET = "mass_reset", _("一人重设了很多密码")
    FACTOR_DROPPED = "factor_dropped", _("两步验证被关闭")
    PASSKEY_COPIED = "passkey_copied", _("通行密钥可能被复制")


class NetworkSource(TextChoices):
    SET = "set", _("管理员登记")
    LEARNED = "learned", _("自动认出")
    REFUSED = "refused", _("不是学校")


class DataFileState(TextChoices):
    """A file with everything held about somebody."""

    MAKING = "making", _("正在生成")
    READY = "ready", _("可以下载")
    FAILED = "failed", _("没有生成")
