"""What applications received: of one person, for the person; of a place's people, for the place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor, require

from .. import policies, register
from ..models import Application, Consent, Participation, Release
from ..types.scopes import COLLECTED, SCOPES
from ..types.values import App
from .apps import as_app, with_grants
from .consents import Holder, consented_by_app
from .entering import Seat
from .shelf import list_cards

MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Fields of one person that an application received, over all days."""

    person_id: UUID | None
    number: str
    name: str
    place: str
    fields: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    count: int


_GIVEN = """
WITH rows AS (
    SELECT r.account_id, r.person_id, r.fields, r.first_at, r.last_at, r.count,
           coalesce(p.canonical_id, p.id) AS present
    FROM applications_release r LEFT JOIN registry_person p ON p.id = r.person_id
    WHERE r.application_id = %(app)s
), people AS (
    SELECT coalesce(present, account_id) AS key, present, account_id, min(first_at) AS first_at,
           max(last_at) AS last_at, sum(count)::int AS count
    FROM rows GROUP BY 1, 2, 3
), fields AS (
    SELECT coalesce(present, account_id) AS key, array_agg(DISTINCT f ORDER BY f) AS fields
    FROM rows, unnest(rows.fields) AS f GROUP BY 1
)
SELECT x.present, coalesce(max(p.number), max(a.login)), coalesce(max(p.name), max(a.name)),
       coalesce(max(o.name), ''), f.fields, min(x.first_at), max(x.last_at), sum(x.count)::int
FROM people x JOIN fields f ON f.key = x.key
LEFT JOIN registry_person p ON p.id = x.present
LEFT JOIN registry_organisation o ON o.id = p.organisation_id
LEFT JOIN identity_account a ON a.id = x.account_id
WHERE %(whole)s OR p.path <@ %(places)s::ltree[] OR EXISTS (
    SELECT 1 FROM registry_enrolment e WHERE e.person_id = p.id AND e.valid_to IS NULL AND e.path <@ %(places)s::ltree[])
GROUP BY x.key, x.present, f.fields ORDER BY 4, 3, 2 LIMIT %(most)s
"""


def list_given(actor: Actor, application: Application, *, most: int = MOST) -> tuple[Given, ...]:
    """Everybody of the actor's places of whom the application received something, each once with all fields.

    People who were merged stand under their present record. Exact, because each release was written before it was
    answered.
    """
    places = policies.release_places(actor)
    require(bool(places))
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN, {"app": application.id, "places": list(places), "most": most, "whole": actor.is_system})
        return tuple(
            Given(
                person_id=row[0], number=row[1], name=row[2], place=row[3], fields=tuple(row[4]), first_at=row[5],
                last_at=row[6], count=row[7],
            )
            for row in cursor.fetchall()
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """An application that somebody entered, or consented to, or that received something. ``collects`` are titles of what it
    takes by itself."""

    application: Any
    fields: tuple[str, ...]
    last_at: datetime | None
    consents: tuple[Any, ...]
    collects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """An application that waits for a guardian's consent to these scopes."""

    app: App
    scopes: tuple[str, ...]


def list_linked(actor: Actor, holder: Holder) -> tuple[Linked, ...]:
    """Applications linked with oneself, or with a child one guards; the latest first."""
    require(is_own_or_ward(actor, holder))
    releases = Release.objects.filter(holder.is_known).values_list("application_id", "fields", "last_at")
    consents = list(Consent.objects.filter(holder.is_known, ended_at=None).order_by("id"))
    fields: dict[UUID, set[str]] = {}
    last: dict[UUID, datetime] = {}
    for key, names, at in releases.order_by("-id")[:2000]:
        fields.setdefault(key, set()).update(names)
        last[key] = max(at, last.get(key, at))
    if holder.account_id is not None:
        entered = Participation.objects.filter(session__account_id=holder.account_id).order_by("-id")
        for key, at in entered.values_list("application_id", "last_at")[:2000]:
            last[key] = max(at, last.get(key, at))
    ids = {*last, *(one.application_id for one in consents)}
    rows = with_grants(Application.objects.filter(id__in=ids).select_related("vendor", "organisation"))
    made = [
        Linked(
            application=row, fields=titles_of(fields.get(row.id, ())), last_at=last.get(row.id),
            consents=tuple(one for one in consents if one.application_id == row.id),
            collects=tuple(str(COLLECTED[code].title) for code in as_app(row).collects),
        )
        for row in rows
    ]  # fmt: skip
    return tuple(
        sorted(made, key=lambda one: (one.last_at is not None, one.last_at or one.consents[0].given_at), reverse=True)
    )


def is_own_or_ward(actor: Actor, holder: Holder) -> bool:
    """Oneself, or a child that the actor guards (not as a 代办人)."""
    if actor.account_id is not None and actor.account_id == holder.account_id:
        return True
    wards = set(actor.things(registry.rights.PERSON_VIEW, "person"))
    return not wards.isdisjoint(holder.person_ids)


def holder_of_number(actor: Actor, number: str) -> Holder:
    """A child by person number, as far as the actor guards it; otherwise nothing is found."""
    person = registry.find_person(number)
    ids = registry.ids_of(person.id) if person else ()
    account = identity.find_account_of(person.id) if person else None
    return Holder(account_id=account.id if account else None, person_ids=ids)


def wards_of(actor: Actor) -> list[Any]:
    """Children whose consents the actor keeps, by name."""
    ids = set(actor.things(registry.rights.PERSON_VIEW, "person")) - {actor.person_id}
    return (
        list(register.people().filter(id__in=ids).order_by("name_key", "id")[:20]) if actor.role == "guardian" else []
    )


def list_asking(actor: Actor, holder: Holder) -> tuple[Asking, ...]:
    """Applications that the child's school uses for pupils and that wait for the guardian's consent, by name. Four statements;
    nothing for oneself, as one is asked at the door of the application."""
    require(is_own_or_ward(actor, holder))
    if not holder.person_ids or actor.person_id in holder.person_ids:
        return ()
    sat = register.of_person("enrolments").filter(person_id__in=holder.person_ids, valid_to=None)
    seats = [Seat("student", str(path)) for path in sat.values_list("school__path", flat=True)]
    apps = [
        card.app for card in list_cards(holder.account_id, seats) if card.app.consent_scopes and not card.app.is_sandbox
    ]
    given = consented_by_app(holder)
    waiting = [(app, set(app.consent_scopes) - given.get(app.id, set())) for app in apps]
    return tuple(Asking(app=app, scopes=tuple(sorted(missing))) for app, missing in waiting if missing)


def titles_of(names: Any) -> tuple[str, ...]:
    """Scopes, by title, to which claim names belong."""
    held = set(names)
    return tuple(str(scope.title) for scope in SCOPES.values() if scope.code != "openid" and held & set(scope.claims))
