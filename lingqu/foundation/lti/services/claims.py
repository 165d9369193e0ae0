"""What a launch says (LTI Core 5.3, 5.4; Deep Linking 4.4; NRPS 3.6.1.1; AGS 3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from lingqu import __version__
from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.foundation.oidc import api as oidc
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now

from ..models import Launch, LineItem, ResourceLink, Tool
from ..types.words import (
    AGS_CLAIM,
    CLAIM,
    DEEP_REQUEST,
    DL,
    NRPS_CLAIM,
    RESOURCE_REQUEST,
    SCOPES_OF,
    SECTION,
    VERSION,
    Message,
    Service,
    context_role,
    institution_role,
)
from .tools import allowed_services

GOOD_FOR = 300
"""Seconds in which the tool has to read the token."""


def issuer() -> str:
    return oidc.issuer()


def whole(path: str) -> str:
    """Our address of a path."""
    return f"{settings.PUBLIC.geturl()}{path}"


def members_url(class_id: UUID) -> str:
    return whole(reverse("lti:members", args=[class_id]))


def items_url(class_id: UUID) -> str:
    return whole(reverse("lti:items", args=[class_id]))


def item_url(item_id: UUID) -> str:
    return whole(reverse("lti:item", args=[item_id]))


def context_of(group: Any) -> dict[str, Any]:
    return {"id": str(group.id), "label": group.name, "title": f"{group.school.name} {group.name}", "type": [SECTION]}


def target_of(launch: Launch) -> str:
    if launch.message == Message.DEEP:
        return launch.tool.deep_linking_url
    return (launch.link.url if launch.link else "") or launch.tool.target_url


def id_token(
    *, app: applications.App, launch: Launch, session: identity.SessionFact, actor: Actor, told: Mapping[str, Any],
    nonce: str,
) -> tuple[str, list[str]]:  # fmt: skip
    """The token, and the names of the claims by which it tells of the person."""
    at, tool = now(), launch.tool
    link = launch.link or ResourceLink.objects.get(tool=tool, class_group=None, sandbox_class=None)
    group = launch.group or link.group
    roles = _roles(app, actor, group)
    custom = _custom(tool, link if launch.message == Message.RESOURCE else None, group, str(told["sub"]))
    claims: dict[str, Any] = {
        **told, "iss": issuer(), "aud": app.client_id, "azp": app.client_id, "nonce": nonce,
        "iat": int(at.timestamp()), "exp": int(min(at.timestamp() + GOOD_FOR, session.expires_at.timestamp())),
        "auth_time": int(session.auth_time.timestamp()), "amr": list(session.amr),
        f"{CLAIM}version": VERSION, f"{CLAIM}deployment_id": str(tool.id), f"{CLAIM}target_link_uri": target_of(launch),
        f"{CLAIM}roles": roles, f"{CLAIM}tool_platform": _platform(),
        f"{CLAIM}launch_presentation": {
            "document_target": "window", "locale": translation.get_language() or "zh-CN",
            "return_url": whole(_way_back(session, group)),
        },
    }  # fmt: skip
    if custom:
        claims[f"{CLAIM}custom"] = custom
    if number := told.get("lingqu_person_number"):
        claims[f"{CLAIM}lis"] = {"person_sourcedid": number}
    if launch.message == Message.DEEP:
        claims |= _choosing(launch)
    else:
        claims |= {f"{CLAIM}message_type": RESOURCE_REQUEST, f"{CLAIM}resource_link": _resource(link)}
    if group is not None:
        claims |= {f"{CLAIM}context": context_of(group), **_services(app, tool, link, group)}
    released = {*told} | ({"lingqu_roles"} if roles else set()) | ({"lingqu_classes"} if group else set())
    return oidc.sign(claims, alg="RS256"), sorted(released)


def _way_back(session: identity.SessionFact, group: Any) -> str:
    if session.kind == identity.SessionKind.CLASS_SCREEN:
        return reverse("identity:screen")
    return reverse("lti:class", args=[group.id]) if group is not None else reverse("applications:shelf")


def _roles(app: applications.App, actor: Actor, group: Any) -> list[str]:
    """The role in the class, and the one at the institution where the application was granted that. May be empty. The actor
    of a class screen has no role: it is a teacher's. A sandbox person has the role that it plays."""
    played = applications.find_played(actor.account_id) if app.is_sandbox else None
    role = played.role if played else actor.role
    found = [context_role(role)] if group is not None else []
    return [*found, institution_role(role or "teacher")] if "roles" in app.scopes else found


def _resource(link: ResourceLink) -> dict[str, str]:
    return {"id": str(link.id), "title": link.title} | ({"description": link.text} if link.text else {})


def _platform() -> dict[str, str]:
    root = registry.root_organisation()
    return {
        "guid": settings.PUBLIC.netloc, "name": root.name if root else "Lingqu", "url": issuer(),
        "product_family_code": "lingqu", "version": __version__,
    }  # fmt: skip


def _choosing(launch: Launch) -> dict[str, Any]:
    return {
        f"{CLAIM}message_type": DEEP_REQUEST,
        f"{DL}deep_linking_settings": {
            "deep_link_return_url": whole(reverse("lti:deep_links")), "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["window"], "accept_multiple": True, "accept_lineitem": True,
            "auto_create": True, "data": str(launch.id),
        },
    }  # fmt: skip


def _services(app: applications.App, tool: Tool, link: ResourceLink, group: Any) -> dict[str, Any]:
    """Where the tool asks by itself for this class, as far as it is allowed."""
    found: dict[str, Any] = {}
    allowed = allowed_services(app, tool)
    if Service.MEMBERS in allowed:
        found[NRPS_CLAIM] = {"context_memberships_url": members_url(group.id), "service_versions": ["2.0"]}
    if Service.GRADES in allowed:
        endpoint: dict[str, Any] = {"scope": list(SCOPES_OF[Service.GRADES]), "lineitems": items_url(group.id)}
        items = list(LineItem.objects.filter(link=link, removed_at=None).values_list("id", flat=True)[:2])
        if len(items) == 1:
            endpoint["lineitem"] = item_url(items[0])
        found[AGS_CLAIM] = endpoint
    return found


def _moment(value: datetime | None) -> str:
    return value.isoformat() if value else ""


def _custom(tool: Tool, link: ResourceLink | None, group: Any, subject: str) -> dict[str, str]:
    """The tool's parameters under those of the resource, with what they stand for (LTI Core C.2); unknown names stay."""
    known = {"$User.id": subject}
    if link is not None:
        known |= {
            "$ResourceLink.id": str(link.id), "$ResourceLink.title": link.title,
            "$ResourceLink.id.history": ",".join(map(str, reversed(link.former_links))),
            "$Context.id.history": ",".join(map(str, reversed(link.former_classes))),
            "$ResourceLink.available.startDateTime": _moment(link.starts_at),
            "$ResourceLink.available.endDateTime": _moment(link.ends_at),
        }  # fmt: skip
    if group is not None:
        known |= {"$Context.id": str(group.id), "$Context.title": f"{group.school.name} {group.name}"}
    given = {**tool.custom, **(link.custom if link else {})}
    return {name: known.get(value, value) for name, value in given.items()}
