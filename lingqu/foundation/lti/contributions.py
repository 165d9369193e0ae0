"""How LTI plugs into applications, the door and the pages of classes."""

from __future__ import annotations

from argparse import Namespace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import F
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel import retention
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.errors import NotFound
from lingqu.kernel.onward import origin_of

from .models import LineItem, ResourceLink, Score
from .selectors.links import find_link, find_tool
from .services import launching, tools, years
from .services.claims import issuer
from .services.launching import address
from .services.vendor import addresses
from .types import rights
from .types.words import PROTOCOL, Service
from .web import launch as web


def onward(actor: Actor, target: str) -> str | None:
    """Where a way into a tool behind the door ends: at the tool's login."""
    try:
        found = resolve(urlsplit(target).path)
    except Resolver404:
        return None
    if found.view_name == "lti:open":
        link = find_link(found.kwargs["link_id"])
        return origin_of(link.tool.login_url) if link else None
    if found.view_name not in ("lti:enter", "lti:choose"):
        return None
    try:
        return origin_of(launching.get_tool(found.kwargs["client_id"])[1].login_url)
    except NotFound:
        return None


def launch(app: applications.App, request: HttpRequest) -> str | None:
    return reverse("lti:enter", args=[app.client_id]) if find_tool(app.id) else None


def create(app: applications.App, options: Namespace) -> dict[str, Any]:
    """The tool of ``lingqu app create --protocol lti``: the first callback is also where it opens. What is printed has the
    names that LTI libraries use in their settings."""
    callbacks = tuple(options.callback or ())
    tool = tools.save(
        actor=Actor.system("command"), application_id=app.id,
        settings=tools.Settings(
            login_url=options.login_url or "", redirect_uris=callbacks, target_url=callbacks[0] if callbacks else "",
            deep_linking_url=options.deep_linking_url or "", jwks_url=options.jwks_url or "", services=tuple(Service.values),
        ),
    )  # fmt: skip
    return {
        "issuer": issuer(), "client_id": app.client_id, "deployment_ids": [str(tool.id)], "auth_login_url": address("auth"),
        "auth_token_url": address("token"), "key_set_url": address("jwks"),
    }  # fmt: skip


def card(actor: Actor, app: applications.App) -> applications.SettingsCard | None:
    tool = find_tool(app.id)
    return applications.SettingsCard(
        protocol=PROTOCOL, title="LTI 1.3", lines=addresses(app, tool), is_ready=tool is not None,
        url=reverse("lti:settings", args=[app.client_id]),
    )  # fmt: skip


def guide(app: applications.App | None) -> applications.Guide:
    return applications.Guide(
        protocol=PROTOCOL, title="LTI 1.3",
        summary=_("从应用页或班级进入，教师可以把内容加进班级（Deep Linking）；班级名单（NRPS）和计分（AGS）由应用自己的服务器来取，用私钥签名证明身份。"),
        addresses=addresses(app, find_tool(app.id) if app else None),
        examples=(applications.Example(title=_("取平台公钥"), text=f"curl {address('jwks')}"),),
    )  # fmt: skip


def class_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    """The way from a class to its resources."""
    codes = (rights.OPEN, rights.EDIT)
    if not any(actor.holds(code, spot.path) or spot.id in actor.things(code, "class") for code in codes):
        return None
    return registry.PageLink(label=_("应用资源"), url=reverse("lti:class", args=[spot.id]), icon="apps")


def played(_actor: Actor, account_id: UUID) -> tuple[Right, ...]:
    """What a sandbox person may do in its classes: what the role that it plays may do in real ones."""
    found = applications.find_played(account_id)
    if found is None:
        return ()
    codes = sorted({rights.OPEN, rights.EDIT} & set(identity.ROLES[found.role].rights))
    return tuple(Right(code, f"class:{group.id}") for group in found.classes for code in codes)


def reset_sandbox(_actor: Actor, vendor_id: UUID) -> None:
    """Its classes are empty again."""
    LineItem.objects.filter(sandbox_class__vendor_id=vendor_id).delete()
    ResourceLink.objects.filter(sandbox_class__vendor_id=vendor_id).delete()


def step_back(_actor: Actor, step: registry.StepBack) -> None:
    """What was carried over into the classes of that year goes with them."""
    years.take_back(school_id=step.school_id, to_year=step.to_year)


registry.STEP_BACK.fill(PROTOCOL, step_back)
identity.ONWARD.fill(PROTOCOL, onward)
identity.PLAYED.fill(PROTOCOL, played)
applications.SANDBOX_RESET.fill(PROTOCOL, reset_sandbox)
applications.AFTER_CONSENT[PROTOCOL] = applications.AfterConsent(web.agreed)
applications.ENTRIES[PROTOCOL] = launch
applications.CREATORS[PROTOCOL] = create
applications.GUIDES[PROTOCOL] = guide
applications.SETTINGS.fill(PROTOCOL, card, order=40)
registry.CLASS_LINKS.fill(PROTOCOL, class_link, rights=(rights.OPEN, rights.EDIT))

for _table, _keep, _by in (
    ("lti_tool", "as long as the application", ""),
    ("lti_resourcelink", "as long as the class: what was used in it", ""),
    ("lti_launch", "a day", "lti.purge_lti"),
    ("lti_lineitem", "as long as the class", ""),
    ("lti_score", "as long as its line item", ""),
):
    retention.declare(_table, keep=_keep, by=_by)


def held(_actor: Actor, about: registry.About) -> dict[str, registry.Part]:
    """Scores that tools sent."""
    return {
        "scores": registry.part_of(
            Score.objects.filter(about.named()), "given", "maximum", "activity", "grading", "comment", "scored_at",
            app=F("item__tool__application__name"), class_name=F("item__class_group__name"), label=F("item__label"),
        )
    }  # fmt: skip


registry.hand_out("lti", held, "lti_score")
