"""To-dos of schools: a work order waits on the desk that works at its register until nothing of it is left; whoever gave it
is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.inbox import api as inbox
from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.language import writing_to

from ..models import WorkOrder

MODULE = "quality"
DESKS = ("academic_office", "school_office")
"""教务处 keeps the register; a school without it has 校办."""


def ask_school(order: WorkOrder) -> None:
    """Put the order on the school's desk, due at the end of its day. A school without code has no page."""
    school = order.school
    if not school.code:
        return
    with writing_to():
        title = _("请处理 %(n)d 项数据质量问题") % {"n": order.total}
    inbox.put_todo(
        module=MODULE, key=_key(order.id), address=_desk_of(order), title=title, url=_page_of(order),
        due_at=datetime.combine(order.deadline + timedelta(days=1), time(), clock.ZONE),
    )  # fmt: skip


def settle(order_ids: Iterable[int]) -> None:
    """Nothing of these orders is left: off the desk, and a word to whoever gave them."""
    for order in WorkOrder.objects.filter(id__in=list(order_ids)).select_related("school"):
        inbox.close_todo(module=MODULE, key=_key(order.id))
        with writing_to():
            text = _("%(school)s已处理完派单的 %(n)d 项数据问题") % {"school": order.school.name, "n": order.total}
        inbox.tell_account(
            order.given_by_account, module=MODULE, key=_key(order.id), text=text, url=_page_of(order), bundle="orders"
        )


def _desk_of(order: WorkOrder) -> str:
    """The first of :data:`DESKS` that the school has set up; else whoever keeps its register."""
    posts = registry.open_posts_of(order.school_id)
    found = next((posts[kind] for kind in DESKS if kind in posts), None)
    return f"post:{found}" if found else f"duty:register_officer@{order.school.label}"


def _page_of(order: WorkOrder) -> str:
    return reverse("quality:place", args=[order.school.code]) if order.school.code else ""


def _key(order_id: int) -> str:
    return f"order:{order_id}"
