"""Actors to persons: at once when it can be known, later when it becomes known. Statements are never rewritten for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel.clock import now
from lingqu.kernel.jobs import checkpoint

from .. import register
from ..models import Actor, Face
from ..selectors.restoring import faces_of

CHUNK, ASK_AGAIN = 500, timedelta(days=7)


def link_actors(most: int = 20_000) -> int:
    """Ask for those never asked and, weekly, those unknown so far; returns how many became known."""
    linked = 0
    for _chunk in range(0, most, CHUNK):
        waiting = Actor.objects.filter(Q(asked_at=None) | Q(asked_at__lt=now() - ASK_AGAIN), person=None)
        rows = list(waiting.select_related("tenant").order_by(F("asked_at").asc(nulls_first=True), "id")[:CHUNK])
        if not rows:
            break
        linked += _link(rows)
        checkpoint()
    return linked


def _link(rows: Sequence[Actor]) -> int:
    newest = dict(Face.objects.filter(actor__in=rows).order_by("id").values_list("actor_id", "id"))
    faces = faces_of(set(newest.values()))
    known = {row.pk: person_of(row, faces[newest[row.pk]]) for row in rows if row.pk in newest}
    at = now()
    for row in rows:
        row.person_id, row.asked_at = known.get(row.pk), at
    with transaction.atomic():
        Actor.objects.filter(id__in=[row.pk for row in rows]).order_by("id").select_for_update().count()
        Actor.objects.bulk_update(sorted(rows, key=lambda row: row.pk), ["person_id", "asked_at"])
    return sum(1 for one in known.values() if one)


def person_of(actor: Actor, agent: dict[str, Any]) -> UUID | None:
    """The person that an identifier means: our own account or the application's id of it, an identifier that somebody else
    issued, or an address that its owner proved."""
    account = agent.get("account")
    if account is not None:
        return _by_account(actor, account["homePage"].rstrip("/"), account["name"])
    if "mbox" in agent:
        return identity.person_with_email(agent["mbox"].removeprefix("mailto:"))
    return None


def _by_account(actor: Actor, issuer: str, name: str) -> UUID | None:
    if issuer == settings.LINGQU_PUBLIC_URL:
        if person := registry.find_person(name):
            return person.id
        if actor.tenant.application_id is not None:
            app = applications.get_application(actor.tenant.application_id)
            account_id = applications.find_account_by_subject(app=app, subject=name)
            return identity.get_account(account_id).person_id if account_id else None
        return None
    rows = register.of_person("external_identifiers").filter(issuer=issuer, value=name, valid_to=None)
    found: UUID | None = rows.exclude(person=None).values_list("person_id", flat=True).first()
    return found
