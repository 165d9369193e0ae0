"""Who may see, open and change the resources of a class. ``group`` comes with its school."""

from __future__ import annotations

from typing import Any

from lingqu.kernel.actor import Actor

from .types import rights


def may_open(actor: Actor, group: Any) -> bool:
    """Pupils who sit in the class and those who teach it."""
    return _holds(actor, rights.OPEN, group)


def may_edit(actor: Actor, group: Any) -> bool:
    """Those who teach the class, and who administers the school."""
    return _holds(actor, rights.EDIT, group)


def may_see(actor: Actor, group: Any) -> bool:
    return may_open(actor, group) or may_edit(actor, group)


def _holds(actor: Actor, code: str, group: Any) -> bool:
    return actor.holds(code, str(group.school.path)) or group.id in actor.things(code, "class")
