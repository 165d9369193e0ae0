"""How OpenID Connect plugs into applications, the door and the keeping of keys."""

from __future__ import annotations

from argparse import Namespace
from typing import Any
from urllib.parse import urlsplit

from django.db.models import F
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel import retention, rotation
from lingqu.kernel.actor import Actor
from lingqu.kernel.onward import origin_of

from .models import Grant, OidcClient
from .services import asking, clients, keys, leaving, tokens
from .services.entering import PROTOCOL
from .web import authorize

AUTHORIZE = "/oidc/authorize"


def onward(actor: Actor, target: str) -> str | None:
    """Where an authorization request behind the door will end: the origin of its registered redirect URI."""
    parts = urlsplit(target)
    if parts.path != AUTHORIZE:
        return None
    try:
        return origin_of(asking.find_target(QueryDict(parts.query)).redirect_uri)
    except asking.Unusable:
        return None


def launch(app: applications.App, request: HttpRequest) -> str | None:
    """One click on the shelf: the address at which the application begins its own sign-in."""
    if not OidcClient.objects.filter(application_id=app.id).exists():
        return None
    return app.entry_url or app.home_url or None


def replace_keys(actor: Actor) -> None:
    keys.replace_at_once(actor=actor)


def create(app: applications.App, options: Namespace) -> dict[str, Any]:
    """The client of ``lingqu app create --protocol oidc``."""
    clients.save(
        actor=Actor.system("command"), application_id=app.id,
        settings=clients.Settings(
            redirect_uris=tuple(options.callback or ()), post_logout_uris=tuple(options.post_logout or ()),
            backchannel_uri=options.backchannel_logout or "",
            grants=("authorization_code", "refresh_token", "client_credentials"),
        ),
    )  # fmt: skip
    secret = applications.make_secret(actor=Actor.system("command"), application_id=app.id)
    base = tokens.issuer()
    return {
        "client_id": app.client_id, "client_secret": secret.value, "issuer": base,
        "discovery": f"{base}/.well-known/openid-configuration",
    }  # fmt: skip


def card(actor: Actor, app: applications.App) -> applications.SettingsCard | None:
    client = OidcClient.objects.filter(application_id=app.id).first()
    base = tokens.issuer()
    lines = [(_("发现地址"), f"{base}/.well-known/openid-configuration"), ("client_id", app.client_id)]
    if client is not None:
        lines += [(_("回调地址"), uri) for uri in client.redirect_uris]
        lines += [(_("退出通知地址"), client.backchannel_uri)] if client.backchannel_uri else []
    return applications.SettingsCard(
        protocol=PROTOCOL, title="OpenID Connect", lines=tuple(lines), is_ready=client is not None,
        url=reverse("oidc:client", args=[app.client_id]),
    )  # fmt: skip


def guide(app: applications.App | None) -> applications.Guide:
    """What a developer needs, with an example that the tests run."""
    base, client_id = tokens.issuer(), app.client_id if app else "lq…"
    return applications.Guide(
        protocol=PROTOCOL, title="OpenID Connect",
        summary=_("授权码加 PKCE（S256）。令牌十分钟有效，刷新令牌每次更换，随统一登录一起结束。"),
        addresses=(
            (_("发现地址"), f"{base}/.well-known/openid-configuration"), (_("授权"), f"{base}{AUTHORIZE}"),
            (_("令牌"), f"{base}/oidc/token"), (_("用户信息"), f"{base}/oidc/userinfo"), (_("公钥"), f"{base}/oidc/jwks"),
            (_("退出"), f"{base}/oidc/logout"),
        ),
        examples=(
            applications.Example(
                title=_("取应用自己的令牌"),
                text=f"curl -u {client_id}:$CLIENT_SECRET -d grant_type=client_credentials {base}/oidc/token",
            ),
            applications.Example(
                title=_("取登录者的信息"), text=f'curl -H "Authorization: Bearer $ACCESS_TOKEN" {base}/oidc/userinfo',
            ),
        ),
    )  # fmt: skip


identity.ONWARD.fill("oidc", onward)
applications.AFTER_CONSENT[PROTOCOL] = applications.AfterConsent(authorize.agreed, authorize.refused)
applications.LOGOUT[PROTOCOL] = leaving.logout_call
applications.ENTRIES[PROTOCOL] = launch
applications.CREATORS[PROTOCOL] = create
applications.GUIDES[PROTOCOL] = guide
applications.KEY_REPLACERS[PROTOCOL] = replace_keys
applications.SETTINGS.fill(PROTOCOL, card, order=10)

for _table, _keep, _by in (
    ("oidc_oidcclient", "as long as the application", ""),
    ("oidc_grant", "a month after the last of its tokens", "oidc.purge_oidc"),
    ("oidc_spentid", "until the token is over by itself", "oidc.purge_oidc"),
    ("oidc_signingkey", "for ever: some rows a year", ""),
):
    retention.declare(_table, keep=_keep, by=_by)
rotation.declare_sealed("oidc_signingkey", "sealed")


def held(_actor: Actor, about: registry.About) -> dict[str, registry.Part]:
    """Entries by OpenID Connect."""
    grants = Grant.objects.filter(about.named("", "account"))
    return {
        "entries_by_openid_connect": registry.part_of(
            grants, "scopes", "made_at", "lasts_until", "ended_at", "ended_because", app=F("application__name")
        )
    }


registry.hand_out("oidc", held, "oidc_grant")
