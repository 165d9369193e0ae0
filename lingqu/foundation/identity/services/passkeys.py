"""Passkeys (WebAuthn): made on one's own page; asked for as a second factor, once more, or instead of a password.

The relying party is the configured address of the platform, compared exactly. A challenge belongs to one browser session and
is used once. Attestation is not asked for: who made the authenticator decides nothing here.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import (
    Aaguid,
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from lingqu.kernel import audit, limits
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Invalid, NotFound, TooMany

from ..models import Account, Passkey
from ..selectors.accounts import name_of
from ..selectors.alerts import is_privileged
from ..types.words import AlertKind
from . import alerts, factors, signing_in

MOST, MOST_NAME, MOST_RESPONSE = 10, 40, 20_000
"""Passkeys of an account, characters of a name, characters of what a browser sends."""
VALID = 300
"""Seconds that a challenge can be answered."""
STANDARD = {"https": 443, "http": 80}
FAULTS = (ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, struct.error, InvalidSignature)
"""What the library raises for an answer that is malformed or wrong."""
Options = dict[str, Any]
State = dict[str, Any]


class PasskeyRefused(Invalid):
    """One answer for every cause."""

    code = "passkey_refused"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("通行密钥没有通过核对，请再试一次，或者换一种方式登录。"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A passkey answered: whose it is, and what that proves (RFC 8176)."""

    account: Account
    amr: tuple[str, ...]


def origin() -> str:
    """The origin that browsers write into their answers."""
    at = settings.PUBLIC
    port = "" if at.port in (None, STANDARD.get(at.scheme)) else f":{at.port}"
    return f"{at.scheme}://{at.hostname}{port}"


def are_possible() -> bool:
    """Browsers make passkeys for names over https, and for localhost; never for bare addresses."""
    host = settings.PUBLIC.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return settings.PUBLIC.scheme == "https" or host == "localhost"
    return False


def begin(*, actor: Actor, account: Account) -> tuple[Options, State]:
    """What the browser needs to make a passkey, and what the session keeps until it has."""
    require(actor.account_id == account.id)
    if not are_possible():
        raise Conflict(_("这个平台的网址不能使用通行密钥。"), code="passkeys_impossible")
    held = list(account.passkeys.all()[:MOST])
    if len(held) == MOST:
        raise Conflict(_("最多%(most)d个通行密钥，请先删除不用的。") % {"most": MOST}, code="passkeys_full")
    user = PublicKeyCredentialUserEntity(id=account.id.bytes, name=account.login, display_name=name_of(account))
    options, state = _server().register_begin(
        user, credentials=_described(held), resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )  # fmt: skip
    return dict(options), _kept(state)


def add(*, actor: Actor, account: Account, state: State, answer: Mapping[str, Any], name: str) -> list[str]:
    """Keep a passkey that the browser made. Returns recovery codes when it is the account's first second factor."""
    require(actor.account_id == account.id)
    _use_up(state)
    try:
        made = _server().register_complete(state, answer)
        key: Any = made.credential_data
        stored = {
            "credential_id": key.credential_id, "public_key": cbor.encode(dict(key.public_key)),
            "sign_count": made.counter, "is_synced": made.is_backup_eligible(),
        }  # fmt: skip
    except FAULTS as fault:
        raise PasskeyRefused(_("没有加上这个通行密钥，请再试一次。")) from fault
    try:
        with transaction.atomic():
            is_first = not factors.has_factor(account)
            passkey = Passkey.objects.create(account=account, name=" ".join(name.split())[:MOST_NAME], **stored)
            codes = factors.renew_recovery(account) if is_first else []
            _trace(actor, "identity.passkey.added", passkey)
            signing_in.refresh_rights(id=account.id)
    except IntegrityError as taken:
        raise Conflict(_("这个通行密钥已经登记过。"), code="passkey_known") from taken
    return codes


def remove(*, actor: Actor, account: Account, passkey_id: Any) -> None:
    """It opens nothing any more; the caller has asked for a fresh proof."""
    require(actor.account_id == account.id)
    with transaction.atomic():
        passkey = Passkey.objects.filter(account=account, id=passkey_id).first()
        if passkey is None:
            raise NotFound(_("没有这个通行密钥。"))
        _trace(actor, "identity.passkey.removed", passkey)
        passkey.delete()
        if is_privileged(account.id) and not factors.has_factor(account):
            alerts.note(AlertKind.FACTOR_DROPPED, account.id)
        factors.forget_recovery(account)
        signing_in.refresh_rights(id=account.id)


def ask(account: Account | None, *, verified: bool) -> tuple[Options, State]:
    """What the browser needs to answer with one of the account's passkeys, or with any of ours when nobody is known yet.

    ``verified``: the authenticator must have checked finger, face or PIN: what stands in the place of a password.
    """
    wanted = UserVerificationRequirement.REQUIRED if verified else UserVerificationRequirement.PREFERRED
    known = _described(account.passkeys.all()[:MOST]) if account else None
    options, state = _server().authenticate_begin(known, user_verification=wanted)
    return dict(options), _kept(state)


def prove(*, state: State, answer: Mapping[str, Any], account: Account | None) -> Proof:
    """Check an answer and use its challenge up. Raises :class:`PasskeyRefused`; a counter that went back is on the trail."""
    _use_up(state)
    try:
        found = AuthenticationResponse.from_dict(answer)
        told = found.response.authenticator_data
        held = Passkey.objects.select_related("account").filter(credential_id=found.raw_id).first()
        if held is None or (account is not None and held.account_id != account.id):
            raise PasskeyRefused
        owner = found.response.user_handle
        if owner != held.account_id.bytes and (owner or account is None):
            raise PasskeyRefused
        public: Any = cbor.decode(bytes(held.public_key))
        ours = AttestedCredentialData.create(Aaguid.NONE, bytes(held.credential_id), CoseKey.parse(public))
        _server().authenticate_complete(state, [ours], found)
    except FAULTS as fault:
        raise PasskeyRefused from fault
    _count(held, told.counter)
    return Proof(account=held.account, amr=_means(held, told))


def _means(held: Passkey, told: AuthenticatorData) -> tuple[str, ...]:
    """The key as hardware or as software that is copied, and whether the authenticator knew its owner."""
    verified = ("user",) if told.is_user_verified() else ()
    return ("swk" if held.is_synced else "hwk", *verified)


def _count(held: Passkey, counter: int) -> None:
    """The counter goes up or the authenticator does not count; a step back means that the key exists twice."""
    with transaction.atomic():
        row = Passkey.objects.select_for_update().filter(id=held.id).first()
        if row is None:
            raise PasskeyRefused
        is_fresh = counter > row.sign_count or counter == row.sign_count == 0
        if is_fresh:
            Passkey.objects.filter(id=row.id).update(sign_count=counter, last_used_at=now())
        else:
            _trace(Actor.system("identity"), "identity.passkey.copied", row)
            alerts.note(AlertKind.PASSKEY_COPIED, row.account_id)
    if not is_fresh:
        raise PasskeyRefused(_("这个通行密钥可能被复制过，已拒绝。请用别的方式登录，删除它，再重新添加。"))


def _server() -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(id=settings.PUBLIC.hostname, name=str(_("灵渠")))
    return Fido2Server(
        entity, attestation=AttestationConveyancePreference.NONE, verify_origin=lambda told: told == origin()
    )  # fmt: skip


def _described(held: Any) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=bytes(one.credential_id))
        for one in held
    ]


def _kept(state: Mapping[str, Any]) -> State:
    """Plain values for the session."""
    return {
        "challenge": state["challenge"], "user_verification": str(state["user_verification"]),
        "until": now().timestamp() + VALID,
    }  # fmt: skip


def _use_up(state: State) -> None:
    """A challenge counts once, also for two requests at the same moment."""
    if state.get("until", 0) < now().timestamp():
        raise PasskeyRefused
    try:
        limits.hit(f"passkey:{state['challenge']}", 1, 2 * VALID)
    except TooMany as used:
        raise PasskeyRefused from used


def _trace(actor: Actor, action: str, passkey: Passkey) -> None:
    audit.record(
        actor, action, subject_kind="account", subject_id=passkey.account_id, data={"passkey": str(passkey.id)}
    )  # fmt: skip
