"""What follows for collection when the register changes."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.events import on

PATHS = {
    "collection_collection": ("path",),
    "collection_answer": ("path",),
    "collection_step": ("path",),
    "collection_part": ("path",),
}


@on(registry.OrganisationMoved)
def follow_moved_organisation(event: registry.OrganisationMoved) -> None:
    """Collections, answers and what happened to them stand where their organisation stands."""
    registry.follow_move(PATHS, event.before, event.after)
