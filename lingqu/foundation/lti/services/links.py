"""Resources in a class: put there by hand where a tool offers nothing to choose, and taken out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Invalid
from lingqu.ui.figures import moment

from .. import policies, register
from ..models import ResourceLink
from ..selectors.links import find_tool, get_class, get_link, list_offers


@transaction.atomic
def add(*, actor: Actor, class_id: UUID, client_id: str, title: str) -> ResourceLink:
    """A resource that opens the tool where it opens by itself."""
    group = get_class(actor, class_id)
    require(policies.may_edit(actor, group))
    app = next((app for app, _is_chosen in list_offers(actor, group) if app.client_id == client_id), None)
    tool = find_tool(app.id) if app else None
    if app is None or tool is None:
        raise Invalid(_("请选择一个已选用的应用。"), details={"application": _("请选择一个已选用的应用。")})
    made = ResourceLink.objects.create(
        tool=tool, **register.in_class(group), title=title.strip()[:200] or app.name, by=actor.name
    )
    trace(actor, "lti.links_added", group, app, [made])
    return made


@transaction.atomic
def remove(*, actor: Actor, link_id: UUID) -> Any:
    """Out of the class, whose id is returned; what was scored there stays."""
    link = get_link(actor, link_id)
    group = link.group
    require(policies.may_edit(actor, group))
    ResourceLink.objects.filter(id=link.id, removed_at=None).update(removed_at=now())
    app = applications.get_application(link.tool.application_id)
    trace(actor, "lti.link_removed", group, app, [link])
    return group.id


@transaction.atomic
def set_times(*, actor: Actor, link_id: UUID, starts_at: datetime | None, ends_at: datetime | None) -> ResourceLink:
    """From when until when pupils may open a resource; None leaves that side open. Those who teach the class may always."""
    link = get_link(actor, link_id)
    require(policies.may_edit(actor, link.group))
    if starts_at and ends_at and ends_at <= starts_at:
        message = _("结束时间要晚于开始时间。")
        raise Invalid(message, details={"ends_at": message})
    ResourceLink.objects.filter(id=link.id).update(starts_at=starts_at, ends_at=ends_at)
    app = applications.get_application(link.tool.application_id)
    trace(actor, "lti.link_timed", link.group, app, [link])
    return link


def require_open(actor: Actor, link: ResourceLink) -> None:
    """Raises :class:`Conflict` for a pupil outside the time in which the resource is open."""
    if link.group is None or policies.may_edit(actor, link.group):
        return
    if link.starts_at is not None and now() < link.starts_at:
        raise Conflict(_("“%(title)s”从%(at)s起可以打开。") % {"title": link.title, "at": moment(link.starts_at)})
    if link.ends_at is not None and now() >= link.ends_at:
        raise Conflict(_("“%(title)s”已于%(at)s结束。") % {"title": link.title, "at": moment(link.ends_at)})


def trace(actor: Actor, action: str, group: Any, app: applications.App, links: Iterable[ResourceLink]) -> None:
    audit.record(
        actor, action, subject_kind="class", subject_id=group.id, path=str(group.school.path),
        data={"application": app.client_id, "links": [str(link.id) for link in links]},
    )  # fmt: skip
