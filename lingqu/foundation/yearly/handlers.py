"""What follows for yearly work when the register changes."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.events import on

PATHS = {
    "yearly_schoolplan": ("path",),
    "yearly_rolloverrun": ("path",),
    "yearly_placement": ("path",),
}


@on(registry.OrganisationMoved)
def follow_moved_organisation(event: registry.OrganisationMoved) -> None:
    """Plans, runs and placements stand where their school stands."""
    registry.follow_move(PATHS, event.before, event.after)
