"""From a one-use code to an account in use; resets; changing one's own password."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid

from .. import hashing, passwords, register
from ..models import Account, ActivationCode
from ..selectors import accounts
from ..types.events import AccountActivated
from ..types.values import OpenCode
from ..types.words import CodePurpose, SessionEnd
from . import codes, signing_in, throttle

YOUNG = ("G01", "G02", "G03")
"""Grades whose pupils may use a simple password."""


def look_at(code: str, *, address: str) -> OpenCode:
    """What a code stands for, without using it. A wrong one is counted against the address, a right one never."""
    return look_at_hash(codes.digest_of(code), address=address)


def look_at_hash(code_hash: UUID, *, address: str) -> OpenCode:
    found = codes.usable().filter(code_hash=code_hash).select_related("account__person", "person").first()
    if found is None:
        throttle.count_wrong_code(address)
        raise codes.CodeUnusable
    person = found.person or (found.account.person if found.account else None)
    name = person.name if person else found.account.name if found.account else ""
    return OpenCode(
        code_hash=code_hash, purpose=found.purpose, initial=name[:1],
        login=found.account.login if found.account else "", where=_where(person.id) if person else "",
        simple_password=bool(found.account and person and _is_young(person.id)),
        account_id=found.account_id, child_id=found.person_id,
    )  # fmt: skip


def activate(*, code_hash: UUID, password: str) -> Account:
    """Use a code and set the first (or next) password. All older sessions end.

    Acts as the account itself. Of several who try one code at once, one succeeds.
    """
    found = codes.usable().filter(code_hash=code_hash).select_related("account__person").first()
    if found is None or found.account is None:
        raise codes.CodeUnusable
    account = found.account
    codes.require_usable_account(account)
    person = account.person
    chosen = passwords.require_good(
        password, login=account.login, birth_date=person.birth_date if person else None,
        simple=bool(person and _is_young(person.id)),
    )  # fmt: skip
    hashed = hashing.make_hash(chosen)
    with transaction.atomic():
        used = codes.redeem(code_hash)
        _set_password(account.id, hashed)
        if used.sent_to:
            _verify_email(account.id, used.sent_to)
        if used.sent_phone:
            Account.objects.filter(id=account.id).update(verified_phone_blind=used.sent_phone)
        account.refresh_from_db()
        _trace(_self(account), "identity.account.activated", account, purpose=used.purpose)
        events.publish(AccountActivated(account_id=account.id, person_id=account.person_id))
    return account


def change_password(*, actor: Actor, old: str, new: str, session_id: UUID) -> None:
    """One's own password, against the present one. Every session but this one ends; the caller renews its key."""
    require(actor.is_signed_in and actor.account_id is not None)
    account = accounts.get_account(actor.account_id)  # type: ignore[arg-type]
    if not hashing.is_right(passwords.normalised(old), account.password):
        message = _("现在的密码不对。")
        raise Invalid(message, code="wrong_password", details={"old": message})
    person = account.person
    chosen = passwords.require_good(
        new, login=account.login, birth_date=person.birth_date if person else None,
        simple=bool(person and _is_young(person.id)),
    )  # fmt: skip
    hashed = hashing.make_hash(chosen)
    with transaction.atomic():
        _set_password(account.id, hashed, keep=session_id)
        _trace(actor, "identity.password.changed", account)


def _set_password(account_id: UUID, hashed: str, *, keep: UUID | None = None) -> None:
    Account.objects.filter(id=account_id).update(password=hashed, state="active")
    signing_in.end_sessions([account_id], SessionEnd.PASSWORD, keep=keep)
    Account.objects.filter(id=account_id, activated_at=None).update(activated_at=now())
    ActivationCode.objects.filter(account_id=account_id, used_at=None, voided_at=None).update(voided_at=now())


def _verify_email(account_id: UUID, address: str) -> None:
    """Who used the code got it by this e-mail. An address that another account has verified stays there."""
    try:
        with transaction.atomic():
            Account.objects.filter(id=account_id).update(verified_email=address.lower())
    except IntegrityError:
        return


def _trace(actor: Actor, action: str, account: Account, **data: str) -> None:
    path = str(account.person.path) if account.person else None
    audit.record(actor, action, subject_kind="account", subject_id=account.id, path=path, data=dict(data))
    changes.log("identity.account", [account.id], "u")


def _self(account: Account) -> Actor:
    return Actor(kind="account", name=accounts.name_of(account), account_id=account.id, person_id=account.person_id)


def _is_young(person_id: UUID) -> bool:
    """Whether the person sits in one of grades 1 to 3."""
    seated: bool = (
        register.people().filter(id=person_id, enrolments__valid_to=None, enrolments__grade__in=YOUNG).exists()
    )
    return seated


def _where(person_id: UUID) -> str:
    """Class, else school or office, by which somebody recognises whom a code is for."""
    seat = register.classes().filter(memberships__person_id=person_id, memberships__valid_to=None).first()
    if seat is not None:
        return str(seat.name)
    office = register.people().filter(id=person_id).values_list("organisation__name", flat=True).first()
    return str(office or "")


def issue_reset(*, actor: Actor, account: Account) -> str:
    """A new one-use code for somebody who cannot get in; the present password works until it is used."""
    codes.require_usable_account(account)
    with transaction.atomic():
        purpose = CodePurpose.RESET if account.activated_at else _first_purpose(account)
        [code] = codes.issue(actor=actor, wanted=[codes.Wanted(purpose=purpose, account_id=account.id)])
        _trace(actor, "identity.code.issued", account, purpose=purpose.value)
    return code


def _first_purpose(account: Account) -> CodePurpose:
    seated = register.people().filter(id=account.person_id, enrolments__isnull=False, enrolments__valid_to=None)
    return CodePurpose.PUPIL if seated.exists() else CodePurpose.STAFF


def put_in_use(account: Account) -> None:
    """An account whose owner is known without a password of ours (by the teacher, by a platform above) is in use now."""
    opened = Account.objects.filter(id=account.id, state="new").update(state="active", activated_at=now())
    if opened:
        events.publish(AccountActivated(account_id=account.id, person_id=account.person_id))
        account.state = "active"
