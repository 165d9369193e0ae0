"""The tool's answer to Deep Linking (DL 4.4): what the teacher chose is put into her class, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.foundation.oidc import api as oidc
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from lingqu.kernel.ids import as_uuid

from .. import policies, register
from ..models import Launch, LineItem, ResourceLink, Tool
from ..selectors.links import find_tool
from ..types.words import CLAIM, DEEP_RESPONSE, DL, VERSION, Message
from . import links, reading, tools
from .toolkeys import BadToolToken, peek, read

WITHIN = timedelta(hours=1)
"""How long a teacher may choose."""
LONGEST_LIFE = timedelta(hours=1)
MOST_ITEMS, MOST_TITLE, MOST_TEXT, MOST_URL = 50, 200, 1000, 2000


class BadAnswer(DomainError):
    """The tool's answer cannot be believed; nothing was stored."""

    status = 400
    code = "lti_deep_linking"


def take(token: str) -> tuple[Any, int]:
    """The id of the class, and how many resources were put into it. Raises :class:`BadAnswer` and refusals for the teacher."""
    try:
        app, tool, claims = _believed(token)
        launch = _launch_of(tool, claims)
    except BadToolToken as fault:
        raise BadAnswer(_("应用送回的内容不能用：%(reason)s") % {"reason": fault}) from fault
    return launch.group_id, _store(app, tool, launch, claims)


def _believed(token: str) -> tuple[applications.App, Tool, dict[str, Any]]:
    """Who signed it, for whom, and when. Its nonce counts once."""
    client_id = str(peek(token)[1].get("iss", ""))
    app = applications.find_application(client_id)
    tool = find_tool(app.id) if app else None
    if app is None or tool is None or not app.is_live:
        raise BadToolToken("iss is no tool")
    claims = read(tool, token)
    aimed = claims.get("aud")
    if oidc.issuer() not in (aimed if isinstance(aimed, list) else [aimed]):
        raise BadToolToken("aud is not this platform")
    until, at = claims.get("exp"), now()
    if not isinstance(until, int | float) or not at.timestamp() < until <= (at + LONGEST_LIFE).timestamp():
        raise BadToolToken("exp is missing, over or too far")
    fixed = {"deployment_id": str(tool.id), "message_type": DEEP_RESPONSE, "version": VERSION}
    for name, value in fixed.items():
        if claims.get(f"{CLAIM}{name}") != value:
            raise BadToolToken(f"{name} is not {value}")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not 0 < len(nonce) <= 200:
        raise BadToolToken("nonce is missing")
    if not oidc.spend(oidc.SpentKind.ASSERTION, f"{client_id} dl {nonce}", until):
        raise BadToolToken("nonce was used before")
    return app, tool, claims


def _launch_of(tool: Tool, claims: Mapping[str, Any]) -> Launch:
    launch_id = as_uuid(str(claims.get(f"{DL}data", "")))
    rows = Launch.objects.filter(tool=tool, message=Message.DEEP, used_at__gt=now() - WITHIN, answered_at=None)
    launch = rows.select_related(*register.GROUPS).filter(id=launch_id).first() if launch_id else None
    if launch is None:
        raise BadToolToken("data is not of an open request")
    return launch


@transaction.atomic
def _store(app: applications.App, tool: Tool, launch: Launch, claims: Mapping[str, Any]) -> int:
    """In the name of the teacher who went to choose, as long as that session runs and she may still do it."""
    if not Launch.objects.filter(id=launch.id, answered_at=None).update(answered_at=now()):
        raise Conflict(_("这次挑选已经完成。"))
    actor = _teacher(app, launch)
    group = launch.group
    if not policies.fits(app, group) or not policies.may_edit(actor, group):
        raise Forbidden()
    items = claims.get(f"{DL}content_items", [])
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        raise Invalid(_("一次最多加入 %(n)d 个资源。") % {"n": MOST_ITEMS})
    made = [_resource(actor, app, tool, group, one) for one in items if _is_resource(one)]
    ResourceLink.objects.bulk_create(link for link, _item in made)
    LineItem.objects.bulk_create(item for _link, item in made if item is not None)
    links.trace(actor, "lti.links_added", group, app, [link for link, _item in made])
    return len(made)


def _teacher(app: applications.App, launch: Launch) -> Actor:
    session = identity.find_sso_session(launch.session_id)
    if session is None or not session.is_live(now()):
        raise Forbidden(_("登录已经结束，没有加入任何内容。请重新登录后再挑选。"))
    account = identity.get_account(session.account_id)
    applications.require_entry(app=app, session=session, standing=identity.standing_of(account))
    return identity.actor_for(account, launch.role)


def _is_resource(item: Any) -> bool:
    return isinstance(item, dict) and item.get("type") == "ltiResourceLink"


def _resource(
    actor: Actor, app: applications.App, tool: Tool, group: Any, item: Mapping[str, Any]
) -> tuple[ResourceLink, LineItem | None]:
    """Rows of one content item (DL 3.1.3). Raises :class:`Invalid`, and then nothing of the answer is stored."""
    url, title = reading.text(item.get("url"), MOST_URL), reading.text(item.get("title"), MOST_TITLE) or app.name
    if url and (told := oidc.fault_of_uri(url)):
        raise Invalid(told)
    link = ResourceLink(
        tool=tool, **register.in_class(group), title=title, text=reading.text(item.get("text"), MOST_TEXT), url=url,
        custom=tools.given_custom(item.get("custom")), by=actor.name, **_times(item.get("available"), title),
    )  # fmt: skip
    asked = item.get("lineItem")
    if not isinstance(asked, dict):
        return link, None
    maximum = reading.points(asked.get("scoreMaximum"))
    if maximum is None or maximum <= 0:
        raise Invalid(_("“%(title)s”的满分不是正数。") % {"title": link.title})
    return link, LineItem(
        tool=tool, **register.in_class(group), link=link, label=reading.text(asked.get("label"), MOST_TITLE) or title, maximum=maximum,
        resource_id=reading.text(asked.get("resourceId"), MOST_TITLE), tag=reading.text(asked.get("tag"), MOST_TITLE),
        **_span(item.get("submission")),
    )  # fmt: skip


def _times(given: Any, title: str) -> dict[str, datetime | None]:
    """When pupils may open it. Raises :class:`Invalid` for an end that is not after the start."""
    span = _span(given)
    if span["starts_at"] and span["ends_at"] and span["ends_at"] <= span["starts_at"]:
        raise Invalid(_("“%(title)s”的结束时间不晚于开始时间。") % {"title": title})
    return span


def _span(given: Any) -> dict[str, datetime | None]:
    """When the resource may be opened or handed in; what is not a moment is left out."""
    told = given if isinstance(given, dict) else {}
    return {
        "starts_at": reading.moment(told.get("startDateTime")), "ends_at": reading.moment(told.get("endDateTime")),
    }  # fmt: skip
