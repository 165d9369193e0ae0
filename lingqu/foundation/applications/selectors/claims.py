"""What an application is told about an account. One function for every protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.translation import gettext as _

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto
from lingqu.kernel.clock import ZONE, now, today
from lingqu.kernel.compiled import Compiled
from lingqu.kernel.errors import NotFound

from .. import register
from ..models import LegacyAccount, Release, SandboxPerson
from ..types.scopes import SCOPES
from ..types.values import App
from ..types.words import MatchState
from .consents import consented_of_many, consented_scopes, fit_for, holder_of

GENDERS = {"1": "male", "2": "female"}
LISTED = frozenset({"profile", "email", "person_number"})
"""What a list of people may say of each; their claims need nothing but account and person."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the claims are made of; read once."""

    app: App
    account: Any
    person: Any
    path: str = ""
    """Where the account's own record of the person stands; empty without one."""
    told_today: Mapping[bytes, int] = field(default_factory=dict)
    """Releases of this account to the application that stand on the trail today: their ids by digest of the fields."""


# In the order of the models, as ``from_db`` takes them.
_ACCOUNT = ("id", "person_id", "login", "name", "state", "epoch", "verified_phone_blind", "verified_email", "last_role")
_PERSON = ("id", "number", "canonical_id", "path", "name", "sex", "sealed", "email", "updated_at")
_READ = Compiled(
    lambda account_id, application_id, protocol, day: _read(account_id, application_id, protocol, day),
    account_id=UUID(int=1), application_id=UUID(int=2), protocol="an example", day=date(2000, 1, 1),
)  # fmt: skip


def known_of(*, app: App, account_id: UUID, protocol: str = "") -> Known:
    """Account, person, and what was told today by a protocol; one statement, another for somebody whose record was merged."""
    row = _READ.row(account_id=account_id, application_id=app.id, protocol=protocol, day=today())
    if row is None:
        raise NotFound(_("没有这个账号。"))
    *mine, digests, ids = row
    accounts, people = register.accounts().model, register.people().model
    account = accounts.from_db("default", _ACCOUNT, mine[: len(_ACCOUNT)])
    own = people.from_db("default", _PERSON, mine[len(_ACCOUNT) :]) if account.person_id else None
    person = own.canonical if own is not None and own.canonical_id else own
    told = dict(zip(map(bytes, digests), ids, strict=True))
    return Known(app, account, person, str(own.path) if own else "", told)


def _read(account_id: UUID, application_id: UUID, protocol: str, day: date) -> Any:
    told = Release.objects.filter(
        application_id=application_id, account_id=OuterRef("id"), protocol=protocol, day=day
    ).order_by("fields_digest")
    return (
        register.accounts()
        .filter(id=account_id)
        .values_list(
            *_ACCOUNT, *(f"person__{name}" for name in _PERSON), ArraySubquery(told.values("fields_digest")),
            ArraySubquery(told.values("id")),
        )
    )  # fmt: skip


def released_scopes(
    *, app: App, account_id: UUID, scopes: Iterable[str], session: identity.SessionFact | None = None
) -> tuple[str, ...]:
    """Scopes that may be given now: asked for, granted, consented where consent is the basis, fit for the screen."""
    given = fit_for(session, scopes) & set(app.scopes)
    if by_consent := given & set(app.consent_scopes):
        given -= by_consent - consented_scopes(app, holder_of(account_id))
    return tuple(code for code in SCOPES if code in given)


def claims_of(
    *,
    app: App,
    account_id: UUID,
    scopes: Iterable[str],
    subject: str,
    session: identity.SessionFact | None = None,
    known: Known | None = None,
) -> dict[str, Any]:
    """``sub``, and the claims of every scope that may be given; claims without a value are left out. ``known`` is read
    where the caller has not done so."""
    given = released_scopes(app=app, account_id=account_id, scopes=scopes, session=session)
    claims: dict[str, Any] = {"sub": subject}
    if not set(given) - {"openid"}:
        return claims
    if app.is_sandbox:
        return claims | _invented(app, account_id, given)
    known = known or known_of(app=app, account_id=account_id)
    for code in given:
        if code in _MAKERS:
            claims |= {name: value for name, value in _MAKERS[code](known).items() if value not in ("", None)}
    return claims


def claims_of_many(*, app: App, account_ids: Iterable[UUID], scopes: Iterable[str]) -> dict[UUID, dict[str, Any]]:
    """The same without ``sub`` for a list of people, by account: of ``scopes`` those in :data:`LISTED`. Four statements at
    most."""
    wanted = set(scopes) & set(app.scopes) & LISTED
    if not wanted:
        return {}
    accounts = list(register.accounts().filter(id__in=list(account_ids)).select_related("person__canonical"))
    agreed = consented_of_many(app, accounts) if wanted & set(app.consent_scopes) else {}
    invented = _invented_of_many(app, [account.id for account in accounts]) if app.is_sandbox else {}
    found = {}
    for account in accounts:
        person = (account.person.canonical or account.person) if account.person else None
        known, own = Known(app, account, person), invented.get(account.id, {})
        codes = wanted - (set(app.consent_scopes) - agreed.get(account.id, set()))
        parts = (own.get(code, {}) if app.is_sandbox else _MAKERS[code](known) for code in sorted(codes))
        made = {name: value for part in parts for name, value in part.items()}
        found[account.id] = {name: value for name, value in made.items() if value not in ("", None)}
    return found


def _invented(app: App, account_id: UUID, given: Iterable[str]) -> dict[str, Any]:
    """What a sandbox person is said to be."""
    claims = _invented_of_many(app, [account_id]).get(account_id, {})
    return {name: value for code in given for name, value in claims.get(code, {}).items()}


def _invented_of_many(app: App, account_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Invented claims by scope, of the vendor's own sandbox people only."""
    if app.vendor_id is None:
        return {}
    rows = SandboxPerson.objects.filter(vendor_id=app.vendor_id, account_id__in=list(account_ids))
    return dict(rows.values_list("account_id", "claims"))


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
    ids = registry.ids_of(known.person.id) if known.person else ()
    found = LegacyAccount.objects.filter(
        application_id=known.app.id, person_id__in=ids, state=MatchState.MATCHED
    ).order_by("id")
    return {"lingqu_vendor_user": found.values_list("vendor_user", flat=True).first()}


_MAKERS: dict[str, Callable[[Known], dict[str, Any]]] = {
    "profile": _profile, "gender": _gender, "roles": _roles, "classes": _classes, "person_number": _person_number,
    "phone": _phone, "email": _email, "real_name": _real_name, "vendor_user": _vendor_user,
}  # fmt: skip
