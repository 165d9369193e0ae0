"""What follows for statistics when the register changes."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.events import on

PATHS = {
    "statistics_sheet": ("path",),
    "statistics_round": ("path",),
    "statistics_conditions": ("path",),
}


@on(registry.OrganisationMoved)
def follow_moved_organisation(event: registry.OrganisationMoved) -> None:
    """Rounds, sheets and conditions stand where their organisation stands. What is frozen keeps the place it had."""
    registry.follow_move(PATHS, event.before, event.after)
