"""Who leaves loses what was granted for the work there, and every session, the same minute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor

from .. import register
from ..models import RoleAssignment
from ..types.words import SessionEnd
from . import roles
from .signing_in import end_sessions

SYSTEM = Actor.system("identity")
OUTSIDE = ("reviewer", "expert", "vendor")
"""Roles that people hold who work elsewhere: they end by their own day, not with a post."""


def end_after_leaving(person_ids: Iterable[UUID]) -> int:
    """End granted roles and sessions of people whose work has ended everywhere. Returns how many accounts.

    Whoever still works somewhere keeps what was granted, because a role at an office may be held by somebody who works at
    a school. Parents, and people who never had a post, are left alone. May run twice.
    """
    grants = RoleAssignment.objects.filter(ended_at=None, account__person_id__in=list(person_ids)).exclude(
        role__in=OUTSIDE
    )
    left: dict[UUID, list[int]] = defaultdict(list)
    for account_id, person_id, grant in grants.values_list("account_id", "account__person_id", "id"):
        if person_id and _has_left(person_id):
            left[account_id].append(grant)
    for account_id, ended in left.items():
        for grant in ended:
            roles.end_role(actor=SYSTEM, assignment_id=grant)
        end_sessions([account_id], SessionEnd.LEFT)
    return len(left)


def _has_left(person_id: UUID) -> bool:
    """Had a post, and has none today under any of the person's ids."""
    ids = registry.ids_of(person_id)
    return not any(map(register.workplaces_of, ids)) and register.has_worked(ids)
