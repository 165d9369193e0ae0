"""Who may see, answer and compare: by the places a case touches."""

from __future__ import annotations

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from .models import Case, Ticket
from .types import rights


def _touched(case: Case) -> tuple[str, ...]:
    return tuple(str(path) for path in (case.path, case.other_path, case.owner_path) if path)


def may_view(actor: Actor, path: str) -> bool:
    return actor.holds(rights.VIEW, path)


def may_run(actor: Actor, path: str) -> bool:
    return actor.holds(rights.RUN, path)


def may_see_case(actor: Actor, case: Case) -> bool:
    return any(actor.holds(rights.VIEW, path) for path in _touched(case))


def may_work_case(actor: Actor, case: Case) -> bool:
    return any(actor.holds(rights.WORK, path) for path in _touched(case))


def may_direct_case(actor: Actor, case: Case) -> bool:
    """To give a case to somebody else: whoever compares the files of a place it touches."""
    return any(actor.holds(rights.RUN, path) for path in _touched(case))


def may_work_at(actor: Actor, path: str) -> bool:
    return actor.holds(rights.WORK, path)


def require_view(actor: Actor, path: str) -> None:
    if not may_view(actor, path):
        raise Forbidden()


def require_run(actor: Actor, path: str) -> None:
    if not may_run(actor, path):
        raise Forbidden()


def require_see_case(actor: Actor, case: Case) -> None:
    if not may_see_case(actor, case):
        raise Forbidden()


def require_work_case(actor: Actor, case: Case) -> None:
    if not may_work_case(actor, case):
        raise Forbidden()


def require_work_ticket(actor: Actor, ticket: Ticket) -> None:
    if not actor.holds(rights.WORK, str(ticket.path)):
        raise Forbidden()
