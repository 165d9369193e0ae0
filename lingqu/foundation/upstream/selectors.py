"""Open doors, the work list, and who a person is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto, pages
from lingqu.kernel.actor import Actor

from . import policies
from .models import Identifier, Source, Unmatched
from .types import LINK, MANAGE, UnmatchedState


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the work list as shown: name and facts as the platform above told them."""

    row: Unmatched
    name: str
    facts: tuple[tuple[str, str], ...]


def list_doors() -> tuple[Source, ...]:
    """Sources by which people may sign in now."""
    return tuple(Source.objects.filter(is_open=True).order_by("made_at", "id")[:20])


def list_sources(*, actor: Actor) -> tuple[Source, ...]:
    policies.require_top(actor, MANAGE)
    return tuple(Source.objects.order_by("made_at", "id")[:100])


def list_unmatched(*, actor: Actor, cursor: str = "") -> pages.Page[Waiting]:
    """What waits for a decision, the latest first."""
    policies.require_top(actor, LINK)
    rows = Unmatched.objects.filter(state=UnmatchedState.OPEN).select_related("source")
    page = pages.page_of(rows, order=("-last_at", "-id"), cursor=cursor)
    shown = []
    for row in page.items:
        facts = crypto.unseal_fields(row.sealed)
        shown.append(Waiting(row, facts.pop("name", ""), tuple(sorted(facts.items()))))
    return page.showing(shown)


def list_own_bindings(actor: Actor) -> tuple[tuple[Identifier, str], ...]:
    """Who the actor is elsewhere and by which source's name; what is over comes last."""
    rows = list_identifiers(actor.person_id) if actor.person_id else ()
    names = dict(Source.objects.filter(issuer__in={row.issuer for row in rows}).values_list("issuer", "name"))
    ordered = sorted(rows, key=lambda row: row.valid_to is not None)
    return tuple((row, names.get(row.issuer, row.issuer)) for row in ordered)


def list_identifiers(person_id: UUID) -> tuple[Identifier, ...]:
    """Who a person is elsewhere, now and before; merged records count. The caller has checked that its reader may know."""
    return tuple(
        Identifier.objects.filter(person_id__in=registry.ids_of(person_id)).order_by("issuer", "-valid_from", "id")
    )
