"""Who may see findings, waive them, give work orders and change rules. The default is no."""

from __future__ import annotations

from lingqu.kernel.actor import Actor

from .types import ORDER_GIVE, QUALITY_HANDLE, QUALITY_VIEW, RULE_EDIT


def may_view(actor: Actor, path: str) -> bool:
    return actor.holds(QUALITY_VIEW, path)


def may_handle(actor: Actor, path: str) -> bool:
    return actor.holds(QUALITY_HANDLE, path)


def may_order(actor: Actor, path: str) -> bool:
    """From above only: a school gives itself no orders."""
    above = path.rpartition(".")[0]
    return bool(above) and actor.holds(ORDER_GIVE, above)


def may_edit_rules(actor: Actor) -> bool:
    """Rules hold for the whole node, so they are changed at its top."""
    return actor.holds_at_top(RULE_EDIT)
