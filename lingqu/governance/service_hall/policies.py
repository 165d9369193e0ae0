"""Who may see and set what in the service hall. The default is no."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lingqu.foundation.reconciliation import api as reconciliation
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Forbidden

from .types import rights


def may_see_seats(actor: Actor, school: Any) -> bool:
    return actor.holds(rights.SEATS_VIEW, str(school.path))


def may_plan(actor: Actor, school: Any) -> bool:
    return actor.holds(rights.SEATS_PLAN, str(school.path))


def require_plan(actor: Actor, school: Any) -> None:
    require(may_plan(actor, school))


def require_rules(actor: Actor, office: Any) -> None:
    require(actor.holds(rights.RULES_SET, str(office.path)))


def may_issue(actor: Actor, path: str) -> bool:
    return actor.holds(rights.PAPER_ISSUE, path)


def require_issue(actor: Actor, path: str) -> None:
    require(may_issue(actor, path))


def wards(actor: Actor) -> tuple[UUID, ...]:
    """Oneself and the children one may settle things for: 代办人 may not."""
    own = (actor.person_id,) if actor.person_id is not None and actor.role == "student" else ()
    children = registry.list_children(actor) if actor.role == "guardian" else ()
    return (*own, *(child.pupil.person.id for child in children if not child.is_proxy))


def require_family(actor: Actor, person_id: UUID) -> None:
    if person_id not in wards(actor):
        raise Forbidden()


def may_track(actor: Actor, path: str) -> bool:
    """Transfers beyond the province are followed by whoever works on 人籍核对."""
    return actor.holds(reconciliation.rights.WORK, path)


def require_track(actor: Actor, path: str) -> None:
    require(may_track(actor, path))


def require_see_beyond(actor: Actor, path: str) -> None:
    require(actor.holds(reconciliation.rights.VIEW, path))
