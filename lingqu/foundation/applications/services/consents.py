"""Giving and taking back consent: by oneself, by a guardian for a child."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Forbidden, Invalid, NotFound

from .. import register
from ..models import Consent
from ..selectors.apps import get_application
from ..selectors.consents import Holder, consented_scopes, holder_of, needs_guardian
from ..types.events import ConsentEnded
from ..types.values import App


@transaction.atomic
def give_consent(*, actor: Actor, app: App, account_id: UUID, scopes: Iterable[str]) -> None:
    """The account itself agrees, or its guardian; only for scopes whose basis is consent. Repeating changes nothing.

    A pupil under 14 cannot agree alone: :class:`Forbidden` with code ``guardian_needed``.
    """
    holder = holder_of(account_id)
    giver = _giver(actor, holder)
    if giver == "self" and needs_guardian(holder.person_ids):
        raise Forbidden(_("未满 14 岁的学生要由监护人同意。"), code="guardian_needed")
    _give(actor, app, holder, scopes, giver)


@transaction.atomic
def give_consent_for(*, actor: Actor, app: App, person_id: UUID, scopes: Iterable[str]) -> None:
    """A guardian agrees for a child, whether or not the child has an account."""
    holder = holder_of_person(person_id)
    _give(actor, app, holder, scopes, _giver(actor, holder))


@transaction.atomic
def end_consent(*, actor: Actor, consent_id: int) -> None:
    """Taken back by whoever may give it; tokens with these scopes end."""
    row = Consent.objects.select_for_update().filter(id=consent_id, ended_at=None).first()
    if row is None:
        raise NotFound(_("没有这份同意。"))
    holder = holder_of_person(row.person_id) if row.person_id else Holder(account_id=row.account_id, person_ids=())
    _giver(actor, holder)
    row.ended_at, row.ended_by = now(), actor.name
    row.save(update_fields=["ended_at", "ended_by"])
    app = get_application(row.application_id)
    _trace(actor, "applications.consent_ended", app, holder, row.scopes)
    if account_id := row.account_id or holder.account_id:
        events.publish(ConsentEnded(application_id=app.id, account_id=account_id, scopes=tuple(row.scopes)))


def holder_of_person(person_id: UUID) -> Holder:
    account = identity.find_account_of(person_id)
    return Holder(account_id=account.id if account else None, person_ids=registry.ids_of(person_id))


def _giver(actor: Actor, holder: Holder) -> str:
    """``self`` or ``guardian``; anybody else is refused. A 代办人 holds no right on the child and is refused too."""
    if actor.account_id is not None and actor.account_id == holder.account_id:
        return "self"
    if actor.person_id is not None and actor.person_id in holder.person_ids:
        return "self"
    wards = set(actor.things(registry.rights.PERSON_VIEW, "person"))
    is_guardian = actor.role == "guardian" and not wards.isdisjoint(holder.person_ids)
    if not is_guardian:
        raise Forbidden()
    return "guardian"


def _give(actor: Actor, app: App, holder: Holder, scopes: Iterable[str], giver: str) -> None:
    asked = set(scopes)
    if foreign := sorted(asked - set(app.consent_scopes)):
        raise Invalid(_("这些信息不以同意为依据，不用也不能在这里同意：%(scopes)s。") % {"scopes": "、".join(foreign)})
    _lock(app, holder)
    wanted = sorted(asked - consented_scopes(app, holder))
    if not wanted:
        return
    Consent.objects.create(
        application_id=app.id, account_id=holder.account_id, person_id=holder.person_ids[0] if holder.person_ids else None,
        scopes=wanted, given_by=giver, giver_name=actor.name,
    )  # fmt: skip
    _trace(actor, "applications.consent_given", app, holder, wanted)


def _lock(app: App, holder: Holder) -> None:
    """Two tabs that agree at once leave one row."""
    same = Q(id=holder.account_id) if holder.account_id else Q(person_id__in=holder.person_ids)
    list(register.accounts().select_for_update(of=("self",)).filter(same).values_list("id", flat=True))


def _trace(actor: Actor, action: str, app: App, holder: Holder, scopes: Iterable[str]) -> None:
    path = None
    if holder.person_ids:
        path = register.people().filter(id=holder.person_ids[0]).values_list("path", flat=True).first()
    audit.record(
        actor, action, subject_kind="person" if holder.person_ids else "account",
        subject_id=holder.person_ids[0] if holder.person_ids else holder.account_id,
        path=str(path) if path else app.organisation_path, data={"application": app.client_id, "scopes": sorted(scopes)},
    )  # fmt: skip
