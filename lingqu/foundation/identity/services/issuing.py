"""Codes for several accounts at once, and one password for many accounts of a demonstration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Invalid

from .. import hashing, passwords, policies
from ..models import Account
from ..types.words import CodePurpose, SessionEnd
from . import codes, signing_in

MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCode:
    """A fresh code in clear: shown once, stored nowhere."""

    account_id: UUID
    code: str
    expires_at: datetime


def issue_codes(*, actor: Actor, account_ids: Sequence[UUID], purpose: str) -> tuple[IssuedCode, ...]:
    """A fresh one-use code for each account, at most 500; older unused ones of theirs are void.

    Needs ``identity.account.reset`` over every holder. First codes go to accounts that are not in use yet, codes for
    ``reset`` also to those in use; :class:`Invalid` with the code ``account_state`` for any other.
    """
    wanted, kind = list(dict.fromkeys(account_ids)), CodePurpose(purpose)
    if len(wanted) > MOST:
        raise Invalid(_("一次最多给%(most)d个账号发码。") % {"most": MOST}, code="too_many_accounts")
    states = ("new", "active") if kind is CodePurpose.RESET else ("new",)
    with transaction.atomic():
        rows = Account.objects.select_for_update(of=("self",)).select_related("person").order_by("id")
        found = {account.id: account for account in rows.filter(id__in=wanted)}
        require(len(found) == len(wanted) and all(policies.may_reset(actor, one) for one in found.values()))
        if any(account.state not in states for account in found.values()):
            raise Invalid(_("有账号已经开通、停用或注销，不能发这种码。"), code="account_state")
        made = codes.issue(actor=actor, wanted=[codes.Wanted(purpose=kind, account_id=one) for one in wanted])
        for one in wanted:
            person = found[one].person
            audit.record(
                actor, "identity.code.issued", subject_kind="account", subject_id=one,
                path=str(person.path) if person else None, data={"purpose": kind.value},
            )  # fmt: skip
    ends = codes.expiry_of(kind)
    return tuple(IssuedCode(account_id=one, code=code, expires_at=ends) for one, code in zip(wanted, made, strict=True))


def set_password(account_ids: Sequence[UUID], password: str, *, actor: Actor | None = None) -> int:
    """One password for many accounts, hashed once; they are in use from now on. Returns how many were changed.

    Only the platform itself may do this, as for a demonstration; without an actor it acts as such. Stopped and closed
    accounts stay as they are, sessions of the others end.
    """
    actor = actor or Actor.system("identity")
    require(actor.is_system)
    hashed = hashing.make_hash(passwords.normalised(password))
    with transaction.atomic():
        usable = Account.objects.filter(id__in=list(account_ids), state__in=("new", "active"))
        changed = usable.update(
            password=hashed,
            state="active",
            activated_at=Coalesce(F("activated_at"), Now()),
        )
        signing_in.end_sessions(list(account_ids), SessionEnd.PASSWORD)
        audit.record(actor, "identity.passwords.set", subject_kind="account", data={"count": changed})
        changes.log("identity.account", account_ids)
    return changed
