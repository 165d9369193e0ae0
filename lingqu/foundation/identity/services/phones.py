"""Proof that somebody holds a phone: six digits by SMS, ten minutes, five tries, good for one purpose only."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lingqu.kernel import crypto, delivery
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid, TooMany

from ..models import PhoneCode
from ..selectors.accounts import normalised_phone, phone_blind

VALID_FOR = timedelta(minutes=10)
MOST_FOR_ONE_CAUSE = 5


class PhoneCodeWrong(Invalid):
    """Wrong digits, too many tries or too late."""

    code = "phone_code_wrong"

    def __init__(self) -> None:
        message = _("短信验证码不对或已过期。请检查后再输，或重新获取。")
        super().__init__(message, details={"digits": message})


def send_code(*, cause: UUID, phone: str, charge_to: UUID | None = None) -> UUID:
    """Send six digits to a phone and return the id to prove them with.

    ``cause`` is what they are for; it gets five messages in all, whatever the phones, and each phone has its own share
    in the kernel. ``charge_to`` is the organisation that pays. Raises :class:`Invalid` for something that is no mobile
    number and ``delivery.NotAdmitted`` when no SMS may leave.
    """
    number = normalised_phone(phone)
    if not number:
        message = _("请输入11位手机号。")
        raise Invalid(message, code="bad_phone", details={"phone": message})
    if PhoneCode.objects.filter(cause=cause).count() >= MOST_FOR_ONE_CAUSE:
        raise TooMany(_("这个开通码已发过%(most)d条短信，请找班主任重新印一张。") % {"most": MOST_FOR_ONE_CAUSE})
    digits = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        made = PhoneCode.objects.create(
            cause=cause, phone_blind=phone_blind(number), sealed=crypto.seal(number.encode()),
            code_hash=_digest(cause, number, digits), expires_at=now() + VALID_FOR,
        )  # fmt: skip
        delivery.send(
            channel="sms", to=number, subject="", kind="identity.phone_code", subject_kind="phone_code",
            subject_id=made.id, valid_for=VALID_FOR, params={"code": digits}, charge_to=charge_to,
            body=_("验证码%(digits)s，10分钟内有效，用于灵渠账号。工作人员不会向你索要。") % {"digits": digits},
        )  # fmt: skip
    return made.id


def prove(*, phone_code_id: UUID, cause: UUID, digits: str) -> None:
    """Check the digits; each call costs a try before it looks, so parallel guesses gain nothing."""
    open_ones = PhoneCode.objects.filter(id=phone_code_id, cause=cause, proved_at=None, expires_at__gt=now())
    if open_ones.filter(tries_left__gt=0).update(tries_left=F("tries_left") - 1) != 1:
        raise PhoneCodeWrong
    row = PhoneCode.objects.get(id=phone_code_id)
    typed = "".join(sign for sign in digits if sign.isdecimal())[:6]
    if _digest(cause, crypto.unseal(row.sealed).decode(), typed) != row.code_hash:
        raise PhoneCodeWrong
    PhoneCode.objects.filter(id=phone_code_id, proved_at=None).update(proved_at=now())


def proved_phone(*, phone_code_id: UUID, cause: UUID) -> str:
    """The number that was proved for this cause within the last half hour; :class:`PhoneCodeWrong` if none was."""
    since = now() - timedelta(minutes=30)
    row = PhoneCode.objects.filter(id=phone_code_id, cause=cause, proved_at__gte=since).first()
    if row is None:
        raise PhoneCodeWrong
    return crypto.unseal(row.sealed).decode()


def purge() -> int:
    """Numbers are not kept longer than a day after their code ended."""
    return PhoneCode.objects.filter(expires_at__lt=now() - timedelta(days=1)).delete()[0]


def _digest(cause: UUID, phone: str, digits: str) -> UUID:
    return crypto.blind("phone-code", f"{cause}:{phone}:{digits}")
