"""What follows for processes when others tell something."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.events import on

from .services import timing
from .types.events import MessageThrown

PATHS = {"workflow_case": ("path",), "workflow_definitionversion": ("path",)}


@on(registry.OrganisationMoved)
def follow_moved_organisation(event: registry.OrganisationMoved) -> None:
    """Cases and definitions stand where their organisation stands; addresses name posts and labels and need nothing."""
    registry.follow_move(PATHS, event.before, event.after)


@on(MessageThrown)
def deliver_message(event: MessageThrown) -> None:
    """Messages and signals of cases reach whoever waits for them now; nobody need."""
    if event.is_signal:
        timing.signal(name=event.name)
    else:
        timing.correlate(name=event.name, key=event.key)
