"""What follows when an application, a consent or an account ends. At our endpoints the end holds before this runs."""

from __future__ import annotations

from lingqu.foundation.applications import api as applications
from lingqu.kernel.events import on

from .services import grants


@on(applications.ApplicationSuspended)
def end_of_suspended(event: applications.ApplicationSuspended) -> None:
    """So that nothing of it lives again when the application does."""
    grants.end_of_application(event.application_id)


@on(applications.ApplicationRetired)
def end_of_retired(event: applications.ApplicationRetired) -> None:
    grants.end_of_application(event.application_id)


@on(applications.ConsentEnded)
def end_without_consent(event: applications.ConsentEnded) -> None:
    """Tokens that carry a scope which is no longer agreed to."""
    grants.end_of_application(event.application_id, [event.account_id])
