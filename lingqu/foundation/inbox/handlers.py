"""What follows for the inbox when the register changes."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.events import on

PATHS = {"inbox_notice": ("path",)}


@on(registry.OrganisationMoved)
def follow_moved_organisation(event: registry.OrganisationMoved) -> None:
    """Notices stand where their sender stands; addresses name places by label and need nothing."""
    registry.follow_move(PATHS, event.before, event.after)
