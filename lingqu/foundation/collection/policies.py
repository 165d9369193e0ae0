"""Who may collect, look, check, fill and sign. The default is no."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, covers
from lingqu.kernel.errors import Forbidden

from . import register
from .models import Answer, Collection
from .types import rights


def _held(actor: Actor, codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({path for code in codes for path in actor.paths(code)}))


def offices_of(actor: Actor) -> list[Any]:
    """The offices in whose name the actor may collect."""
    return register.offices_in(_held(actor, (rights.MANAGE,)))


def may_manage(actor: Actor, collection: Collection) -> bool:
    """Collections belong to offices, so the right of a school's desk never reaches one."""
    return actor.holds(rights.MANAGE, str(collection.path))


def require_manage(actor: Actor, collection: Collection) -> None:
    if not may_manage(actor, collection):
        raise Forbidden()


def reach_of(actor: Actor, collection: Collection, *codes: str) -> tuple[str, ...]:
    """The parts of a collection that an office sees (by default) or checks (``rights.MANAGE``): everything for whoever
    collects, else what lies below the own office. Empty: nothing."""
    codes = codes or (rights.MANAGE, rights.VIEW)
    path = str(collection.path)
    if any(actor.holds(code, path) for code in codes):
        return (path,)
    below = [one for one in _held(actor, codes) if covers(path, one)]
    return tuple(str(one.path) for one in register.offices_in(below)) if below else ()


def require_reach(actor: Actor, collection: Collection, *codes: str) -> tuple[str, ...]:
    found = reach_of(actor, collection, *codes)
    if not found:
        raise Forbidden()
    return found


def may_fill(actor: Actor, answer: Answer) -> bool:
    return _at_school(actor, str(answer.path), rights.FILL)


def may_sign(actor: Actor, answer: Answer) -> bool:
    return _at_school(actor, str(answer.path), rights.SIGN)


def _at_school(actor: Actor, path: str, *codes: str) -> bool:
    """One of the rights is held at a school: the desk of an office fills and signs for nobody."""
    if actor.is_system:
        return True
    at = clock.now()
    held = {
        one.path
        for one in actor.rights
        if one.code in codes and ":" not in one.path and covers(one.path, path) and one.is_live(at)
    }
    return bool(held) and bool(register.schools_in(held))


def may_see_answer(actor: Actor, answer: Answer) -> bool:
    """The school itself, and the offices above it as far as the collection reaches."""
    path = str(answer.path)
    if any(covers(one, path) for one in reach_of(actor, answer.collection)):
        return True
    return _at_school(actor, path, rights.FILL, rights.SIGN, rights.VIEW)


def require_fill(actor: Actor, answer: Answer) -> None:
    if not may_fill(actor, answer):
        raise Forbidden()


def require_sign(actor: Actor, answer: Answer) -> None:
    if not may_sign(actor, answer):
        raise Forbidden()


def require_check(actor: Actor, answer: Answer) -> None:
    """To return or accept: the office whose reach covers the school."""
    if not any(covers(one, str(answer.path)) for one in reach_of(actor, answer.collection, rights.MANAGE)):
        raise Forbidden()
