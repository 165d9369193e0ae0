"""What an application sets for OpenID Connect, checked before it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from lingqu.foundation.applications import api as applications
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid

from ..models import OidcClient
from ..types.words import Algorithm, AuthMethod, GrantType

MOST_URIS, MOST_LENGTH, MOST_KEYS = 20, 500, 10
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that the settings page asks."""

    redirect_uris: tuple[str, ...] = ()
    post_logout_uris: tuple[str, ...] = ()
    backchannel_uri: str = ""
    auth_method: str = AuthMethod.SECRET
    jwks: str = ""
    grants: tuple[str, ...] = (GrantType.CODE, GrantType.REFRESH)
    id_token_alg: str = Algorithm.ES256
    pkce_waived_because: str = field(default="")


@transaction.atomic
def save(*, actor: Actor, application_id: Any, settings: Settings) -> OidcClient:
    """Make or change the settings. Raises :class:`Invalid` with a sentence per field."""
    client = OidcClient.objects.select_for_update().filter(application_id=application_id).first()
    waived_before = client.pkce_waived_because if client else ""
    is_relaxed = settings.pkce_waived_because.strip() != waived_before
    place = applications.require_settings(actor=actor, application_id=application_id, relaxes=is_relaxed)
    values = checked(settings)
    if is_relaxed:
        values["pkce_waived_by"] = actor.name if settings.pkce_waived_because else ""
    before = {name: getattr(client, name) for name in values} if client else {}
    saved, _made = OidcClient.objects.update_or_create(
        application_id=application_id, defaults={**values, "changed_at": now()}
    )
    changed = sorted(name for name, value in values.items() if before.get(name) != value)
    if changed:
        told = {"fields": changed, "pkce_waived_because": values["pkce_waived_because"]}
        audit.record(
            actor, "oidc.client_saved", subject_kind="application", subject_id=application_id, path=place, data=told
        )
    return saved


def checked(settings: Settings) -> dict[str, Any]:
    """The columns of the row. Raises :class:`Invalid`."""
    errors: dict[str, str] = {}
    is_public = settings.auth_method == AuthMethod.NONE
    for name, uris in (("redirect_uris", settings.redirect_uris), ("post_logout_uris", settings.post_logout_uris)):
        if told := _fault_of(uris, is_public=is_public):
            errors[name] = told
    if GrantType.CODE in settings.grants and not settings.redirect_uris:
        errors["redirect_uris"] = _("使用授权码登录的应用至少要登记一个回调地址。")
    if settings.backchannel_uri and (told := _fault_of([settings.backchannel_uri], is_public=False)):
        errors["backchannel_uri"] = told
    if settings.auth_method not in AuthMethod.values:
        errors["auth_method"] = _("请选择一种客户端认证方式。")
    if settings.id_token_alg not in Algorithm.values:
        errors["id_token_alg"] = _("请选择一种签名算法。")
    if not settings.grants or not set(settings.grants) <= set(GrantType.values):
        errors["grants"] = _("请至少选择一种授权方式。")
    elif is_public and GrantType.CLIENT in settings.grants:
        errors["grants"] = _("没有密钥的公开客户端不能用自己的身份取令牌。")
    elif GrantType.REFRESH in settings.grants and GrantType.CODE not in settings.grants:
        errors["grants"] = _("刷新令牌要和授权码一起使用。")
    if settings.pkce_waived_because and is_public:
        errors["pkce_waived_because"] = _("没有密钥的公开客户端必须使用 PKCE。")
    jwks = None
    if settings.auth_method == AuthMethod.KEY:
        jwks = read_keys(settings.jwks)
        if jwks is None:
            errors["jwks"] = _("请粘贴 JWKS：只含公钥，ES256、RS256、PS256 或 EdDSA，最多%(n)d把。") % {"n": MOST_KEYS}
    if errors:
        raise Invalid(_("有几项需要修改。"), details=errors)
    return {
        "redirect_uris": list(settings.redirect_uris), "post_logout_uris": list(settings.post_logout_uris),
        "backchannel_uri": settings.backchannel_uri, "auth_method": settings.auth_method, "jwks": jwks,
        "grants": list(settings.grants), "id_token_alg": settings.id_token_alg,
        "pkce_waived_because": settings.pkce_waived_because.strip(),
    }  # fmt: skip


def read_keys(text: str) -> dict[str, Any] | None:
    """A set of public asymmetric keys; None for anything else, a private or a shared key above all."""
    try:
        given = msgspec.json.decode(text.encode(), type=dict[str, Any])
        keys = KeySet.import_key_set(given).keys  # type: ignore[arg-type]
    except (msgspec.DecodeError, JoseError, ValueError, TypeError, KeyError):
        return None
    if not 0 < len(keys) <= MOST_KEYS or any(key.key_type == "oct" or key.is_private for key in keys):
        return None
    return {"keys": [key.as_dict(private=False) for key in keys]}


def fault_of_uri(uri: str, *, is_public: bool = False) -> str:
    """Why an address may not be registered; empty when it may. Public clients may have a scheme of their own."""
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return _("%(uri)s 不是完整的地址。") % {"uri": uri[:80]}
    if len(uri) > MOST_LENGTH or any(ord(sign) <= 32 or ord(sign) == 127 or sign == "\\" for sign in uri):
        return _("%(uri)s 太长，或含有空格等不能用的字符。") % {"uri": uri[:80]}
    if parts.fragment or uri.endswith("#") or "*" in uri:
        return _("%(uri)s 不能带 # 或通配符：回调地址逐字比较。") % {"uri": uri[:80]}
    if parts.scheme in ("http", "https"):
        if not host or "@" in parts.netloc:
            return _("%(uri)s 不是完整的地址。") % {"uri": uri[:80]}
        if parts.scheme == "http" and host not in LOOPBACK_HOSTS:
            return _("%(uri)s 必须以 https 开头（本机调试除外）。") % {"uri": uri[:80]}
        return ""
    if is_public and "." in parts.scheme and (parts.path or parts.netloc):
        return ""
    return _("%(uri)s 必须以 https 开头（本机调试除外）。") % {"uri": uri[:80]}


def _fault_of(uris: Iterable[str], *, is_public: bool) -> str:
    listed = list(uris)
    if len(listed) > MOST_URIS:
        return _("最多登记%(n)d个地址。") % {"n": MOST_URIS}
    return next((told for uri in listed if (told := fault_of_uri(uri, is_public=is_public))), "")
