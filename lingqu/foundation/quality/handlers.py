"""What follows for data quality when the register changes."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.events import on

PATHS = {
    "quality_finding": ("path",),
    "quality_workorder": ("path",),
    "quality_dayscore": ("path",),
    "quality_evaluation": ("path", "next_path"),
    "quality_widefinding": ("path",),
}


@on(registry.OrganisationMoved)
def follow_moved_organisation(event: registry.OrganisationMoved) -> None:
    """Findings, orders and scores stand where their school stands."""
    registry.follow_move(PATHS, event.before, event.after)
