"""On the way into a tool: the login at the tool begins here, and its request comes back here, once and in this session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.kernel import crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, DomainError, Forbidden, NotFound
from lingqu.kernel.ids import as_uuid

from .. import policies, register
from ..models import Launch, ResourceLink, Tool
from ..selectors.links import find_tool
from ..types.words import PROTOCOL, Message
from . import claims, links

LASTS = timedelta(minutes=5)
"""From the click to the tool's request."""
KEPT = timedelta(days=1)
MOST = 2000
ONCE = (
    "client_id", "redirect_uri", "scope", "response_type", "response_mode", "prompt", "state", "nonce", "login_hint",
    "lti_message_hint",
)  # fmt: skip
WANTED = {"response_type": "id_token", "response_mode": "form_post", "prompt": "none"}


class Unusable(DomainError):
    """The request names no tool, or an address that is not the tool's: the person is told, nobody is sent on."""

    status = 400
    code = "lti_unusable"


class Refused(Exception):
    """An answer for the tool instead of a token (OIDC Core 3.1.2.6)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


@dataclass(frozen=True, slots=True)
class Target:
    """Where the answer goes, whatever it is."""

    app: applications.App
    tool: Tool
    redirect_uri: str
    state: str


def address(name: str) -> str:
    return f"{settings.PUBLIC.geturl()}/lti/{name}"


def get_tool(client_id: str) -> tuple[applications.App, Tool]:
    app = applications.find_application(client_id)
    tool = find_tool(app.id) if app else None
    if app is None or tool is None:
        raise NotFound(_("没有这个应用。"))
    return app, tool


def begin(
    *, actor: Actor, session: identity.SessionFact, standing: identity.Standing, app: applications.App, tool: Tool,
    link: ResourceLink | None = None, group: Any = None,
) -> str:  # fmt: skip
    """The address at the tool at which the login begins (LTI Security 5.1.1.1). With ``link`` into a resource, with
    ``group`` to choose one for that class, with neither from the shelf."""
    applications.require_entry(app=app, session=session, standing=standing)
    is_deep = group is not None
    _require_place(app, actor, link, group)
    if is_deep and not tool.deep_linking_url:
        raise Conflict(_("“%(name)s”不能挑选内容。") % {"name": app.name})
    launch = Launch.objects.create(
        tool=tool, session_id=session.id, message=Message.DEEP if is_deep else Message.RESOURCE, link=link,
        **(register.in_class(group) if is_deep else {}), role=_role_key(actor), expires_at=now() + LASTS,
    )  # fmt: skip
    given = {
        "iss": claims.issuer(), "login_hint": login_hint(session.id), "lti_message_hint": str(launch.id),
        "client_id": app.client_id, "lti_deployment_id": str(tool.id), "target_link_uri": claims.target_of(launch),
    }  # fmt: skip
    return f"{tool.login_url}{'&' if '?' in tool.login_url else '?'}{urlencode(given)}"


def login_hint(session_id: UUID) -> str:
    """Stands for the session; says nothing to the tool and cannot be made without our key."""
    return crypto.blind("lti-login", str(session_id)).hex


def find_target(given: Mapping[str, Any]) -> Target:
    """Tool and exact redirect URI. Raises :class:`Unusable`."""
    app = applications.find_application(str(given.get("client_id", ""))[:MOST])
    tool = find_tool(app.id) if app else None
    if app is None or tool is None:
        raise Unusable(_("没有这个应用，或它没有接入 LTI。"))
    wanted = str(given.get("redirect_uri", ""))
    if wanted not in tool.redirect_uris:
        raise Unusable(_("应用给出的回调地址没有登记，为了安全不能继续。"))
    return Target(app, tool, wanted, str(given.get("state", ""))[:MOST])


def check(given: Mapping[str, Any], repeated: frozenset[str]) -> None:
    """The fixed part of the request (LTI Security 5.1.1.2). Raises :class:`Refused`."""
    if set(ONCE) & repeated or any(len(str(given.get(name, ""))) > MOST for name in ONCE):
        raise Refused("invalid_request", "a parameter is repeated or too long")
    for name, value in WANTED.items():
        if given.get(name) != value:
            raise Refused("invalid_request", f"{name} must be {value}")
    if "openid" not in str(given.get("scope", "")).split():
        raise Refused("invalid_scope", "scope must contain openid")
    if not given.get("nonce") or not given.get("lti_message_hint") or not given.get("login_hint"):
        raise Refused("invalid_request", "nonce, login_hint or lti_message_hint is missing")


@transaction.atomic
def answer(
    *,
    target: Target,
    given: Mapping[str, Any],
    actor: Actor,
    session: identity.SessionFact,
    standing: identity.Standing,
) -> str:
    """The signed token for the session's account; the hint is used up. Raises :class:`Refused` for a hint of somebody else,
    and errors for the person."""
    launch = _find_launch(target.tool, session, given)
    if not Launch.objects.filter(id=launch.id, used_at=None, expires_at__gt=now()).update(used_at=now()):
        raise Conflict(_("这次进入已经完成或过期，请从平台重新打开。"))
    applications.require_entry(app=target.app, session=session, standing=standing)
    if launch.link is not None and launch.link.removed_at is not None:
        raise NotFound(_("没有这个资源。"))
    _require_place(target.app, actor, launch.link, launch.group)
    subject = applications.subject_of(app=target.app, account_id=session.account_id)
    told = applications.claims_of(
        app=target.app, account_id=session.account_id, scopes=target.app.scopes, subject=subject, session=session
    )
    token, released = claims.id_token(
        app=target.app, launch=launch, session=session, actor=actor, told=told, nonce=str(given["nonce"])
    )
    applications.join(session_id=session.id, app=target.app, protocol=PROTOCOL, data={"sub": subject})
    applications.record_release(app=target.app, account_id=session.account_id, protocol=PROTOCOL, fields=released)
    return token


def _find_launch(tool: Tool, session: identity.SessionFact, given: Mapping[str, Any]) -> Launch:
    launch_id = as_uuid(str(given["lti_message_hint"]))
    rows = Launch.objects.select_related(
        "tool__application", *register.GROUPS, *(f"link__{name}" for name in register.GROUPS)
    )
    launch = rows.filter(id=launch_id, tool=tool, session_id=session.id).first() if launch_id else None
    if launch is None or str(given["login_hint"]) != login_hint(session.id):
        raise Refused("login_required", "the hints are not of this session")
    return launch


def _require_place(app: applications.App, actor: Actor, link: ResourceLink | None, group: Any) -> None:
    """Into a resource by who opens those of its class; choosing by who changes them."""
    if link is not None and link.group is not None:
        if not policies.fits(app, link.group) or not policies.may_see(actor, link.group):
            raise Forbidden()
        links.require_open(actor, link)
    if group is not None and not (policies.fits(app, group) and policies.may_edit(actor, group)):
        raise Forbidden()


def _role_key(actor: Actor) -> str:
    return f"{actor.role}@{actor.organisation_id}" if actor.organisation_id else actor.role


def purge() -> int:
    return Launch.objects.filter(made_at__lt=now() - KEPT).delete()[0]
