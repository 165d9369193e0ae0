"""Signing in with a password, staying signed in, and ending sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid

from .. import hashing, passwords
from ..models import Account, KnownDevice, SignInAttempt
from ..selectors import accounts
from ..types.values import SignedIn
from ..types.words import SessionEnd
from . import alerts, sso, throttle

MOST_DEVICES = 500
LEAST_PHONE_CHECKS = 2
"""A phone may stand for several accounts; none and one take as long as two."""


class SignInRefused(Invalid):
    """One answer for every cause, so that nobody learns which accounts exist or are in use."""

    code = "sign_in_refused"

    def __init__(self) -> None:
        super().__init__(_("登录名或密码不对，或者账号还没有开通。请检查后再试；还是不行，请找班主任或学校管理员。"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an attempt comes from: network address, and the id in the browser's signed device cookie or ``""``."""

    address: str
    device: str = ""


def sign_in(*, login: str, password: str, origin: Origin) -> SignedIn:
    """Check login and password. Raises :class:`SignInRefused`, or ``throttle.Slowed`` before anything is checked.

    Called outside a transaction: what was tried is counted and logged whatever happens afterwards.
    """
    typed = accounts.normalised_login(login)
    password = passwords.normalised(password)[: passwords.MOST + 1]
    found = accounts.find_accounts_by_login(typed)
    known = _known_account(found, origin)
    try:
        ticket = throttle.admit(login=typed, address=origin.address, device=origin.device, known_account=known)
    except throttle.Slowed:
        _log(typed, origin, found[0] if len(found) == 1 else None, "throttled")
        raise
    right = _check(found, password, is_phone=accounts.is_phone(typed))
    if not right:
        _log(typed, origin, found[0] if len(found) == 1 else None, _cause(found))
        raise SignInRefused
    throttle.give_back(ticket)
    for account in right:
        _welcome(account, password, typed, origin)
    return SignedIn(accounts=tuple(account.id for account in right))


def end_sessions(account_ids: list[UUID], because: SessionEnd = SessionEnd.LEFT, *, keep: UUID | None = None) -> None:
    """Every session of the accounts but ``keep`` is over at its next request, and so are cached rights."""
    Account.objects.filter(id__in=account_ids).update(epoch=F("epoch") + 1)
    sso.end_of_accounts(account_ids, because, keep=keep)


def refresh_rights(**where: Any) -> int:
    """What the accounts may do has changed: cached rights end within one request, sessions go on.

    ``where`` filters accounts, e.g. ``person_id__in=…``; returns how many there were.
    """
    return Account.objects.filter(**where).update(epoch=F("epoch") + 1)


def remember_device(account_id: UUID, device: str) -> None:
    """From now on this browser has its own allowance for the account. A further browser of a privileged account is told."""
    blind = _device_blind(device) if device else None
    known = set(KnownDevice.objects.filter(account_id=account_id).values_list("device_blind", flat=True)[:MOST_DEVICES])
    if known and blind not in known:
        alerts.note_new_browser(account_id)
    if blind is not None:
        KnownDevice.objects.bulk_create(
            [KnownDevice(account_id=account_id, device_blind=blind, seen_at=now())],
            update_conflicts=True, unique_fields=["account", "device_blind"], update_fields=["seen_at"],
        )  # fmt: skip


def let_in(account: Account, origin: Origin) -> None:
    """The same without a password: the account proved itself in another way. Refused like a wrong password when it is
    stopped or its person has died."""
    if not account.is_active or not _may_be_written_to(account):
        _log(account.login, origin, account, _cause((account,)) if not account.is_active else "locked")
        raise SignInRefused
    _log(account.login, origin, account, "ok")


def _known_account(found: tuple[Account, ...], origin: Origin) -> UUID | None:
    if not origin.device or not found:
        return None
    held = KnownDevice.objects.filter(account__in=found, device_blind=_device_blind(origin.device))
    known: UUID | None = held.values_list("account_id", flat=True).first()
    return known


def _check(found: tuple[Account, ...], password: str, *, is_phone: bool) -> tuple[Account, ...]:
    """Accounts in use whose password this is. As many checks for nobody as for somebody."""
    usable = [account for account in found if _is_usable(account)]
    right = [account for account in usable if hashing.is_right(password, account.password)]
    least = LEAST_PHONE_CHECKS if is_phone else 1
    for _missing in range(max(0, least - len(usable))):
        hashing.is_right(password, "")
    return tuple(right)


def _is_usable(account: Account) -> bool:
    if not account.is_active or not account.password:
        return False
    return _may_be_written_to(account)


def _may_be_written_to(account: Account) -> bool:
    return account.person_id is None or registry.may_message(account.person_id)


def _cause(found: tuple[Account, ...]) -> str:
    if not found:
        return "unknown"
    states = {account.state for account in found}
    if "active" in states:
        return "bad_password"
    return "not_active" if "new" in states else "locked"


def _welcome(account: Account, password: str, typed: str, origin: Origin) -> None:
    renewed = hashing.make_hash(password) if hashing.needs_renewal(account.password) else ""
    with transaction.atomic():
        if renewed:
            Account.objects.filter(id=account.id, password=account.password).update(password=renewed)
        remember_device(account.id, origin.device)
        _log(typed, origin, account, "ok")


def _log(typed: str, origin: Origin, account: Account | None, outcome: str) -> None:
    SignInAttempt.objects.create(
        account=account, login_blind=crypto.blind("login", typed),
        address_blind=crypto.blind("address", throttle.network_of(origin.address)), outcome=outcome,
    )  # fmt: skip


def _device_blind(device: str) -> UUID:
    return crypto.blind("device", device)
