"""Granting and ending roles. Only security administrators do it, within their subtree, for others, until a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from .. import policies, register, roles
from ..models import Account, RoleAssignment
from ..selectors import accounts
from ..selectors.standing import derived_choices, live_assignments
from ..types import rights
from ..types.events import RoleEnded, RoleGranted
from ..types.words import DUTY_ROLES
from .locking import refuse_oneself

LONGEST = timedelta(days=3 * 366)
LONGEST_DUTY = timedelta(days=366)


def grant_role(
    *,
    actor: Actor,
    account: Account,
    role: str,
    organisation: Any = None,
    organisation_code: str = "",
    until: datetime | None = None,
) -> RoleAssignment:
    """Let an account act in a role at an organisation and below it until a moment.

    Refused: roles that follow from the register, places outside one's own subtree, oneself, duties that exclude each
    other (per account and per person), no end or one too far away (a year for the separated duties, three years else;
    the platform itself may grant without end). Repeating it moves the end. The place is an organisation or its code.
    """
    organisation = organisation or register.get_organisation(organisation_code)
    path = str(organisation.path)
    if not policies.may_grant(actor, role, path):
        raise Forbidden(_("你不能在这个机构授予这个角色。"), code="grant_forbidden")
    refuse_oneself(actor, account)
    if organisation.kind not in roles.ROLES[role].at:
        raise Invalid(_("“%(role)s”不能授在这类机构上。") % {"role": roles.title_of(role)}, code="role_place")
    _check_end(actor, role, until)
    if account.state in ("locked", "closed"):
        raise Conflict(_("这个账号已停用。"), code="account_locked")
    with transaction.atomic():
        _lock_holder(account)
        _end_expired(account)
        _refuse_conflict(account, role)
        made, _is_new = RoleAssignment.objects.update_or_create(
            account=account, role=role, organisation=organisation, ended_at=None,
            defaults={"valid_until": until, "granted_by": actor.name, "granted_at": now()},
        )  # fmt: skip
        _raise_epoch(account.id)
        data = {"role": role, "organisation": str(organisation.id), "until": until.isoformat() if until else ""}
        audit.record(
            actor, "identity.role.granted", subject_kind="account", subject_id=account.id, path=path, data=data
        )
        changes.log("identity.role", [made.id], "c")
        events.publish(
            RoleGranted(assignment_id=made.id, account_id=account.id, role=role, organisation_id=organisation.id)
        )
    return made


def end_role(*, actor: Actor, assignment_id: int) -> None:
    """Take a granted role back now. The account acts without it from its next request on."""
    row = RoleAssignment.objects.filter(id=assignment_id).select_related("organisation", "account").first()
    if row is None:
        raise NotFound(_("没有这条角色授权。"))
    path = str(row.organisation.path)
    require(actor.holds(rights.ROLE_GRANT, path))
    refuse_oneself(actor, row.account)
    with transaction.atomic():
        changed = RoleAssignment.objects.filter(id=assignment_id, ended_at=None).update(
            ended_at=now(), ended_by=actor.name
        )
        if not changed:
            raise Conflict(_("这个角色已经收回。"), code="role_ended")
        _raise_epoch(row.account_id)
        audit.record(
            actor, "identity.role.ended", subject_kind="account", subject_id=row.account_id, path=path,
            data={"role": row.role, "organisation": str(row.organisation_id)},
        )  # fmt: skip
        changes.log("identity.role", [row.id], "u")
        events.publish(
            RoleEnded(
                assignment_id=row.id, account_id=row.account_id, role=row.role, organisation_id=row.organisation_id
            )
        )


def _check_end(actor: Actor, role: str, until: datetime | None) -> None:
    if until is None:
        if actor.is_system:
            return
        message = _("请填写到期日。")
        raise Invalid(message, code="end_missing", details={"until": message})
    longest = LONGEST_DUTY if role in DUTY_ROLES else LONGEST
    if until <= now() or (until > now() + longest and not actor.is_system):
        message = _("到期日要在今天之后，最长%(days)d天。") % {"days": longest.days}
        raise Invalid(message, code="end_out_of_range", details={"until": message})


def _lock_holder(account: Account) -> None:
    """Grants to one person wait for each other, whichever of the person's accounts they name."""
    who = register.canonical_id(account.person_id) if account.person_id else account.id
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))", [str(who)])


def _end_expired(account: Account) -> None:
    """Roles whose time is over make room for new ones."""
    RoleAssignment.objects.filter(account=account, ended_at=None, valid_until__lte=now()).update(
        ended_at=F("valid_until")
    )


def _refuse_conflict(account: Account, role: str) -> None:
    ids = accounts.accounts_of_person(account.person_id) if account.person_id else [account.id]
    held = set(
        RoleAssignment.objects.filter(live_assignments(now()), account_id__in=ids).values_list("role", flat=True)
    )
    if account.person_id:
        held |= {choice.role for choice in derived_choices(register.canonical_id(account.person_id))}
    other = roles.conflict_between(role, held)
    if other:
        raise Conflict(
            _("“%(role)s”与这个人已有的“%(other)s”不能由同一人担任。")
            % {"role": roles.title_of(role), "other": roles.title_of(other)},
            code="duties_exclude_each_other",
        )


def _raise_epoch(account_id: UUID) -> None:
    Account.objects.filter(id=account_id).update(epoch=F("epoch") + 1)
