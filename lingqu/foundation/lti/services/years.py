"""A class goes up and its resources go with it; taken back, they are where they were.

A resource of the new class is a row of its own that knows what it was before: the tool is told by the history of its ids.
Line items come along without dates and scores. What has ended stays behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now

from .. import register
from ..models import LineItem, ResourceLink


@transaction.atomic
def carry_over(*, school_id: UUID, to_year: str, classes: Sequence[tuple[UUID, UUID]]) -> int:
    """Copy the resources of each class into the one that it became; repeating it changes nothing. Returns how many."""
    if registry.find_advance(school_id, to_year) is None:
        return 0
    new = register.classes().filter(id__in=[after for _before, after in classes]).select_related("school")
    there = {group.id: group for group in new}
    becomes = {before: there[after] for before, after in classes if after in there}
    held = ResourceLink.objects.filter(class_group__in=there, former_links__len__gt=0)
    carried = {former[-1] for former in held.values_list("former_links", flat=True)}
    standing = ResourceLink.objects.filter(class_group__in=becomes, removed_at=None).exclude(ends_at__lte=now())
    rows = (
        standing.exclude(tool__application__state="retired")
        .exclude(id__in=carried)
        .select_related("class_group")
        .order_by("id")
    )
    copies = {
        link.id: _copy(link, group, becomes[group.id]) for link in rows if (group := link.class_group) is not None
    }
    if not copies:
        return 0
    items = LineItem.objects.filter(link__in=copies, removed_at=None).order_by("id")
    ResourceLink.objects.bulk_create(copies.values())
    made = LineItem.objects.bulk_create(_copy_item(item, copies[item.link_id]) for item in items if item.link_id)
    audit.record(
        Actor.system("lti"), "lti.links_carried", subject_kind="organisation", subject_id=school_id,
        path=str(next(iter(there.values())).school.path),
        data={"to_year": to_year, "links": len(copies), "items": len(made)},
    )  # fmt: skip
    return len(copies)


def _copy(link: ResourceLink, before: Any, after: Any) -> ResourceLink:
    return ResourceLink(
        tool_id=link.tool_id, class_group=after, title=link.title, text=link.text, url=link.url, custom=link.custom,
        by=link.by, starts_at=link.starts_at, ends_at=link.ends_at, former_links=[*link.former_links, link.id],
        former_classes=[*link.former_classes, before.id],
    )  # fmt: skip


def _copy_item(item: LineItem, link: ResourceLink) -> LineItem:
    return LineItem(
        tool_id=item.tool_id, class_group=link.class_group, link=link, label=item.label, maximum=item.maximum,
        resource_id=item.resource_id, tag=item.tag,
    )  # fmt: skip


def take_back(*, school_id: UUID, to_year: str) -> int:
    """Take out what was carried into the classes of a year, unless somebody has scores there. Returns how many resources."""
    carried = ResourceLink.objects.filter(
        class_group__school_id=school_id, class_group__school_year_id=to_year, former_links__len__gt=0
    )
    scored = LineItem.objects.filter(link__in=carried, scores__isnull=False).values("link_id")
    going = list(carried.exclude(id__in=scored).values_list("id", flat=True))
    LineItem.objects.filter(link__in=going).delete()
    ResourceLink.objects.filter(id__in=going).delete()
    return len(going)
