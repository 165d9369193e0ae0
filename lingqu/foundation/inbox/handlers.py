"""What follows for the inbox when the register changes."""

from __future__ import annotations

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel.events import on

from .services import facts

PATHS = {"inbox_notice": ("path",), "inbox_robot": ("path",)}


@on(registry.OrganisationMoved)
def follow_moved_organisation(event: registry.OrganisationMoved) -> None:
    """Notices stand where their sender stands; addresses name places by label and need nothing."""
    registry.follow_move(PATHS, event.before, event.after)


@on(identity.GuardianClaimed)
def tell_class_teacher(event: identity.GuardianClaimed) -> None:
    """A claim waits for whoever heads the child's class."""
    facts.tell_of_claim(event.claim_id, event.child_id)


@on(identity.GuardianClaimDecided)
def tell_claimant(event: identity.GuardianClaimDecided) -> None:
    """Whoever claimed a child learns what became of it, beside the SMS of that moment."""
    facts.tell_of_decision(event.claim_id, event.child_id, event.person_id, is_confirmed=event.is_confirmed)
