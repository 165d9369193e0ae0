"""Actors to persons: at once when it can be known, later when it becomes known. Statements are never rewritten for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.kernel.clock import now
from lingqu.kernel.jobs import checkpoint

from .. import register
from ..models import Actor, Face
from ..selectors.restoring import faces_of

CHUNK, ASK_AGAIN = 500, timedelta(days=7)
_LOCK = "SELECT 1 FROM records_actor WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_UPDATE = """UPDATE records_actor a SET person_id = u.person, asked_at = u.at
FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::uuid[]) AS person, %s::timestamptz AS at) u WHERE a.id = u.id"""


def link_actors(most: int = 20_000) -> int:
    """Ask for those never asked and, weekly, those unknown so far; returns how many became known."""
    linked = 0
    for _chunk in range(0, most, CHUNK):
        unknown = Actor.objects.filter(person=None).select_related("tenant")
        rows = list(unknown.filter(asked_at=None).order_by("id")[:CHUNK])
        rows = rows or list(unknown.filter(asked_at__lt=now() - ASK_AGAIN).order_by("asked_at", "id")[:CHUNK])
        if not rows:
            break
        linked += _link(rows)
        checkpoint()
    return linked


def _link(rows: Sequence[Actor]) -> int:
    newest = dict(Face.objects.filter(actor__in=rows).order_by("id").values_list("actor_id", "id"))
    faces = faces_of(set(newest.values()))
    known = people_of([(row, faces[newest[row.pk]]) for row in rows if row.pk in newest])
    with transaction.atomic(), connection.cursor() as cursor:
        ids = [row.pk for row in rows]
        cursor.execute(_LOCK, [ids])
        cursor.execute(_UPDATE, [ids, [known.get(one) for one in ids], now()])
    return len(known)


def people_of(asked: Sequence[tuple[Actor, dict[str, Any]]]) -> dict[int, UUID]:
    """The persons that identifiers mean, by actor: our own account or the application's id of it, an identifier that somebody
    else issued, or an address that its owner proved. Whoever nobody knows is left out."""
    own: list[tuple[Actor, tuple[str, str]]] = []
    others: list[tuple[Actor, tuple[str, str]]] = []
    found: dict[int, UUID | None] = {}
    for actor, agent in asked:
        account = agent.get("account")
        if account is not None and "\0" not in account["name"]:
            issuer = account["homePage"].rstrip("/")
            (own if issuer == settings.LINGQU_PUBLIC_URL else others).append((actor, (issuer, account["name"])))
        elif "mbox" in agent:
            found[actor.pk] = identity.person_with_email(agent["mbox"].removeprefix("mailto:"))
    issued = _by_issuer({pair for _actor, pair in others})
    found |= {actor.pk: issued.get(pair) for actor, pair in others}
    numbers = {name for _actor, (_issuer, name) in own}
    numbered = dict(register.people().filter(number__in=numbers).values_list("number", "id")) if numbers else {}
    found |= {actor.pk: numbered.get(name) or _by_subject(actor, name) for actor, (_issuer, name) in own}
    return {number: person for number, person in found.items() if person is not None}


def _by_issuer(pairs: set[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """Identifiers that somebody else issued; one query for each issuer."""
    values: dict[str, list[str]] = {}
    for issuer, value in pairs:
        values.setdefault(issuer, []).append(value)
    rows = register.of_person("external_identifiers").filter(valid_to=None).exclude(person=None)
    return {
        (issuer, value): person
        for issuer, wanted in values.items()
        for value, person in rows.filter(issuer=issuer, value__in=wanted).values_list("value", "person_id")
    }


def _by_subject(actor: Actor, name: str) -> UUID | None:
    if actor.tenant.application_id is None:
        return None
    app = applications.get_application(actor.tenant.application_id)
    account_id = applications.find_account_by_subject(app=app, subject=name)
    return identity.get_account(account_id).person_id if account_id else None
