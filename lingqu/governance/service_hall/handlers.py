"""What follows for the service hall when the register changes."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.events import on

PATHS = {
    "service_hall_placerule": ("path",),
    "service_hall_guidenote": ("path",),
    "service_hall_paper": ("path",),
    "service_hall_paperrequest": ("path",),
    "service_hall_transfer": ("path",),
}


@on(registry.OrganisationMoved)
def follow_moved_organisation(event: registry.OrganisationMoved) -> None:
    """Rules, papers and requests stand where their organisation stands."""
    registry.follow_move(PATHS, event.before, event.after)
