"""What follows when an application ends: its tickets are no longer good. Redeeming refuses before this runs."""

from __future__ import annotations

from lingqu.foundation.applications import api as applications
from lingqu.kernel.events import on

from .services import end_tickets


@on(applications.ApplicationSuspended)
def end_of_suspended(event: applications.ApplicationSuspended) -> None:
    end_tickets(event.application_id)


@on(applications.ApplicationRetired)
def end_of_retired(event: applications.ApplicationRetired) -> None:
    end_tickets(event.application_id)
