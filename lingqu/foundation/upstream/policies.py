"""Who may set up sources and decide who somebody is. Both are of the whole region: nobody's place is known before."""

from __future__ import annotations

from lingqu.kernel.actor import Actor, require


def require_top(actor: Actor, code: str) -> None:
    """Raises :class:`Forbidden` for everybody who does not hold the right at the top of the tree."""
    require(actor.holds_at_top(code))
