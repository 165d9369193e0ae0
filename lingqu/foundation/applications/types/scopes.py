"""What an application may ask for, and by which names it receives it. One table for every protocol.

``claims`` are the names in an ID token or userinfo answer; CAS and SAML print the same names as attributes. Standard ones
are those of OpenID Connect Core §5.1; what only schools know begins with ``lingqu_``.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Scope:
    """``is_sensitive``: not given to a class screen, where everybody looks."""

    code: str
    title: Promise
    claims: tuple[str, ...]
    told: Promise
    is_sensitive: bool = False


_LIST = (
    Scope("openid", _("用户编号"), ("sub",), _("这个应用里的用户编号，用来认出同一个人")),
    Scope("profile", _("姓名"), ("name", "updated_at"), _("姓名和资料更新时间")),
    Scope("gender", _("性别"), ("gender",), _("性别")),
    Scope("roles", _("身份和单位"), ("lingqu_roles",), _("身份（教师、学生、家长等）和所在学校或单位")),
    Scope("classes", _("班级"), ("lingqu_classes",), _("所在、任教或带的班级和年级")),
    Scope("person_number", _("人员编号"), ("lingqu_person_number",), _("平台的人员编号，也是登录名")),
    Scope("phone", _("手机号"), ("phone_number", "phone_number_verified"), _("登记的手机号"), is_sensitive=True),
    Scope("email", _("电子邮箱"), ("email", "email_verified"), _("电子邮箱"), is_sensitive=True),
    Scope("real_name", _("实名状态"), ("lingqu_real_name",), _("是否实名核验过、凭什么、哪一天，不含证件号")),
    Scope("vendor_user", _("旧账号"), ("lingqu_vendor_user",), _("在这个应用原有系统里的账号")),
)  # fmt: skip
SCOPES: dict[str, Scope] = {scope.code: scope for scope in _LIST}
COLLECTED: dict[str, Scope] = {
    scope.code: scope
    for scope in (
        Scope("portrait", _("肖像（应用自己采集）"), (), _("应用自己拍照、录像或识别人脸；平台没有也不提供这些内容")),
        Scope("voice", _("声音（应用自己采集）"), (), _("应用自己录音或识别声音；平台没有也不提供这些内容")),
    )
}  # fmt: skip
"""What an application takes from its users by itself. We have none of it and release nothing: it is declared, always on
the basis of consent, so that nobody enters before they, or the guardian, agreed."""
DECLARED: dict[str, Scope] = SCOPES | COLLECTED
"""Everything an application may be granted, for the pages that say so."""
