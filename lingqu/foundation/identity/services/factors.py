"""The second factor: six digits of an authenticator app, or a recovery code. Each is used once."""

from __future__ import annotations

import base64
import secrets
from urllib.parse import quote, urlencode
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, crypto, limits
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Invalid

from .. import policies
from ..models import Account, OneTimeApp, Passkey, RecoveryCode
from ..selectors.alerts import is_privileged
from ..selectors.factors import has_app, has_factor
from ..types.words import AlertKind
from . import alerts, codes, signing_in
from .locking import refuse_oneself

STEP, DIGITS, DRIFT = 30, 6, 1
"""Seconds of an interval, digits of a code, intervals by which a phone's clock may be off."""
RECOVERY = 10
TRIES, WINDOW = 8, 300
"""Wrong codes of one account in five minutes, only after the right password: nobody else can use them up."""


class FactorRefused(Invalid):
    code = "factor_refused"

    def __init__(self) -> None:
        super().__init__(_("验证码不对，或者已经用过。请等下一个再试，也可以用一个备用码。"))


def begin(*, actor: Actor, account: Account) -> str:
    """A fresh secret that waits for its first code; the address that the app reads from a QR code."""
    require(actor.account_id == account.id)
    if has_app(account.id):
        raise Conflict(_("已经开启了验证器应用。要换手机，请先关闭再开启。"), code="factor_exists")
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    OneTimeApp.objects.update_or_create(
        account=account,
        defaults={"sealed": crypto.seal_fields({"secret": secret}), "confirmed_at": None, "last_step": 0},
    )
    label = quote(f"灵渠:{account.login}")
    query = urlencode({"secret": secret, "issuer": "灵渠", "digits": DIGITS, "period": STEP})
    return f"otpauth://totp/{label}?{query}"


def secret_of(account: Account) -> str:
    """The secret that waits, for typing by hand; empty when none does."""
    waiting = OneTimeApp.objects.filter(account=account, confirmed_at=None).first()
    return crypto.unseal_fields(waiting.sealed).get("secret", "") if waiting else ""


def confirm(*, actor: Actor, account: Account, typed: str) -> list[str]:
    """The app holds the secret: from now on the door asks. Returns recovery codes, which nothing else ever shows."""
    require(actor.account_id == account.id)
    _count(account)
    with transaction.atomic():
        app = OneTimeApp.objects.select_for_update().filter(account=account, confirmed_at=None).first()
        if app is None or not _use(app, typed):
            raise FactorRefused
        OneTimeApp.objects.filter(account=account).update(confirmed_at=now())
        made = renew_recovery(account)
        signing_in.refresh_rights(id=account.id)
        audit.record(
            actor, "identity.factor.added", subject_kind="account", subject_id=account.id, data={"kind": "otp"}
        )
    return made


def renew_recovery(account: Account) -> list[str]:
    """Ten fresh recovery codes; older ones open nothing any more. Part of the caller's transaction."""
    RecoveryCode.objects.filter(account=account).delete()
    made = [codes.make_code() for _code in range(RECOVERY)]
    RecoveryCode.objects.bulk_create(RecoveryCode(account=account, code_hash=_digest(one)) for one in made)
    return made


def forget_recovery(account: Account) -> None:
    """Recovery codes go with the last second factor."""
    if not has_factor(account):
        RecoveryCode.objects.filter(account=account).delete()


def remove(*, actor: Actor, account: Account) -> None:
    """The app is off again; the caller has asked for a fresh proof."""
    require(actor.account_id == account.id)
    with transaction.atomic():
        OneTimeApp.objects.filter(account=account).delete()
        forget_recovery(account)
        signing_in.refresh_rights(id=account.id)
        audit.record(actor, "identity.factor.removed", subject_kind="account", subject_id=account.id)
        if is_privileged(account.id):
            alerts.note(AlertKind.FACTOR_DROPPED, account.id)


def remove_lost(*, actor: Actor, account: Account) -> None:
    """Off for somebody who lost phone and recovery codes: by whoever resets or stops the account, never for oneself."""
    refuse_oneself(actor, account)
    require(policies.may_reset(actor, account) or policies.may_lock(actor, account))
    with transaction.atomic():
        if not has_factor(account):
            raise Conflict(_("这个账号没有开启两步验证。"), code="no_factor")
        for table in (OneTimeApp, Passkey, RecoveryCode):
            table.objects.filter(account=account).delete()
        signing_in.refresh_rights(id=account.id)
        audit.record(actor, "identity.factor.removed_for", subject_kind="account", subject_id=account.id)
        alerts.note(AlertKind.FACTOR_DROPPED, account.id)


def check(*, account: Account, typed: str) -> None:
    """A code of the app or a recovery code, used up by this; :class:`FactorRefused`, or ``TooMany`` after eight."""
    _count(account)
    with transaction.atomic():
        app = OneTimeApp.objects.select_for_update().filter(account=account, confirmed_at__isnull=False).first()
        if app is not None and _use(app, typed):
            limits.clear(f"factor:{account.id}")
            return
        fresh = RecoveryCode.objects.filter(account=account, code_hash=_digest(typed), used_at=None)
        if not fresh.update(used_at=now()):
            raise FactorRefused
        alerts.note(AlertKind.RECOVERY_CODE, account.id)
    limits.clear(f"factor:{account.id}")


def _count(account: Account) -> None:
    limits.hit(f"factor:{account.id}", TRIES, WINDOW)


def _use(app: OneTimeApp, typed: str) -> bool:
    """Whether it is the code of an interval that was not used yet; it is used now. Under the row's lock."""
    plain = "".join(sign for sign in typed[:20] if sign.isdigit() and sign.isascii())
    secret = base64.b32decode(crypto.unseal_fields(app.sealed)["secret"])
    totp, at = TOTP(secret, DIGITS, SHA1(), STEP, enforce_key_length=False), int(now().timestamp()) // STEP  # noqa: S303
    for step in range(at - DRIFT, at + DRIFT + 1):
        if step > app.last_step and secrets.compare_digest(totp.generate(step * STEP), plain.encode()):
            OneTimeApp.objects.filter(account=app.account_id).update(last_step=step)
            return True
    return False


def _digest(code: str) -> UUID:
    return crypto.blind("recovery", "".join(sign for sign in code[:40].upper() if sign.isalnum()))
