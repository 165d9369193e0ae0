"""What follows for the service hall when the register changes."""

from __future__ import annotations

import logging

from lingqu.foundation.intake import api as intake
from lingqu.foundation.registry import api as registry
from lingqu.foundation.workflow import api as workflow
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import DomainError
from lingqu.kernel.events import on

from .models import Transfer
from .processes import TRANSFER
from .selectors.transfers import list_settled
from .services import transfers

logger = logging.getLogger(__name__)

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


@on(intake.ImportApplied)
def settle_after_import(event: intake.ImportApplied) -> None:
    """A national file is in the register: transfers whose 学籍 it shows at the new school are settled."""
    if event.source_kind != "national_pupil":
        return
    actor = Actor.system("service_hall")
    for row in list_settled():
        if row.case_id is None:
            continue
        view = workflow.get_case(actor, row.case_id)
        waiting = next((one for one in view.tasks if one.ended_at is None), None)
        try:
            if waiting is not None:
                workflow.complete(actor=actor, task_id=waiting.id)
        except DomainError as refusal:  # the case stands still and says why; the next file tries again
            logger.warning("transfer %s is not settled: %s", row.id, refusal.code)


@on(workflow.CaseEnded)
def close_with_case(event: workflow.CaseEnded) -> None:
    """A case that was refused or cancelled gives the place back, and a 就读 that began."""
    if event.key != TRANSFER or event.state == "done":
        return
    for row in Transfer.objects.filter(case_id=event.case_id, ended_on=None):
        transfers.close(actor=Actor.system("service_hall"), transfer_id=row.id, ending=event.state)
