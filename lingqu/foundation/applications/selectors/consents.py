"""Which scopes need somebody's consent, and whose consent counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel.clock import today

from .. import register
from ..models import Consent, ScopeGrant
from ..types.scopes import DECLARED, SCOPES
from ..types.values import App

CONSENT_AGE = 14
"""Below it the guardian consents (个人信息保护法 第三十一条)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose data it is: an account with all ids that stand for its person."""

    account_id: UUID | None
    person_ids: tuple[UUID, ...]

    @property
    def is_known(self) -> Q:
        """Rows about this holder."""
        by_person = Q(person_id__in=self.person_ids) if self.person_ids else Q(pk__in=[])
        return by_person | Q(account_id=self.account_id) if self.account_id else by_person


def holder_of(account_id: UUID) -> Holder:
    """Two statements at most."""
    person_id = register.accounts().filter(id=account_id).values_list("person_id", flat=True).first()
    return Holder(account_id=account_id, person_ids=registry.ids_of(person_id) if person_id else ())


def consented_scopes(app: App, holder: Holder) -> frozenset[str]:
    """Scopes for which a consent stands."""
    rows = Consent.objects.filter(holder.is_known, application_id=app.id, ended_at=None)
    return frozenset(scope for scopes in rows.values_list("scopes", flat=True) for scope in scopes)


def consented_by_app(holder: Holder) -> dict[UUID, set[str]]:
    """Scopes for which a consent stands, by application."""
    found: dict[UUID, set[str]] = {}
    rows = Consent.objects.filter(holder.is_known, ended_at=None).values_list("application_id", "scopes")
    for application_id, scopes in rows:
        found.setdefault(application_id, set()).update(scopes)
    return found


def consented_of_many(app: App, accounts: Iterable[Any]) -> dict[UUID, set[str]]:
    """Scopes for which a consent of the holder stands, by account; two statements. ``accounts`` come with their person."""
    owners = {one.person.canonical_id or one.person_id: one.id for one in accounts if one.person_id}
    alike = register.people().filter(Q(id__in=owners) | Q(canonical_id__in=owners)).values_list("id", "canonical_id")
    by_person = {person_id: owners.get(canonical_id or person_id) for person_id, canonical_id in alike}
    ids = [one.id for one in accounts]
    rows = Consent.objects.filter(
        Q(account_id__in=ids) | Q(person_id__in=by_person), application_id=app.id, ended_at=None
    ).values_list("account_id", "person_id", "scopes")
    found: dict[UUID, set[str]] = {one: set() for one in ids}
    for account_id, person_id, scopes in rows:
        owner = by_person.get(person_id) or account_id
        if owner in found:
            found[owner] |= set(scopes)
    return found


def missing_consent(
    *, app: App, account_id: UUID, scopes: Iterable[str], session: identity.SessionFact | None = None
) -> tuple[str, ...]:
    """Scopes for which somebody has to be asked before they may be given: granted on the basis of consent, and none stands.
    What the application collects by itself is asked for whatever it asks of us. Nothing is read if there are none."""
    wanted = (fit_for(session, scopes) & set(app.consent_scopes)) | set(app.collects)
    return tuple(sorted(wanted - consented_scopes(app, holder_of(account_id)))) if wanted else ()


def fit_for(session: identity.SessionFact | None, scopes: Iterable[str]) -> set[str]:
    """Those of the scopes that may be given where the session is: a class screen hangs in front of everybody."""
    is_shown = session is not None and session.kind == identity.SessionKind.CLASS_SCREEN
    return {code for code in scopes if code in SCOPES and not (is_shown and SCOPES[code].is_sensitive)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a consent page says of one scope; ``purpose`` is what the application gave for it."""

    title: str
    told: str
    purpose: str
    is_by_consent: bool
    is_collected: bool


def wording_of(app: App, scopes: Iterable[str]) -> tuple[Wording, ...]:
    """Those of the scopes that the application is granted or has declared, in the order of the table; one statement."""
    rows = ScopeGrant.objects.filter(application_id=app.id, ended_at=None).values_list("scope", "purpose")
    purposes, wanted = dict(rows), set(scopes) & {*app.scopes, *app.collects}
    return tuple(
        Wording(
            title=str(one.title), told=str(one.told), purpose=purposes.get(one.code, ""),
            is_by_consent=one.code in app.consent_scopes, is_collected=one.code in app.collects,
        )
        for one in DECLARED.values()
        if one.code in wanted
    )  # fmt: skip


def needs_guardian(person_ids: Iterable[UUID], day: date | None = None) -> bool:
    """Whether the guardian has to answer: a pupil under 14, or one whose birth date nobody knows."""
    ids, at = tuple(person_ids), day or today()
    if not ids or not register.of_person("enrolments").filter(person_id__in=ids, valid_to=None).exists():
        return False
    born = register.people().filter(id=ids[0]).values_list("birth_date", flat=True).first()
    return born is None or is_younger(born, CONSENT_AGE, at)


def is_younger(born: date, years: int, at: date) -> bool:
    """Whether somebody has not yet had the birthday; 29 February counts as 1 March."""
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day)) < years
