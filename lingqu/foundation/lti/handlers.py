"""What follows when an application ends. At our endpoints the end holds before this runs."""

from __future__ import annotations

from lingqu.foundation.applications import api as applications
from lingqu.kernel.events import on

from .services.tools import stop


@on(applications.ApplicationSuspended)
def end_of_suspended(event: applications.ApplicationSuspended) -> None:
    """So that no launch or token of it lives again when the application does."""
    stop(event.application_id)


@on(applications.ApplicationRetired)
def end_of_retired(event: applications.ApplicationRetired) -> None:
    stop(event.application_id)
