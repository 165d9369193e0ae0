"""Samples for tests that visit every address."""

from __future__ import annotations

from typing import Any

from .services.previewing import compute, steps_in
from .services.years import ensure_rollover


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Route name → arguments in the own and in the other node; both have a computed plan for the coming year."""
    rollover = ensure_rollover("2027-2028")
    for node in (world.own, world.other):
        compute(rollover, steps_in(rollover, ids=[node.school.id]))
    own, other = {"code": world.own.school.code}, {"code": world.other.school.code}
    return {f"yearly:rollover_{name}": (own, other) for name in ("school", "decide", "rules")}
