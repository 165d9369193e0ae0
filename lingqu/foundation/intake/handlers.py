"""What follows for imports when the register changes."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.events import on

from .services.following import follow_move


@on(registry.OrganisationMoved)
def follow_moved_organisation(event: registry.OrganisationMoved) -> None:
    """Scopes of imports and saved mappings stand where their organisation stands."""
    follow_move(event.before, event.after)
