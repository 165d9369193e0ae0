"""Words and values of sign-in from above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

MANAGE = "upstream.manage"
"""Set up the platforms from which people sign in."""
LINK = "upstream.link"
"""Decide on the work list who somebody from above is here."""


NUMBERS_VIEW = "upstream.numbers.view"
"""See under which numbers somebody is known elsewhere."""
NUMBERS_RECORD = "upstream.numbers.record"
"""Let rosters and lists bring such numbers."""


class NumberKind(TextChoices):
    """Numbers that platforms above give to people. The code is the issuer of the identifier and the name of the attribute."""

    PROVINCE = "province_number", _("省统一身份号")
    NATIONAL = "national_number", _("国家智慧教育平台号")
    TEACHER = "teacher_number", _("全国教师编号")


class Kind(TextChoices):
    OIDC = "oidc", "OpenID Connect"
    CAS = "cas", "CAS"
    TICKET = "ticket", _("票据接口（appid 加签名）")
    WECOM = "wecom", _("企业微信")
    DINGTALK = "dingtalk", _("钉钉")
    WECHAT = "wechat", _("微信")


class Reason(TextChoices):
    """Why somebody from above could not be linked by itself."""

    NOBODY = "nobody", _("没有找到对应的人")
    SEVERAL = "several", _("对上了多人")
    NAME = "name", _("姓名不一致")
    TAKEN = "taken", _("这个人已对应另一个外部账号")


class UnmatchedState(TextChoices):
    OPEN = "open", _("待核对")
    LINKED = "linked", _("已对应")
    DISMISSED = "dismissed", _("不予对应")


ATTRIBUTES = ("id_number", "person_number", "phone", "school_staff", *NumberKind.values)
"""What may link: verified by the platform above. ``school_staff`` is ``学校代码-工号``; numbers of other platforms link to
the person who has them today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One visit to a platform above: what only this browser knows until it is back."""

    state: str
    nonce: str
    verifier: str
    back_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Whom the platform above says it is. ``session`` is what its logout will name; ``facts`` are verified attributes; ``amr``
    (RFC 8176) and ``acr`` are how it says that they proved themselves there."""

    subject: str
    session: str = ""
    name: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    amr: tuple[str, ...] = ()
    acr: str = ""


class Distrusted(Exception):
    """An answer from above that cannot be believed; the text is for logs and the operator."""


class KeysGone(Distrusted):
    """The platform above has not shown its keys for so long that those we had are no longer believed."""
