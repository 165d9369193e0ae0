"""Who may keep credentials."""

from __future__ import annotations

from lingqu.kernel.actor import Actor

from .types import rights


def may_keep_credentials(actor: Actor) -> bool:
    return actor.holds_at_top(rights.KEEP) or actor.is_system
