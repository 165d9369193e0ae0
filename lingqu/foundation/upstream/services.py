"""Who somebody from above is here: known, found by verified attributes, or put on the work list. Logout from above."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, crypto, outgoing
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now, today
from lingqu.kernel.errors import Conflict, Invalid, NotFound

from . import policies, register
from .adapters import ADAPTERS
from .adapters import cas as cas_adapter
from .adapters import oidc as oidc_adapter
from .models import Identifier, Source, SpentToken, Unmatched, Visit
from .types import ATTRIBUTES, LINK, MANAGE, Arrived, Distrusted, Kind, NumberKind, Reason, UnmatchedState

MOST_VALUE = 400
KEPT_DAYS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Whose account somebody from above enters; without one ``reason`` says why not."""

    account_id: UUID | None = None
    reason: str = ""


# ---- sources --------------------


def save_source(*, actor: Actor, code: str, values: Mapping[str, Any], secret: str = "") -> Source:
    """Make or change a source. An empty secret keeps the one there is. Raises :class:`Invalid` with a sentence per field."""
    policies.require_top(actor, MANAGE)
    checked = _checked(values)
    if secret:
        checked["sealed"] = crypto.seal_fields({"secret": secret})
    with transaction.atomic():
        saved, _made = Source.objects.update_or_create(code=code, defaults=checked)
        audit.record(
            actor, "upstream.source.saved", subject_kind="upstream_source", subject_id=saved.id,
            data={"code": code, "kind": saved.kind, "is_open": saved.is_open, "link_by": list(saved.link_by),
                  "trusts_factor": saved.trusts_factor},
        )  # fmt: skip
    return saved


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    errors: dict[str, str] = {}
    kind, options = str(values.get("kind", "")), dict(values.get("options") or {})
    if kind not in Kind.values:
        raise Invalid(_("请选择一种登录方式。"), details={"kind": _("请选择一种登录方式。")})
    if not str(values.get("name", "")).strip():
        errors["name"] = _("请填写名称。")
    for name in ADAPTERS[kind].needs:
        if not options.get(name):
            errors[name] = _("请填写这一项。")
    for name, value in options.items():
        if value and (name == "issuer" or name.endswith("_url")):
            try:
                outgoing.check_address(str(value))
            except outgoing.OutgoingRefused as refusal:
                errors[name] = refusal.message
    if unknown := set(values.get("link_by") or ()) - set(ATTRIBUTES):
        errors["link_by"] = _("没有这样的属性：%(names)s。") % {"names": ", ".join(sorted(unknown))}
    if errors:
        raise Invalid(next(iter(errors.values())), details=errors)
    return {
        "name": str(values["name"]).strip()[:60], "kind": kind, "options": options,
        "issuer": str(values.get("issuer") or options.get("issuer") or options.get("server_url") or kind)[:MOST_VALUE],
        "link_by": list(values.get("link_by") or ()), "is_open": bool(values.get("is_open")),
        "trusts_factor": bool(values.get("trusts_factor")),
    }  # fmt: skip


def secret_of(source: Source) -> str:
    return crypto.unseal_fields(source.sealed).get("secret", "")


def find_source(code: str) -> Source:
    found = Source.objects.filter(code=code, is_open=True).first()
    if found is None:
        raise NotFound(_("没有这个登录入口。"))
    return found


# ---- who somebody is --------------------


@transaction.atomic
def place(*, source: Source, arrived: Arrived) -> Placed:
    """The account of somebody from above: known by the identifier, else found by what the source has verified."""
    known = Identifier.objects.filter(issuer=source.issuer, value=_value(arrived), valid_to=None).first()
    if known is not None:
        return _account_of(known.person_id)
    if not source.link_by:
        return Placed()
    found = _matching(source.link_by, arrived.facts)
    if len(found) != 1:
        return _unmatched(source, arrived, Reason.SEVERAL if found else Reason.NOBODY)
    person = found[0]
    if arrived.name and _plain(arrived.name) != _plain(person.name):
        return _unmatched(source, arrived, Reason.NAME)
    try:
        with transaction.atomic():
            link_person(
                source=source, person_id=person.id, value=_value(arrived), by="attributes", actor=_actor(source)
            )
    except Conflict:
        return _unmatched(source, arrived, Reason.TAKEN)
    placed = _account_of(person.id)
    if placed.account_id and arrived.name and "id_number" in source.link_by and arrived.facts.get("id_number"):
        identity.note_real_name(
            actor=_actor(source),
            account_id=placed.account_id,
            source=identity.RealNameSource.UPSTREAM,
            detail=source.name,
        )
    return placed


def _actor(source: Source) -> Actor:
    return Actor.system(f"upstream {source.code}")


def _value(arrived: Arrived) -> str:
    return arrived.subject[:MOST_VALUE]


def _plain(name: str) -> str:
    """A name without blanks and full-width forms."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def _account_of(person_id: UUID) -> Placed:
    """The person's account, in use from now on."""
    account = identity.find_account_of(person_id)
    if account is None or account.state in ("locked", "closed") or not registry.may_message(person_id):
        return Placed(reason="stopped")
    identity.put_in_use(account)
    return Placed(account_id=account.id)


def _matching(link_by: Sequence[str], facts: Mapping[str, str]) -> list[Any]:
    """People on whom every told attribute agrees; merged records count as the one they are."""
    chosen: set[UUID] | None = None
    for name in link_by:
        if not facts.get(name):
            continue
        ids = {row.canonical_id or row.id for row in _people_by(name, facts[name].strip())}
        chosen = ids if chosen is None else chosen & ids
    return list(register.people().filter(id__in=list(chosen or ())[:3]))


def _people_by(name: str, value: str) -> list[Any]:
    if name == "school_staff":
        code, _dash, number = value.partition("-")
        found = registry.find_person_by_staff_number(code, number)
        return [found] if found else []
    if name in NumberKind.values:
        held = Identifier.objects.filter(issuer=name, value=value, valid_to=None).values("person_id")
        return list(register.people().filter(id__in=held)[:3])
    column, wanted = {
        "id_number": ("id_blind", lambda: crypto.blind("id", value.upper())), "person_number": ("number", lambda: value),
        "phone": ("phone_blind", lambda: crypto.blind("phone", value.removeprefix("+86"))),
    }[name]  # fmt: skip
    return list(register.people().filter(**{column: wanted()})[:3])


def link_person(*, source: Source, person_id: UUID, value: str, by: str, actor: Actor) -> Identifier:
    """Note who a person is above. Raises :class:`Conflict` when either side is linked already."""
    try:
        with transaction.atomic():
            made = Identifier.objects.create(
                person_id=person_id, issuer=source.issuer, value=value, valid_from=today(), linked_by=by
            )
            audit.record(
                actor,
                "upstream.linked",
                subject_kind="person",
                subject_id=person_id,
                data={"source": source.code, "by": by},
            )
    except IntegrityError as error:
        raise Conflict(_("这个外部账号或这个人已经对应过了。")) from error
    Unmatched.objects.filter(source=source, subject=value, state=UnmatchedState.OPEN).update(
        state=UnmatchedState.LINKED, decided_by=actor.name, decided_at=now(), sealed=None
    )
    return made


@transaction.atomic
def end_own_identifier(*, actor: Actor, identifier_id: int) -> Identifier:
    """Unbind: the account above enters here no more, and its sessions are over. The row stays, with its end.

    Raises :class:`NotFound` for a binding that is over or somebody else's, and for a number that its issuer gave.
    """
    own = Identifier.objects.select_for_update().filter(id=identifier_id, valid_to=None)
    own = own.exclude(issuer__in=NumberKind.values)
    ended = own.filter(person_id__in=registry.ids_of(actor.person_id)).first() if actor.person_id else None
    if ended is None:
        raise NotFound(_("没有这个绑定，或者已经解除了。"))
    ended.valid_to = today()
    ended.save(update_fields=["valid_to"])
    audit.record(
        actor, "upstream.unlinked", subject_kind="person", subject_id=ended.person_id, data={"issuer": ended.issuer}
    )
    _end(Visit.objects.filter(source__issuer=ended.issuer, subject=ended.value))
    return ended


def _unmatched(source: Source, arrived: Arrived, reason: Reason) -> Placed:
    told = crypto.seal_fields({"name": arrived.name[:60], **{key: value[:100] for key, value in arrived.facts.items()}})
    row, made = Unmatched.objects.get_or_create(
        source=source, subject=_value(arrived), defaults={"reason": reason, "sealed": told}
    )
    if not made and row.state != UnmatchedState.DISMISSED:
        Unmatched.objects.filter(id=row.id).update(
            reason=reason, sealed=told, times=F("times") + 1, last_at=now(), state=UnmatchedState.OPEN
        )
    return Placed(reason=reason)


# ---- the work list --------------------


@transaction.atomic
def decide(*, actor: Actor, unmatched_id: int, number: str = "", is_ours: bool = True) -> None:
    """Link a row of the work list to the person with this number, or say that it is nobody of ours."""
    policies.require_top(actor, LINK)
    row = Unmatched.objects.select_for_update(of=("self",)).select_related("source").filter(id=unmatched_id).first()
    if row is None or row.state != UnmatchedState.OPEN:
        raise Conflict(_("这一条已经办过了。"))
    if not is_ours:
        row.state, row.decided_by, row.decided_at, row.sealed = UnmatchedState.DISMISSED, actor.name, now(), None
        row.save()
        audit.record(actor, "upstream.dismissed", subject_kind="upstream_unmatched", subject_id=row.id)
        return
    if not number:
        raise Invalid(_("请填写人员编号。"), details={"number": _("请填写人员编号。")})
    person = register.people().filter(number=number).first()
    if person is None or not actor.holds(LINK, str(person.path)):
        raise Invalid(_("您管理的范围里没有这个人员编号。"), details={"number": _("您管理的范围里没有这个人员编号。")})
    link_person(
        source=row.source, person_id=person.canonical_id or person.id, value=row.subject, by=actor.name, actor=actor
    )


# ---- visits and their end --------------------


def proved_second(*, source: Source, arrived: Arrived) -> bool:
    """Whether the source says that a second factor was used, and is trusted for it: ``mfa`` among the means, or a level that
    its options name in ``factor_acr``."""
    levels = source.options.get("factor_acr") or ()
    levels = levels if isinstance(levels, list) else [levels]
    return source.trusts_factor and ("mfa" in arrived.amr or (bool(arrived.acr) and arrived.acr in levels))


def visit_of(source: Source, arrived: Arrived) -> dict[str, str]:
    """What a visit must remember until its session is there."""
    return {"source": source.code, "session": arrived.session[:MOST_VALUE], "subject": _value(arrived)}


def note_visit(*, session_id: UUID, told: Mapping[str, str]) -> None:
    """A session came from above; ``told`` is :func:`visit_of`. Nothing for a source that is gone or not ours."""
    source = Source.objects.filter(code=told.get("source", "")).first()
    if source is not None:
        Visit.objects.create(
            source=source, session_id=session_id, session_above=told["session"], subject=told["subject"]
        )


def logout_by_token(*, source: Source, token: str) -> int:
    """An OIDC back-channel logout, believed once. Raises :class:`Distrusted`."""
    sid, subject, jti, until = oidc_adapter.read_logout(source.options, token)
    try:
        with transaction.atomic():
            SpentToken.objects.create(
                source=source, jti=jti[:MOST_VALUE], expires_at=datetime.fromtimestamp(until, UTC)
            )
    except IntegrityError as error:
        raise Distrusted("logout token was used before") from error
    visits = Visit.objects.filter(source=source)
    return _end(visits.filter(session_above=sid) if sid else visits.filter(subject=subject))


def logout_by_request(*, source: Source, text: str) -> int:
    """A CAS single logout. Raises :class:`Distrusted`."""
    return _end(Visit.objects.filter(source=source, session_above=cas_adapter.read_logout(text)))


def _end(visits: Any) -> int:
    return identity.end_sso_sessions(visits.values_list("session_id", flat=True), identity.SessionEnd.UPSTREAM)


def purge() -> int:
    """Spent tokens go when they are over, decided rows after some thirteen months."""
    gone = SpentToken.objects.filter(expires_at__lt=now()).delete()[0]
    old = now() - timedelta(days=KEPT_DAYS)
    return gone + Unmatched.objects.exclude(state=UnmatchedState.OPEN).filter(decided_at__lt=old).delete()[0]
