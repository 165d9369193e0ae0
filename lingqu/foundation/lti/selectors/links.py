"""Tools, and their resources in classes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import NotFound
from lingqu.kernel.pages import Page, page_of

from .. import policies, register
from ..models import ResourceLink, Tool

PAGE = 30


def find_tool(application_id: UUID) -> Tool | None:
    return Tool.objects.filter(application_id=application_id).first()


def get_class(actor: Actor, class_id: UUID) -> Any:
    """The class with its school, for whoever may see its resources; unknown and out of reach look the same."""
    found = (
        register.classes().filter(id=class_id).select_related("school").first()
        or register.sandbox_classes().filter(id=class_id).select_related("vendor__organisation").first()
    )
    if found is None or not policies.may_see(actor, found):
        raise NotFound(_("没有这个班级。"))
    return found


def find_link(link_id: UUID) -> ResourceLink | None:
    """A link that stands in a class, with class and tool."""
    return (
        ResourceLink.objects.filter(id=link_id, removed_at=None).exclude(class_group=None, sandbox_class=None)
        .select_related("tool__application", *register.GROUPS).first()
    )  # fmt: skip


def get_link(actor: Actor, link_id: UUID) -> ResourceLink:
    """The same for whoever may see its class."""
    found = find_link(link_id)
    if found is None or not policies.may_see(actor, found.group):
        raise NotFound(_("没有这个资源。"))
    return found


def list_links(actor: Actor, group: Any, *, cursor: str = "") -> Page[Any]:
    """Resources of a class, newest first, with what they count for. Those of applications that are shut out are not shown
    to pupils, and in a sandbox class to nobody."""
    standing = Q(items__removed_at=None)
    rows = ResourceLink.objects.filter(**register.in_class(group), removed_at=None).select_related("tool__application")
    if register.is_sandbox(group):
        rows = rows.filter(tool__application__is_sandbox=True).exclude(tool__application__state="retired")
    elif not policies.may_edit(actor, group):
        rows = rows.filter(tool__application__state="live")
    rows = rows.annotate(
        item_count=Count("items", filter=standing, distinct=True),
        score_count=Count("items__scores", filter=standing, distinct=True),
    )
    return page_of(rows, order=("-id",), limit=PAGE, cursor=cursor)


def list_offers(actor: Actor, group: Any) -> list[tuple[applications.App, bool]]:
    """Applications on the actor's shelf that speak LTI and may stand in the class, and whether one chooses something in them.
    Three statements."""
    apps = {card.app.id: card.app for card in applications.list_shelf(actor) if policies.fits(card.app, group)}
    rows = Tool.objects.filter(application_id__in=apps).values_list("application_id", "deep_linking_url")
    by_id = dict(rows)
    return [(app, bool(by_id[key])) for key, app in apps.items() if key in by_id]


def is_used_in(tool: Tool, group: Any) -> bool:
    """Whether a resource of the tool stands in the class."""
    return ResourceLink.objects.filter(tool=tool, **register.in_class(group), removed_at=None).exists()


def links_of(tool: Tool, group: Any, ids: Iterable[UUID]) -> list[UUID]:
    """Those of the ids that are resources of the tool in the class."""
    rows = ResourceLink.objects.filter(tool=tool, **register.in_class(group), removed_at=None, id__in=list(ids))
    return list(rows.values_list("id", flat=True))
