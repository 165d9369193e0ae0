"""Open doors, the work list, and who a person is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto, pages
from lingqu.kernel.actor import Actor

from . import policies
from .models import Identifier, Source, Unmatched
from .types import LINK, MANAGE, NUMBERS_VIEW, NumberKind, UnmatchedState


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
    """Which accounts elsewhere enter as the actor and by which source's name; what is over comes last."""
    known = list_identifiers(actor.person_id) if actor.person_id else ()
    rows = [row for row in known if row.issuer not in NumberKind.values]
    names = dict(Source.objects.filter(issuer__in={row.issuer for row in rows}).values_list("issuer", "name"))
    ordered = sorted(rows, key=lambda row: row.valid_to is not None)
    return tuple((row, names.get(row.issuer, row.issuer)) for row in ordered)


def numbers_of(actor: Actor, spot: registry.PersonSpot) -> tuple[registry.NumberLine, ...] | None:
    """Numbers of a person elsewhere for whoever may see them, those of today first; None for anybody else."""
    if not (spot.is_self or spot.holds(NUMBERS_VIEW)):
        return None
    return _number_lines(spot.ids)


def list_own_numbers(actor: Actor) -> tuple[registry.NumberLine, ...]:
    """The actor's own."""
    return _number_lines(tuple(registry.ids_of(actor.person_id))) if actor.person_id else ()


def _number_lines(ids: tuple[UUID, ...]) -> tuple[registry.NumberLine, ...]:
    rows = Identifier.objects.filter(person_id__in=ids, issuer__in=NumberKind.values)
    lines = [
        registry.NumberLine(
            label=str(NumberKind(row.issuer).label), value=row.value, valid_from=row.valid_from, valid_to=row.valid_to
        )
        for row in rows.order_by("-valid_from", "id")
    ]  # fmt: skip
    return tuple(sorted(lines, key=lambda line: line.valid_to is not None))


def list_identifiers(person_id: UUID) -> tuple[Identifier, ...]:
    """Who a person is elsewhere, now and before; merged records count. The caller has checked that its reader may know."""
    return tuple(
        Identifier.objects.filter(person_id__in=registry.ids_of(person_id)).order_by("issuer", "-valid_from", "id")
    )
