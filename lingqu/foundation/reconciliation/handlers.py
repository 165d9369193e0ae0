"""What follows for reconciliation when the register or an import moves on. Each may run twice."""

from __future__ import annotations

from lingqu.foundation.intake import api as intake
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, NotFound
from lingqu.kernel.events import on

from .services.following import follow_move
from .services.running import start_run


@on(intake.ImportApplied)
def compare_after_import(event: intake.ImportApplied) -> None:
    """A national file is in the register: compare it. An older file than the newest says nothing new."""
    if event.source_kind != "national_pupil":
        return
    try:
        start_run(actor=Actor.system("reconciliation"), import_id=event.import_id)
    except (NotFound, Conflict):
        return


@on(registry.OrganisationMoved)
def follow_moved_organisation(event: registry.OrganisationMoved) -> None:
    """Places of files, figures, cases and tickets stand where their organisation stands."""
    follow_move(event.before, event.after)
