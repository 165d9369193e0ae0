"""What an application is told about an account. One function for every protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto
from lingqu.kernel.clock import ZONE, now

from .. import register
from ..models import LegacyAccount
from ..types.scopes import SCOPES
from ..types.values import App
from ..types.words import MatchState
from .consents import consented_of_many, consented_scopes, fit_for, holder_of
from .sandbox import find_sandbox_person

GENDERS = {"1": "male", "2": "female"}
LISTED = frozenset({"profile", "email", "person_number"})
"""What a list of people may say of each; their claims need nothing but account and person."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the claims are made of; read once."""

    app: App
    account: Any
    person: Any
    person_ids: tuple[UUID, ...]


def released_scopes(
    *, app: App, account_id: UUID, scopes: Iterable[str], session: identity.SessionFact | None = None
) -> tuple[str, ...]:
    """Scopes that may be given now: asked for, granted, consented where consent is the basis, fit for the screen."""
    given = fit_for(session, scopes) & set(app.scopes)
    if by_consent := given & set(app.consent_scopes):
        given -= by_consent - consented_scopes(app, holder_of(account_id))
    return tuple(code for code in SCOPES if code in given)


def claims_of(
    *, app: App, account_id: UUID, scopes: Iterable[str], subject: str, session: identity.SessionFact | None = None
) -> dict[str, Any]:
    """``sub``, and the claims of every scope that may be given; claims without a value are left out."""
    given = released_scopes(app=app, account_id=account_id, scopes=scopes, session=session)
    claims: dict[str, Any] = {"sub": subject}
    if not set(given) - {"openid"}:
        return claims
    if app.is_sandbox:
        return claims | _invented(app, account_id, given)
    account = identity.get_account(account_id)
    ids = registry.ids_of(account.person_id) if account.person_id else ()
    person = register.people().filter(id=ids[0]).first() if ids else None
    known = Known(app, account, person, ids)
    for code in given:
        if code in _MAKERS:
            claims |= {name: value for name, value in _MAKERS[code](known).items() if value not in ("", None)}
    return claims


def claims_of_many(*, app: App, account_ids: Iterable[UUID], scopes: Iterable[str]) -> dict[UUID, dict[str, Any]]:
    """The same without ``sub`` for a list of people, by account: of ``scopes`` those in :data:`LISTED`. Three statements at
    most. Nobody is in a list of a sandbox."""
    wanted = set(scopes) & set(app.scopes) & LISTED
    if not wanted or app.is_sandbox:
        return {}
    accounts = list(register.accounts().filter(id__in=list(account_ids)).select_related("person__canonical"))
    agreed = consented_of_many(app, accounts) if wanted & set(app.consent_scopes) else {}
    found = {}
    for account in accounts:
        person = (account.person.canonical or account.person) if account.person else None
        known = Known(app, account, person, (person.id,) if person else ())
        codes = wanted - (set(app.consent_scopes) - agreed.get(account.id, set()))
        made = {name: value for code in sorted(codes) for name, value in _MAKERS[code](known).items()}
        found[account.id] = {name: value for name, value in made.items() if value not in ("", None)}
    return found


def _invented(app: App, account_id: UUID, given: Iterable[str]) -> dict[str, Any]:
    """What a sandbox person is said to be."""
    found = find_sandbox_person(app.vendor_id, account_id)
    return {name: value for code in given for name, value in (found.claims if found else {}).get(code, {}).items()}


def _profile(known: Known) -> dict[str, Any]:
    if known.person is None:
        return {"name": known.account.name}
    return {"name": known.person.name, "updated_at": int(known.person.updated_at.timestamp())}


def _gender(known: Known) -> dict[str, Any]:
    return {"gender": GENDERS.get(known.person.sex, "") if known.person else ""}


def _roles(known: Known) -> dict[str, Any]:
    """Every role that holds now, with its organisation where it has one."""
    at, standing = now(), identity.standing_of(known.account)
    choices = [choice for choice in standing.choices if choice.is_live(at)]
    rows = register.organisations().filter(id__in=[one.organisation_id for one in choices if one.organisation_id])
    codes = dict(rows.values_list("id", "code"))
    return {
        "lingqu_roles": [
            {"role": one.role}
            | (
                {"organisation": {"code": codes.get(one.organisation_id) or "", "name": one.organisation_name}}
                if one.organisation_id
                else {}
            )
            for one in choices
        ]
    }


def _classes(known: Known) -> dict[str, Any]:
    """Classes somebody sits in, heads or teaches, each once."""
    if known.person is None:
        return {}
    facts = registry.relations_of(known.person.id)
    ids = {fact.class_id for fact in (*facts.classes, *facts.head_classes, *facts.taught_classes)}
    rows = register.classes().filter(id__in=ids).order_by("name", "id").values_list("id", "name", "grades")
    return {"lingqu_classes": [{"id": str(key), "name": name, "grade": ",".join(grades)} for key, name, grades in rows]}


def _person_number(known: Known) -> dict[str, Any]:
    return {"lingqu_person_number": known.person.number if known.person else ""}


def _phone(known: Known) -> dict[str, Any]:
    """The register's number; verified when it is the one the account proved."""
    phone = crypto.unseal_fields(known.person.sealed).get("phone", "") if known.person else ""
    if not phone:
        return {}
    proved = known.account.verified_phone_blind
    return {
        "phone_number": phone,
        "phone_number_verified": proved is not None and proved == crypto.blind("phone", phone),
    }


def _email(known: Known) -> dict[str, Any]:
    """The proved address, else the register's."""
    address = known.account.verified_email or (known.person.email if known.person else "")
    return {"email": address, "email_verified": address == known.account.verified_email} if address else {}


def _real_name(known: Known) -> dict[str, Any]:
    proof = identity.open_proofs([known.account.id]).get(known.account.id)
    told: dict[str, Any] = {"verified": proof is not None}
    return {
        "lingqu_real_name": told
        | ({"source": proof.source, "on": proof.noted_at.astimezone(ZONE).date().isoformat()} if proof else {})
    }


def _vendor_user(known: Known) -> dict[str, Any]:
    found = LegacyAccount.objects.filter(
        application_id=known.app.id, person_id__in=known.person_ids, state=MatchState.MATCHED
    ).order_by("id")
    return {"lingqu_vendor_user": found.values_list("vendor_user", flat=True).first()}


_MAKERS: dict[str, Callable[[Known], dict[str, Any]]] = {
    "profile": _profile, "gender": _gender, "roles": _roles, "classes": _classes, "person_number": _person_number,
    "phone": _phone, "email": _email, "real_name": _real_name, "vendor_user": _vendor_user,
}  # fmt: skip
