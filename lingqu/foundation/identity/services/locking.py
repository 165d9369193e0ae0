"""Stopping an account, letting it go on, and ending its sessions."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies
from ..models import Account
from ..types.events import AccountLocked
from ..types.words import SessionEnd
from . import signing_in

LONGEST_LOCK = timedelta(days=366)
MOST_REASON = 200


def lock_account(*, actor: Actor, account: Account, until: datetime | None = None, reason: str = "") -> None:
    """Stop an account: its sessions end within one request, its codes open it no more.

    With ``until`` (at most a year away) it opens again by itself. ``reason`` is for those who administer the account.
    """
    refuse_oneself(actor, account)
    require(policies.may_lock(actor, account))
    if until is not None and not now() < until <= now() + LONGEST_LOCK:
        message = _("停用的截止日要在今天之后，最长一年。")
        raise Invalid(message, code="end_out_of_range", details={"until": message})
    with transaction.atomic():
        changed = Account.objects.filter(id=account.id, state__in=["new", "active"]).update(
            state="locked", locked_until=until,
            lock_reason=" ".join(reason.split())[:MOST_REASON],
        )  # fmt: skip
        if not changed:
            raise Conflict(_("这个账号已停用。"), code="account_locked")
        signing_in.end_sessions([account.id], SessionEnd.LOCKED)
        _trace(actor, "identity.account.locked", account, until=until.isoformat() if until else "")
        events.publish(AccountLocked(account_id=account.id))


def unlock_account(*, actor: Actor, account: Account) -> None:
    """Let a stopped account go on; whoever had a password keeps it."""
    refuse_oneself(actor, account)
    require(policies.may_lock(actor, account))
    with transaction.atomic():
        if not _open_again(Account.objects.filter(id=account.id, state="locked")):
            raise Conflict(_("这个账号没有停用。"), code="account_not_locked")
        _trace(actor, "identity.account.unlocked", account)


def open_due() -> int:
    """Accounts whose stop was for a time that is over go on; returns how many."""
    due = Account.objects.filter(state="locked", locked_until__lte=now())
    with transaction.atomic():
        ids = list(due.select_for_update(skip_locked=True).values_list("id", flat=True)[:1000])
        opened = _open_again(Account.objects.filter(id__in=ids))
        if opened:
            audit.record(
                Actor.system("identity"), "identity.accounts.unlocked", subject_kind="account", data={"count": opened}
            )
            changes.log("identity.account", ids, "u")
    return opened


def end_all_sessions(*, actor: Actor, account: Account) -> None:
    """Every browser in which the account is signed in is out at its next request; the password stays."""
    refuse_oneself(actor, account)
    require(policies.may_reset(actor, account) or policies.may_lock(actor, account))
    with transaction.atomic():
        signing_in.end_sessions([account.id], SessionEnd.BY_ADMIN)
        _trace(actor, "identity.sessions.ended", account)


def refuse_oneself(actor: Actor, account: Account) -> None:
    """Nobody grants to, stops or opens themselves: somebody else does it."""
    is_same_person = account.person_id is not None and account.person_id == actor.person_id
    if account.id == actor.account_id or is_same_person:
        raise Forbidden(_("不能给自己授权或改动自己的账号，请由另一位管理员办理。"), code="oneself")


def _open_again(rows: object) -> int:
    state = Case(When(password="", then=Value("new")), default=Value("active"))
    changed: int = rows.update(state=state, locked_until=None, lock_reason="")  # type: ignore[attr-defined]
    return changed


def _trace(actor: Actor, action: str, account: Account, **data: str) -> None:
    path = str(account.person.path) if account.person else None
    audit.record(actor, action, subject_kind="account", subject_id=account.id, path=path, data=dict(data))
    changes.log("identity.account", [account.id], "u")
