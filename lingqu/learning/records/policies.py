"""Who may keep credentials."""

from __future__ import annotations

from uuid import UUID

from lingqu.foundation.applications import api as applications
from lingqu.kernel.actor import Actor, require

from .types import rights


def may_keep_credentials(actor: Actor) -> bool:
    """All of them: who runs the platform."""
    return actor.holds_at_top(rights.KEEP)


def require_credentials(actor: Actor, application_id: UUID | None, organisation_id: UUID | None = None) -> None:
    """Those of an application: also the bureau that keeps it and its vendor, for places that use it."""
    if may_keep_credentials(actor):
        return
    require(application_id is not None)
    assert application_id is not None
    applications.require_settings(actor=actor, application_id=application_id)
    used = {one[0] for one in applications.adopting_organisations(application_id)}
    require(organisation_id is None or organisation_id in used)
