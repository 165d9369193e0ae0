"""Words that stand in rows of this module."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuthMethod(models.TextChoices):
    """How a client proves itself at the token endpoint (OIDC Core 9)."""

    SECRET = "secret", _("客户端密钥（放在请求头或表单里）")
    KEY = "private_key_jwt", _("自己的私钥签名（private_key_jwt）")
    NONE = "none", _("没有密钥的公开客户端（手机或网页程序）")


class GrantType(models.TextChoices):
    CODE = "authorization_code", _("授权码")
    REFRESH = "refresh_token", _("刷新令牌")
    CLIENT = "client_credentials", _("应用自己的身份（client_credentials）")


class Algorithm(models.TextChoices):
    """Signature of ID tokens. Everything else is signed by ES256."""

    ES256 = "ES256", "ES256"
    RS256 = "RS256", "RS256"


class GrantEnd(models.TextChoices):
    """Why codes and tokens of a grant stopped."""

    CODE_REUSED = "code_reused", _("授权码被重复使用")
    REFRESH_REUSED = "refresh_reused", _("用过的刷新令牌又被使用")
    REVOKED = "revoked", _("应用自己撤销")
    SUSPENDED = "suspended", _("应用已停用")
    ACCOUNT = "account", _("账号停用或撤回授权")


class SpentKind(models.TextChoices):
    ASSERTION = "assertion", _("客户端断言")
    REVOKED = "revoked", _("撤销的令牌")
