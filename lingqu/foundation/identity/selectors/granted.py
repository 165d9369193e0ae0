"""Granted roles as lists."""

from __future__ import annotations

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.pages import Page, merge_branches

from ..models import RoleAssignment
from ..types import rights
from ..types.values import GrantedRole
from .accounts import name_of
from .standing import live_assignments


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


def _as_granted(row: RoleAssignment) -> GrantedRole:
    return GrantedRole(
        id=row.id, role=row.role, account_id=row.account_id, login=row.account.login, name=name_of(row.account),
        organisation_id=row.organisation_id, organisation_name=row.organisation.name,
        path=str(row.organisation.path), valid_from=row.valid_from, valid_until=row.valid_until,
        granted_by=row.granted_by, ended_at=row.ended_at,
    )  # fmt: skip
