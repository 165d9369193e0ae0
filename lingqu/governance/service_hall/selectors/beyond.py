"""Transfers beyond the province: lists of a place, one of them, those of a family."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Count, Q

from lingqu.foundation.reconciliation import api as reconciliation
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import ZONE, today
from lingqu.kernel.errors import NotFound
from lingqu.kernel.pages import Page, merge_branches

from .. import policies, register
from ..models import BeyondTransfer
from ..types.beyond import BeyondState, Direction

ROWS = 30
VIEWS = ("open", "late", "ended")


def get_beyond(actor: Actor, beyond_id: UUID) -> BeyondTransfer:
    found = BeyondTransfer.objects.filter(id=beyond_id).select_related("school", "person__canonical").first()
    if found is None:
        raise NotFound()
    policies.require_see_beyond(actor, str(found.path))
    return found


def _where(view: str, on: date) -> Q:
    if view == "ended":
        return ~Q(state=BeyondState.OPEN)
    late = Q(due_on__lt=on) if view == "late" else Q()
    return Q(state=BeyondState.OPEN) & late


def list_beyond(actor: Actor, *, view: str = "open", cursor: str = "") -> Page[BeyondTransfer]:
    """Newest first, at every place where the actor sees 人籍核对."""
    rows = BeyondTransfer.objects.filter(_where(view, today())).select_related("school")
    branches = [rows.filter(path__within=path) for path in actor.paths(reconciliation.rights.VIEW)]
    return merge_branches(branches or [rows.none()], order=("-id",), limit=ROWS, cursor=cursor)


def count_beyond(actor: Actor) -> dict[str, int]:
    """How many are under way, how many of these are late, how many over; one statement."""
    within = Q(pk=None)
    for path in actor.paths(reconciliation.rights.VIEW):
        within |= Q(path__within=path)
    counts = {view: Count("id", filter=_where(view, today())) for view in VIEWS}
    return BeyondTransfer.objects.filter(within).aggregate(**counts)


def find_of(person_ids: Iterable[UUID]) -> BeyondTransfer | None:
    """The open one of a person."""
    rows = BeyondTransfer.objects.filter(person_id__in=list(person_ids), state=BeyondState.OPEN)
    return rows.select_related("school").first()


def list_of_family(actor: Actor) -> tuple[BeyondTransfer, ...]:
    """Those of oneself or one's children, newest first."""
    ids = [one for person_id in policies.wards(actor) for one in registry.ids_of(person_id)]
    if not ids:
        return ()
    return tuple(BeyondTransfer.objects.filter(person_id__in=ids).select_related("school").order_by("-id")[:20])


def people_under_way(path: str) -> frozenset[UUID]:
    """Persons below a path whose transfer is under way; 人籍核对 shows them as 跨省在途."""
    rows = BeyondTransfer.objects.filter(path__within=path, state=BeyondState.OPEN, person__isnull=False)
    pairs = rows.values_list("person_id", "person__canonical_id")
    return frozenset(canonical or person for person, canonical in pairs)


def list_settled() -> tuple[BeyondTransfer, ...]:
    """Children from elsewhere whose 学籍 stands at the school by now, and children who went and are not in the newest national
    file with rows of their school any more."""
    waiting = BeyondTransfer.objects.filter(state=BeyondState.OPEN, person__isnull=False).select_related("school")
    return tuple(
        row for row in waiting.order_by("id") if row.person_id and _is_settled(row, registry.ids_of(row.person_id))
    )


def _is_settled(row: BeyondTransfer, ids: Iterable[UUID]) -> bool:
    if row.direction == Direction.IN:
        here = register.register_entries().filter(person_id__in=ids, school_id=row.school_id, valid_to=None)
        return bool(here.exists())
    found = reconciliation.listed_at(str(row.path), ids)
    return found is not None and found[0] > row.opened_at.astimezone(ZONE).date() and not found[1]


def list_late(on: date, most: int) -> tuple[BeyondTransfer, ...]:
    rows = BeyondTransfer.objects.filter(state=BeyondState.OPEN, due_on__lt=on).select_related("school")
    return tuple(rows.order_by("due_on", "id")[:most])
