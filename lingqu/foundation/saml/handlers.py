"""What follows when an application ends: requests that wait for a sign-in are not answered any more."""

from __future__ import annotations

from lingqu.foundation.applications import api as applications
from lingqu.kernel.events import on

from .services.answering import forget_pending


@on(applications.ApplicationSuspended)
def end_of_suspended(event: applications.ApplicationSuspended) -> None:
    forget_pending(event.application_id)


@on(applications.ApplicationRetired)
def end_of_retired(event: applications.ApplicationRetired) -> None:
    forget_pending(event.application_id)
