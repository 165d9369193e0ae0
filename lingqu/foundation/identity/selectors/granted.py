"""Granted roles as lists."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.pages import Page, merge_branches

from .. import register, roles
from ..models import RoleAssignment
from ..types import rights
from ..types.values import GrantedRole
from .accounts import find_account_of, name_of
from .standing import live_assignments, standing_of

AT_WORK = ("class_teacher", "teacher", "staff")
"""Roles that follow from working somewhere."""


def list_roles(
    *, actor: Actor, role: str = "", path: str = "", with_ended: bool = False, cursor: str = "", limit: int = 50
) -> Page[GrantedRole]:
    """Granted roles in the places where the actor may see them, newest first; ``path`` narrows to a subtree."""
    require(actor.has(rights.ROLE_VIEW))
    rows = RoleAssignment.objects.select_related("account__person", "organisation")
    if not with_ended:
        rows = rows.filter(live_assignments(clock.now()))
    if role:
        rows = rows.filter(role=role)
    if path:
        rows = rows.filter(organisation__path__within=path)
    branches = [rows] if actor.is_system else [
        rows.filter(organisation__path__within=place) for place in actor.paths(rights.ROLE_VIEW)
    ]  # fmt: skip
    page = merge_branches(branches, order=("-id",), limit=limit, cursor=cursor)
    return page.showing(_as_granted(row) for row in page.items)


def is_role_held(code: str, organisation: Any) -> bool:
    """Whether somebody of the register may act as a role at an organisation: granted, by duty, or by working there."""
    role = roles.ROLES.get(code)
    if role is None:
        return False
    rows = RoleAssignment.objects.filter(live_assignments(clock.now()), role=code, organisation=organisation)
    if rows.filter(account__person__isnull=False).exists():
        return True
    living = register.people().filter(deceased_on=None)
    if code in AT_WORK:
        return bool(living.filter(appointments__organisation=organisation, appointments__valid_to=None).exists())
    duties = [one for one in role.duties if roles.role_of_duty(one, organisation.kind)]
    held = living.filter(duties__organisation=organisation, duties__kind__in=duties, duties__valid_to=None)
    return bool(held.exists())


def may_play(person_id: UUID, code: str, label: str) -> bool:
    """Whether a person may act as a role at the organisation with a label today."""
    account = find_account_of(person_id)
    choices = standing_of(account).choices if account is not None else ()
    return any(one.role == code and one.path.rpartition(".")[2] == label for one in choices)


def _as_granted(row: RoleAssignment) -> GrantedRole:
    return GrantedRole(
        id=row.id, role=row.role, account_id=row.account_id, login=row.account.login, name=name_of(row.account),
        organisation_id=row.organisation_id, organisation_name=row.organisation.name,
        path=str(row.organisation.path), valid_from=row.valid_from, valid_until=row.valid_until,
        granted_by=row.granted_by, ended_at=row.ended_at,
    )  # fmt: skip
