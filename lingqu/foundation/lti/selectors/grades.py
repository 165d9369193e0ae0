"""Line items and results as a tool reads them; pages go on after an id."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from lingqu.kernel.ids import as_uuid

from .. import register
from ..models import LineItem, Score, Tool


def find_item(tool: Tool, item_id: UUID) -> LineItem | None:
    """One of the tool's own that stands, with class and school."""
    rows = LineItem.objects.filter(tool=tool, removed_at=None).select_related(*register.GROUPS)
    return rows.filter(id=item_id).first()


def list_items(
    tool: Tool, group: Any, *, link: str = "", resource_id: str = "", tag: str = "", after: UUID | None, limit: int
) -> tuple[list[LineItem], UUID | None]:
    rows = LineItem.objects.filter(tool=tool, **register.in_class(group), removed_at=None)
    if link:
        link_id = as_uuid(link)
        rows = rows.filter(link_id=link_id) if link_id else rows.none()
    if resource_id:
        rows = rows.filter(resource_id=resource_id)
    if tag:
        rows = rows.filter(tag=tag)
    return _page(rows, after, limit)


def list_results(
    item: LineItem, *, account_id: UUID | None, after: UUID | None, limit: int
) -> tuple[list[Score], UUID | None]:
    """Latest scores of a line item; of one account if named."""
    rows = Score.objects.filter(item=item)
    return _page(rows.filter(account_id=account_id) if account_id else rows, after, limit)


def _page(rows: QuerySet[Any], after: UUID | None, limit: int) -> tuple[list[Any], UUID | None]:
    found = list((rows.filter(id__gt=after) if after else rows).order_by("id")[: limit + 1])
    return found[:limit], found[limit - 1].id if len(found) > limit else None
