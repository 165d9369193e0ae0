"""One-use codes: 60 random bits in twelve signs without 0 O 1 I, of which only a keyed digest is stored."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, NotFound

from ..models import Account, ActivationCode
from ..types.words import CodePurpose

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH, GROUP = 12, 4
VALID_FOR = {
    CodePurpose.PUPIL: timedelta(days=60),
    CodePurpose.GUARDIAN: timedelta(days=60),
    CodePurpose.STAFF: timedelta(days=30),
    CodePurpose.RESET: timedelta(days=7),
}


class CodeUnusable(NotFound):
    """Unknown, used, replaced by a newer one or expired: one answer for all."""

    code = "code_unusable"

    def __init__(self) -> None:
        super().__init__(
            _("这个开通码不能用：可能输错了，已经用过，过了有效期，或者已被新印的码代替。码里没有0、O、1、I。")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A code to issue: for an account, or for the guardians of a child (``child_id``)."""

    purpose: CodePurpose
    account_id: UUID | None = None
    child_id: UUID | None = None
    sent_to: str = ""
    sent_phone: UUID | None = None


def make_code() -> str:
    """``HM4K-7TQX-9WNE``."""
    signs = "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))
    return "-".join(signs[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def digest_of(code: str) -> UUID:
    """Digest of a code as typed: case, dashes, spaces and full-width forms do not matter."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", code[:100]).upper() if sign.isalnum())
    return crypto.blind("activation", plain)


def issue(*, actor: Actor, wanted: Sequence[Wanted]) -> list[str]:
    """A fresh code for each, in order; older open ones of the same account or child can no longer be used.

    Part of the caller's transaction, after its permission and before its audit row.
    """
    accounts = [one.account_id for one in wanted if one.account_id]
    children = [one.child_id for one in wanted if one.child_id]
    usable().filter(Q(account__in=accounts) | Q(person__in=children)).update(voided_at=now())
    made = [make_code() for _one in wanted]
    ActivationCode.objects.bulk_create(
        [
            ActivationCode(
                code_hash=digest_of(code), account_id=one.account_id, person_id=one.child_id, purpose=one.purpose,
                sent_to=one.sent_to, sent_phone=one.sent_phone, issued_by=actor.name,
                expires_at=now() + VALID_FOR[one.purpose],
            )
            for one, code in zip(wanted, made, strict=True)
        ],
        batch_size=500,
    )  # fmt: skip
    return made


def expiry_of(purpose: CodePurpose) -> datetime:
    """When a code issued now ends."""
    return now() + VALID_FOR[purpose]


def usable() -> QuerySet[ActivationCode]:
    """Codes that can still be used."""
    return ActivationCode.objects.filter(used_at=None, voided_at=None, expires_at__gt=now())


def redeem(code_hash: UUID) -> ActivationCode:
    """Use the code up: one conditional statement, so that of many at once exactly one wins; the others get
    :class:`CodeUnusable`. In a transaction that fails later the code stays usable."""
    if usable().filter(code_hash=code_hash).update(used_at=now()) != 1:
        raise CodeUnusable
    return ActivationCode.objects.select_related("account__person", "person").get(code_hash=code_hash)


def purge(days: int = 400) -> int:
    """Forget codes that ended long ago."""
    return ActivationCode.objects.filter(expires_at__lt=now() - timedelta(days=days)).delete()[0]


def void_codes_of(person_id: UUID) -> int:
    """No code of the person, and none for guardians of the person, can be used any more."""
    ids = registry.ids_of(person_id)
    return usable().filter(Q(account__person__in=ids) | Q(person__in=ids)).update(voided_at=now())


def require_usable_account(account: Account) -> None:
    """A stopped or closed account is not opened again by a code that was printed before."""
    if account.state not in ("new", "active"):
        raise Conflict(_("这个账号已停用，请联系学校管理员。"), code="account_locked")
