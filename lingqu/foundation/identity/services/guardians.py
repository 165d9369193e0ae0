"""A parent gets in: guardian's code from the slip, proof of the own phone, link to the child, class teacher's word."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, changes, crypto, delivery, events
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Invalid, NotFound, TooMany
from lingqu.kernel.language import writing_to

from .. import hashing, passwords, policies, register
from ..models import Account, ActivationCode, GuardianClaim
from ..selectors import accounts, claims
from ..types.events import AccountActivated, GuardianClaimDecided, GuardianClaimed
from ..types.words import ClaimState, CodePurpose, SessionEnd
from . import codes, phones, signing_in, slider
from .opening import open_account_for

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``is_linked``: the account is in use and sees the child; otherwise the class teacher decides first."""

    is_linked: bool
    account_id: UUID | None


def send_phone_code(*, code_hash: UUID, phone: str, solved: slider.Solved) -> UUID:
    """First step with a guardian's code: six digits to the guardian's own phone, for which a slider was solved."""
    if solved.destination != accounts.phone_blind(accounts.normalised_phone(phone)):
        raise slider.SliderWrong
    child_id = _guardian_code(code_hash).person_id
    return phones.send_code(cause=code_hash, phone=phone, charge_to=register.school_of(child_id) if child_id else None)


def list_persons_behind(*, code_hash: UUID, phone_code_id: UUID) -> tuple[claims.PersonBehindPhone, ...]:
    """Accounts that the proved phone opened before: its holder may be one of them, or somebody new."""
    phone = phones.proved_phone(phone_code_id=phone_code_id, cause=code_hash)
    _guardian_code(code_hash)
    return claims.list_persons_behind(accounts.phone_blind(phone))


def claim_child(
    *, code_hash: UUID, phone_code_id: UUID, name: str, relation: str, password: str, account_id: UUID | None = None
) -> Outcome:
    """Use the guardian's code. A guardian whom the register names with this phone is in at once, others wait.

    ``account_id`` is one of the accounts behind the proved phone, when the holder chose it: then no password is set.
    """
    phone = phones.proved_phone(phone_code_id=phone_code_id, cause=code_hash)
    child_id = _guardian_code(code_hash).person_id
    if child_id is None:
        raise codes.CodeUnusable
    if account_id is not None:
        return _claim_with_account(code_hash, child_id, account_id, phone, relation)
    name = " ".join(name.split())[:50]
    if not name:
        message = _("请填写你的姓名。")
        raise Invalid(message, details={"name": message})
    hashed = hashing.make_hash(passwords.require_good(password, login=phone))
    known = claims.find_named_guardian(child_id, name, accounts.phone_blind(phone))
    with transaction.atomic():
        codes.redeem(code_hash)
        if known is not None:
            account = open_account_for(known)
            codes.require_usable_account(account)
            _put_in_use(account, phone, hashed)
            return Outcome(is_linked=True, account_id=account.id)
        _wait_for_teacher(child_id, name, relation, phone, password=hashed)
    return Outcome(is_linked=False, account_id=None)


def decide_claim(*, actor: Actor, claim_id: UUID, is_confirmed: bool, as_proxy: bool = False) -> str:
    """The class teacher or school says whether the person is this child's guardian. Deciding twice is refused.

    ``as_proxy``: a 代办人 (a grandparent, a neighbour) who sees the class and its teachers and nothing else.
    Returns why the claimant could not be told, empty when a message is on its way.
    """
    claim = GuardianClaim.objects.filter(id=claim_id).select_related("child", "account").first()
    if claim is None:
        raise NotFound(_("没有这条认领。"))
    require(policies.may_decide_claim(actor, claim.child_id))
    with transaction.atomic():
        row = GuardianClaim.objects.select_for_update().get(id=claim_id)
        if row.state != ClaimState.WAITING:
            raise Conflict(_("这条认领已由%(name)s处理。") % {"name": row.decided_by}, code="claim_decided")
        phone = crypto.unseal_fields(row.sealed)["phone"]
        person_id = claim.account.person_id if claim.account else None
        if is_confirmed:
            person_id = _confirm(actor, row, phone, as_proxy=as_proxy)
        row.state = ClaimState.CONFIRMED if is_confirmed else ClaimState.REFUSED
        row.sealed, row.password, row.decided_at, row.decided_by = None, "", now(), actor.name
        row.save(update_fields=["state", "sealed", "password", "decided_at", "decided_by"])
        action = "identity.claim.confirmed" if is_confirmed else "identity.claim.refused"
        audit.record(
            actor, action, subject_kind="person", subject_id=row.child_id, path=str(claim.child.path),
            data={"claim": str(claim_id), "as_proxy": as_proxy},
        )  # fmt: skip
        events.publish(
            GuardianClaimDecided(
                claim_id=claim_id, child_id=row.child_id, is_confirmed=is_confirmed, person_id=person_id
            )
        )
        return _tell(row, phone, is_confirmed)


def _guardian_code(code_hash: UUID) -> ActivationCode:
    found = codes.usable().filter(code_hash=code_hash, purpose=CodePurpose.GUARDIAN).first()
    if found is None:
        raise codes.CodeUnusable
    return found


def _claim_with_account(code_hash: UUID, child_id: UUID, account_id: UUID, phone: str, relation: str) -> Outcome:
    account = Account.objects.filter(
        id=account_id, verified_phone_blind=accounts.phone_blind(phone), state="active"
    ).first()
    if account is None or account.person_id is None:
        raise NotFound(_("没有这个账号。"))
    with transaction.atomic():
        codes.redeem(code_hash)
        if claims.is_guardian_of(account.person_id, child_id):
            return Outcome(is_linked=True, account_id=account.id)
        _wait_for_teacher(child_id, accounts.name_of(account), relation, phone, account=account)
    return Outcome(is_linked=False, account_id=account.id)


def _wait_for_teacher(
    child_id: UUID, name: str, relation: str, phone: str, *, password: str = "", account: Account | None = None
) -> None:
    try:
        with transaction.atomic():
            claim = GuardianClaim.objects.create(
                child_id=child_id, account=account, name=name, relation=relation, password=password,
                phone_blind=accounts.phone_blind(phone), sealed=crypto.seal_fields({"phone": phone}),
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("你已经认领过这个孩子，正在等班主任核对。"), code="claim_waiting") from error
    audit.record(
        Actor(kind="anonymous", name=name), "identity.claim.made", subject_kind="person", subject_id=child_id,
        path=str(register.people().get(id=child_id).path), data={"claim": str(claim.id)},
    )  # fmt: skip
    events.publish(GuardianClaimed(claim_id=claim.id, child_id=child_id))


def _confirm(actor: Actor, claim: GuardianClaim, phone: str, *, as_proxy: bool) -> UUID:
    """Link the guardian in the register and open the account that waited in the claim; returns the guardian's id."""
    account = claim.account or claims.find_account_behind(claim.phone_blind, claim.name)
    person_id = registry.link_guardian(
        actor=actor, child_id=claim.child_id, guardian_id=account.person_id if account else None, name=claim.name,
        phone=phone, relation=claim.relation, kind="proxy" if as_proxy else "legal",
    )  # fmt: skip
    if account is None:
        account = open_account_for(person_id)
        codes.require_usable_account(account)
        _put_in_use(account, phone, claim.password)
    else:
        Account.objects.filter(id=account.id).update(epoch=F("epoch") + 1)
    return person_id


def _put_in_use(account: Account, phone: str, hashed: str) -> None:
    Account.objects.filter(id=account.id).update(
        password=hashed,
        state="active",
        verified_phone_blind=accounts.phone_blind(phone),
        activated_at=account.activated_at or now(),
    )
    signing_in.end_sessions([account.id], SessionEnd.PASSWORD)
    owner = Actor(kind="account", name="", account_id=account.id, person_id=account.person_id)
    audit.record(
        owner, "identity.account.activated", subject_kind="account", subject_id=account.id,
        data={"purpose": CodePurpose.GUARDIAN.value},
    )  # fmt: skip
    changes.log("identity.account", [account.id], "u")
    events.publish(AccountActivated(account_id=account.id, person_id=account.person_id))


def _tell(claim: GuardianClaim, phone: str, is_confirmed: bool) -> str:
    """A short message to the claimant; none about a child that has died. Returns why it could not be sent."""
    if not registry.may_message(claim.child_id):
        return ""
    with writing_to(claim.account.language if claim.account else ""):
        body = (
            _("班主任已确认，你可以用手机号和你设的密码登录灵渠了。")
            if is_confirmed
            else _("班主任没有确认你的家长认领。如有疑问，请直接联系班主任。")
        )
    try:
        delivery.send(
            channel="sms", to=phone, subject="", body=body, subject_kind="claim", subject_id=claim.id,
            kind="identity.claim_confirmed" if is_confirmed else "identity.claim_refused",
            charge_to=register.school_of(claim.child_id),
        )  # fmt: skip
    except (TooMany, delivery.NotAdmitted) as refusal:
        log.info("claim %s was decided without a message: %s", claim.id, refusal.code)
        return refusal.message
    return ""
