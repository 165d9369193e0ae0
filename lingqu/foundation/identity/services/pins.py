"""PINs of pupils for lessons in a computer room: six digits, or four of twelve pictures.

A million possible PINs fall to anybody who holds the table and the key, so argon2 runs over a digest that needs the key
file, and guessing at the door is slowed down per pupil and lesson.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, crypto
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now

from .. import hashing, passwords, policies
from ..models import Account, ClassPin
from ..types.classroom import DIGITS_IN_A_PIN, PICTURES, PICTURES_IN_A_PIN
from ..types.words import PinKind


def require_good(kind: str, typed: str) -> str:
    """The PIN as it is hashed, or ``passwords.WeakPassword``: no run, no repetition, three different pictures at least."""
    plain = passwords.normalised(typed).strip()
    if kind == PinKind.PICTURES:
        names = plain.split()
        if len(names) != PICTURES_IN_A_PIN or not set(names) <= set(PICTURES):
            raise passwords.WeakPassword(_("请点%(count)d个图案。") % {"count": PICTURES_IN_A_PIN})
        if len(set(names)) < PICTURES_IN_A_PIN - 1:
            raise passwords.WeakPassword(_("请点不一样的图案，别人不容易猜到。"))
        return " ".join(names)
    if len(plain) != DIGITS_IN_A_PIN or not (plain.isascii() and plain.isdigit()):
        raise passwords.WeakPassword(_("数字密码是%(count)d位数字。") % {"count": DIGITS_IN_A_PIN})
    return passwords.require_good(plain, simple=True)


def join_pictures(taps: Sequence[str]) -> str:
    return " ".join(taps)


def make_secret(account_id: UUID, kind: str, plain: str) -> str:
    """What is stored of a PIN; one place of argon2 for its time."""
    return hashing.make_hash(_keyed(account_id, kind, plain))


def is_right(pin: ClassPin | None, account_id: UUID, kind: str, typed: str) -> bool:
    """Costs the same for a pupil with a PIN and for one without."""
    plain = passwords.normalised(typed).strip()[:100]
    return hashing.is_right(_keyed(account_id, kind, plain), pin.secret if pin and pin.kind == kind else "")


def set_pin(account_id: UUID, kind: str, secret: str, confirmed_by: str) -> None:
    """Part of the caller's transaction, after its permission and before its audit row."""
    ClassPin.objects.update_or_create(
        account_id=account_id,
        defaults={"kind": kind, "secret": secret, "set_at": now(), "confirmed_by": confirmed_by},
    )


def reset(*, actor: Actor, account: Account) -> None:
    """Forget a pupil's PIN: the next lesson begins with choosing one, and the teacher agrees."""
    require(policies.may_reset(actor, account))
    with transaction.atomic():
        ClassPin.objects.filter(account=account).delete()
        audit.record(actor, "identity.pin.reset", subject_kind="account", subject_id=account.id)


def _keyed(account_id: UUID, kind: str, plain: str) -> str:
    return crypto.imprint("class.pin", f"{account_id}:{kind}:{plain}").hex()


def trace_of(account_id: UUID, plain: str) -> str:
    """By which the second giving of a new PIN is compared with the first, while it waits in the browser's session."""
    return crypto.imprint("class.pin.twice", f"{account_id}:{plain}").hex()
