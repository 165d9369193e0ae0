"""What follows for the service hall when the register changes."""

from __future__ import annotations

import logging
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.foundation.intake import api as intake
from lingqu.foundation.reconciliation import api as reconciliation
from lingqu.foundation.registry import api as registry
from lingqu.foundation.workflow import api as workflow
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import DomainError
from lingqu.kernel.events import on
from lingqu.kernel.language import writing_to

from .models import Transfer
from .processes import AWAIT, KEY_DATA, TRANSFER
from .selectors.transfers import list_settled
from .services import beyond, transfers

logger = logging.getLogger(__name__)
SYSTEM = Actor.system("service_hall")

PATHS = {
    "service_hall_placerule": ("path",),
    "service_hall_guidenote": ("path",),
    "service_hall_paper": ("path",),
    "service_hall_paperrequest": ("path",),
    "service_hall_transfer": ("path",),
    "service_hall_beyondtransfer": ("path",),
}


@on(registry.OrganisationMoved)
def follow_moved_organisation(event: registry.OrganisationMoved) -> None:
    """Rules, papers and requests stand where their organisation stands."""
    registry.follow_move(PATHS, event.before, event.after)


@on(intake.ImportApplied)
def settle_after_import(event: intake.ImportApplied) -> None:
    """A national file is in the register: transfers whose 学籍 it shows where they lead are settled."""
    if event.source_kind != "national_pupil":
        return
    beyond.settle_by_file()
    for row in list_settled():
        if row.case_id is not None:
            _complete_waiting(row.case_id)


@on(reconciliation.TicketEnded)
def end_with_ticket(event: reconciliation.TicketEnded) -> None:
    """关键数据变更: the case of the family ends with the register's ticket."""
    if event.case_id is None:
        return
    if event.state == reconciliation.TicketState.CLOSED:
        _complete_waiting(event.case_id)
        return
    view = workflow.get_case(SYSTEM, event.case_id)
    if view.line.ended_at is None:
        with writing_to():
            workflow.cancel(actor=SYSTEM, case_id=event.case_id, reason=_("学校撤回了变更登记"))


def _complete_waiting(case_id: UUID) -> None:
    """The step at which a case waits for the national system is done."""
    view = workflow.get_case(SYSTEM, case_id)
    waiting = next((one for one in view.tasks if one.ended_at is None and one.node == AWAIT), None)
    try:
        if waiting is not None:
            workflow.complete(actor=SYSTEM, task_id=waiting.id)
    except DomainError as refusal:  # the case stands still and says why; the next file tries again
        logger.warning("case %s is not settled: %s", case_id, refusal.code)


@on(workflow.CaseEnded)
def close_with_case(event: workflow.CaseEnded) -> None:
    """A case that was refused or cancelled gives the place back, a 就读 that began, and a wish that waits."""
    if event.state == "done":
        return
    if event.key == TRANSFER:
        for row in Transfer.objects.filter(case_id=event.case_id, ended_on=None):
            transfers.close(actor=SYSTEM, transfer_id=row.id, ending=event.state)
    if event.key == KEY_DATA:
        reconciliation.drop_ticket(actor=SYSTEM, case_id=event.case_id)
