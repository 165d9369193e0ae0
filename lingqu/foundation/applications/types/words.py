"""Closed word lists of applications."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AppState(TextChoices):
    """From the first form to the end. Only a ``live`` one is entered by real people."""

    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("审核中")
    LIVE = "live", _("已上架")
    SUSPENDED = "suspended", _("已停用")
    RETIRED = "retired", _("已下架")
    REFUSED = "refused", _("未通过")


TONES = {
    "draft": "neutral", "submitted": "warn", "live": "good", "suspended": "bad", "retired": "neutral", "refused": "bad",
}  # fmt: skip


class SubjectType(TextChoices):
    """What an application knows an account by (OpenID Connect Core §8)."""

    PAIRWISE = "pairwise", _("每个应用各不相同的编号")
    PUBLIC = "public", _("全平台统一的编号")


class Protocol(TextChoices):
    OIDC = "oidc", "OpenID Connect"
    CAS = "cas", "CAS"
    SAML = "saml", "SAML 2.0"
    LTI = "lti", "LTI 1.3"


class Basis(TextChoices):
    """Why personal data may be given (个人信息保护法 第十三条)."""

    DUTY = "duty", _("履行法定职责")
    CONSENT = "consent", _("本人或监护人同意")
    CONTRACT = "contract", _("履行合同所必需")


class NoticeState(TextChoices):
    """A logout notice: told, not told yet, or given up after the last try."""

    WAITING = "waiting", _("等待发送")
    FAILED = "failed", _("失败待重试")
    SENT = "sent", _("已送达")
    GIVEN_UP = "given_up", _("已放弃")


class ReviewKind(TextChoices):
    FUNCTION = "function", _("功能审核")
    SECURITY = "security", _("安全审核")
    PRIVACY = "privacy", _("隐私审核")


class MatchState(TextChoices):
    """What became of one existing user of a vendor."""

    MATCHED = "matched", _("已对上")
    AMBIGUOUS = "ambiguous", _("对上多人")
    MISSING = "missing", _("没有找到")


class VendorState(TextChoices):
    ACTIVE = "active", _("正常")
    SUSPENDED = "suspended", _("停用")
