"""Who may see, open and change the resources of a class, and which applications stand there. ``group`` comes with its
school."""

from __future__ import annotations

from typing import Any

from lingqu.kernel.actor import Actor

from . import register
from .types import rights


def may_open(actor: Actor, group: Any) -> bool:
    """Pupils who sit in the class and those who teach it."""
    return _holds(actor, rights.OPEN, group)


def may_edit(actor: Actor, group: Any) -> bool:
    """Those who teach the class, and who administers the school."""
    return _holds(actor, rights.EDIT, group)


def may_see(actor: Actor, group: Any) -> bool:
    return may_open(actor, group) or may_edit(actor, group)


def fits(app: Any, group: Any) -> bool:
    """A sandbox class is for its vendor's applications in the sandbox, every other class for those that left it."""
    if register.is_sandbox(group):
        return bool(app.is_sandbox and app.vendor_id == group.vendor_id)
    return not app.is_sandbox


def _holds(actor: Actor, code: str, group: Any) -> bool:
    """No place reaches a sandbox class: its people hold their rights on the class itself."""
    at_place = not register.is_sandbox(group) and actor.holds(code, str(group.school.path))
    return at_place or group.id in actor.things(code, "class")
