"""Statements for those who help: by set of records, people masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import NotFound

from ..models import Tenant
from ..types import rights
from ..types.marks import moment_at
from ..types.masking import label_of, masked
from .restoring import restored
from .shaping import shaped
from .statements import Wanted, list_page, rows_of

PAGE, MOST_TENANTS = 50, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One line: who (masked), verb, what, and whether it is void."""

    id: str
    at: datetime
    who: str
    verb: str
    thing: str


def list_tenants(actor: Actor) -> list[Tenant]:
    """Sets of records of places that the actor may look into; those of whole applications by the application's place."""
    places = Q()
    for path in actor.paths(rights.VIEW):
        places |= Q(organisation__path__within=path) | Q(
            organisation=None, application__organisation__path__within=path
        )
    if not places:
        return []
    rows = Tenant.objects.filter(places).select_related("application", "organisation")
    return list(rows.order_by("application__name", "organisation__code", "id")[:MOST_TENANTS])


def get_tenant(actor: Actor, tenant_id: int) -> Tenant:
    row = Tenant.objects.filter(id=tenant_id).select_related("organisation", "application__organisation").first()
    if row is None:
        raise NotFound()
    place = row.organisation or (row.application.organisation if row.application else None)
    require(place is not None and actor.holds(rights.VIEW, str(place.path)))
    return row


def list_statements(tenant: int, before: int = 1 << 62) -> tuple[list[Seen], int | None]:
    """The latest below ``before``, and where the next page begins."""
    rows, has_more = list_page(tenant, Wanted(end=before, limit=PAGE))
    bodies = restored([row.body for row in rows])
    seen = [
        Seen(
            id=row.id, at=moment_at(row.seq), who=label_of(body["actor"]), verb=body["verb"]["id"],
            thing=str(body["object"].get("id", body["object"].get("objectType", ""))),
        )
        for row, body in zip(rows, bodies, strict=True)
    ]  # fmt: skip
    return seen, rows[-1].seq if has_more else None


def get_statement(tenant: int, number: str) -> dict[str, Any]:
    """One statement, void or not, masked."""
    rows = rows_of(tenant, [number])
    if not rows:
        raise NotFound()
    found: dict[str, Any] = masked(shaped(tenant, rows, "exact", ())[0])
    return found
