"""Work orders with what is left of them and whom to call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Count, Q

from lingqu.foundation.registry import api as registry
from lingqu.kernel.clock import ZONE, today
from lingqu.kernel.pages import Page, page_of

from ..models import WorkOrder
from ..types import OrderCard, OrderState


def list_orders(path: str, *, state: str = OrderState.OPEN, cursor: str = "", limit: int = 20) -> Page[Any]:
    """Orders of a subtree, newest first, with the phone of the school and the name of its keeper."""
    rows = WorkOrder.objects.filter(path__within=path, state=state).select_related("school")
    rows = rows.annotate(left=Count("findings", filter=Q(findings__state="open")))
    page: Page[Any] = page_of(rows, order=("-id",), limit=limit, cursor=cursor)
    contacts = registry.list_keepers([row.school_id for row in page.items])
    return replace(page, items=tuple(_as_card(row, contacts.get(row.school_id, "")) for row in page.items))


def _as_card(row: Any, contact: str) -> OrderCard:
    return OrderCard(
        id=row.id, school_code=row.school.code or "", school_name=row.school.name, phone=row.school.phone, contact=contact,
        deadline=row.deadline, note=row.note, given_by=row.given_by, given_on=row.given_at.astimezone(ZONE).date(),
        total=row.total, left=row.left, state=row.state, state_label=str(OrderState(row.state).label),
        reminders=row.reminders, reminder=row.reminder, reminded_on=row.reminded_at.astimezone(ZONE).date() if row.reminded_at else None,
        is_late=row.state == OrderState.OPEN and row.deadline < today(),
    )  # fmt: skip
