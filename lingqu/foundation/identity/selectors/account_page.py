"""One account for those who administer it: state, last failures, devices, codes that are out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import NotFound

from .. import policies
from ..models import Account, ActivationCode, SignInAttempt
from ..types import rights
from ..types.values import AccountPage, Attempt, OpenPaper
from ..types.words import ADVICE, Outcome
from . import accounts, inviting, real_names
from .factors import with_factor

MOST_ATTEMPTS = 6
FAILURES_OF = timedelta(days=1)


def get_account_page(*, actor: Actor, login: str) -> tuple[Account, AccountPage, policies.Reach]:
    """The account with this login, if it is the actor's to see; :class:`NotFound` for all others alike."""
    account = accounts.find_account(login)
    reach = policies.reach_of(account) if account else None
    if account is None or reach is None or not policies.may_see_account(actor, account, reach):
        raise NotFound(_("没有这个账号。"))
    # Holders of granted roles stand in the list of roles by name already.
    sees_name = account.person_id is None or actor.has(rights.ACCOUNT_VIEW) or bool(reach.granted)
    person: Any = account.person
    attempts = tuple(SignInAttempt.objects.filter(account=account).order_by("-id")[:MOST_ATTEMPTS])
    found = reach.person
    devices, has_factor, failures = _ways_in(account.id)
    return account, AccountPage(
        account_id=account.id, login=account.login, name=accounts.name_of(account) if sees_name else "",
        person_number=person.number if person and sees_name else "",
        where=_where(found) if found and sees_name else (),
        state=account.state, locked_until=account.locked_until, lock_reason=account.lock_reason,
        opened_at=account.opened_at, activated_at=account.activated_at, last_login=account.last_login,
        has_phone=account.verified_phone_blind is not None,
        has_factor=has_factor, email=accounts.mask_email(account.verified_email),
        devices=devices, failures=failures,
        attempts=tuple(_attempt(row) for row in attempts), code=_open_code(account.id),
        invitation=inviting.latest_invitations([account.id]).get(account.id),
        is_staff=bool(found and found.work_names), pupil_class=found.classes[0] if found and found.classes else None,
        proofs=real_names.proofs_of(account.id),
    ), reach  # fmt: skip


def require_account(*, actor: Actor, login: str) -> Account:
    """The account that an administrator acts on."""
    account = accounts.find_account(login)
    if account is None:
        raise NotFound(_("没有这个账号。"))
    require(policies.may_see_account(actor, account))
    return account


def _where(found: registry.Surroundings) -> tuple[str, ...]:
    """Where somebody is known: class, else school; office; children of those who are nothing else."""
    names = dict.fromkeys((*(found.class_names or found.school_names), *found.work_names))
    return tuple(names) or found.ward_names


def _ways_in(account_id: UUID) -> tuple[int, bool, int]:
    """How many browsers know the account, whether it has a second factor, and the failed attempts of a day."""
    failed = SignInAttempt.objects.filter(account=OuterRef("id"), at__gte=clock.now() - FAILURES_OF)
    counted = failed.exclude(outcome="ok").order_by().values("account").annotate(n=Count("id")).values("n")
    rows = Account.objects.filter(id=account_id).annotate(
        known=Count("devices"), has_factor=with_factor(), failed=Coalesce(Subquery(counted), 0)
    )
    devices, has_factor, failures = rows.values_list("known", "has_factor", "failed").get()
    return devices, has_factor, failures


def _attempt(row: SignInAttempt) -> Attempt:
    known = row.outcome in Outcome.values
    return Attempt(
        at=row.at, outcome=row.outcome, label=str(Outcome(row.outcome).label) if known else row.outcome,
        advice=str(ADVICE.get(row.outcome, "")),
    )  # fmt: skip


def _open_code(account_id: UUID) -> OpenPaper | None:
    found = (
        ActivationCode.objects.filter(account_id=account_id, used_at=None, voided_at=None, expires_at__gt=clock.now())
        .order_by("-id")
        .first()
    )
    if found is None:
        return None
    way = "email" if found.sent_to else "sms" if found.sent_phone else "paper"
    return OpenPaper(issued_at=found.issued_at, expires_at=found.expires_at, issued_by=found.issued_by, way=way)
