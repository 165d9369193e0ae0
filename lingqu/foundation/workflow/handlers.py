"""What follows for processes when others tell something."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.events import on

from .services import following, timing
from .types.events import MessageThrown

PATHS = {"workflow_case": ("path",), "workflow_definitionversion": ("path",)}


@on(registry.OrganisationMoved)
def follow_moved_organisation(event: registry.OrganisationMoved) -> None:
    """Cases and definitions stand where their organisation stands; addresses name posts and labels and need nothing."""
    registry.follow_move(PATHS, event.before, event.after)


@on(registry.RelationsChanged)
def follow_people(event: registry.RelationsChanged) -> None:
    """Steps go with the pupils they are about, and leave those who are not in office any more."""
    following.follow(event.person_ids)


@on(registry.PersonDeceased)
def release_claims(event: registry.PersonDeceased) -> None:
    following.follow([event.person_id])


@on(registry.SchoolAdvanced)
def follow_classes(event: registry.SchoolAdvanced) -> None:
    following.follow_school(event.school_id)


@on(registry.ClassesPlaced)
def follow_placement(event: registry.ClassesPlaced) -> None:
    following.follow_school(event.school_id)


@on(MessageThrown)
def deliver_message(event: MessageThrown) -> None:
    """Messages and signals of cases reach whoever waits for them now; nobody need."""
    if event.is_signal:
        timing.signal(name=event.name)
    else:
        timing.correlate(name=event.name, key=event.key)
