"""How SAML plugs into applications and the door."""

from __future__ import annotations

from argparse import Namespace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.kernel import retention, rotation
from lingqu.kernel.actor import Actor
from lingqu.kernel.onward import origin_of

from .services import answering, keys, leaving, providers
from .services.answering import PROTOCOL
from .web import sso


def onward(actor: Actor, target: str) -> str | None:
    """Where a kept request behind the door is answered."""
    path = urlsplit(target).path
    if not path.startswith("/saml/sso/"):
        return None
    try:
        pending_id: UUID = resolve(path).kwargs["pending_id"]
    except (Resolver404, KeyError):
        return None
    address = answering.origin_behind(pending_id)
    return origin_of(address) if address else None


def launch(app: applications.App, request: HttpRequest) -> str | None:
    return reverse("saml:enter", args=[app.client_id]) if answering.find_provider(app.id) else None


def replace_keys(actor: Actor) -> None:
    keys.rotate(actor=actor, at_once=True)


def create(app: applications.App, options: Namespace) -> dict[str, Any]:
    """The client of ``lingqu app create --protocol saml``: the first callback is the AssertionConsumerService, the second
    (or the first) the entityID."""
    given = list(options.callback or ())
    metadata = providers.metadata_of(entity_id=given[-1] if given else "", acs_url=given[0] if given else "")
    providers.set_provider(actor=Actor.system("command"), application_id=app.id, metadata=metadata)
    return {
        "client_id": app.client_id, "entity_id": answering.issuer(), "metadata_url": answering.address("metadata"),
        "sso_url": answering.address("sso"),
    }  # fmt: skip


def card(actor: Actor, app: applications.App) -> applications.SettingsCard | None:
    provider = answering.find_provider(app.id)
    lines = [(_("元数据地址"), answering.address("metadata"))]
    lines += [(_("应用的 entityID"), provider.entity_id)] if provider else []
    return applications.SettingsCard(
        protocol=PROTOCOL, title="SAML 2.0", lines=tuple(lines), is_ready=provider is not None,
        url=reverse("saml:settings", args=[app.client_id]),
    )  # fmt: skip


def guide(app: applications.App | None) -> applications.Guide:
    return applications.Guide(
        protocol=PROTOCOL, title="SAML 2.0",
        summary=_("断言和应答都签名（RSA-SHA256），NameID 是本应用固定不变的用户编号。请求可用跳转或表单发来；退出支持跳转、表单和 SOAP。"),
        addresses=(
            (_("元数据"), answering.address("metadata")), ("entityID", answering.issuer()),
            (_("单点登录"), answering.address("sso")), (_("单点退出"), answering.address("slo")),
        ),
        examples=(applications.Example(title=_("下载元数据"), text=f"curl {answering.address('metadata')}"),),
    )  # fmt: skip


identity.ONWARD.fill(PROTOCOL, onward)
applications.AFTER_CONSENT[PROTOCOL] = applications.AfterConsent(sso.agreed)
applications.LOGOUT[PROTOCOL] = leaving.logout_call
applications.ENTRIES[PROTOCOL] = launch
applications.CREATORS[PROTOCOL] = create
applications.GUIDES[PROTOCOL] = guide
applications.KEY_REPLACERS[PROTOCOL] = replace_keys
applications.SETTINGS.fill(PROTOCOL, card, order=30)

retention.declare("saml_key", keep="for ever: a row every few years")
retention.declare("saml_provider", keep="as long as the application")
retention.declare("saml_pending", keep="a day", by="saml.purge_saml")
rotation.declare_sealed("saml_key", "sealed")
