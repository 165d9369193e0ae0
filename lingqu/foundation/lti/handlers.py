"""What follows when an application ends (at our endpoints the end holds before this runs), and when classes go up."""

from __future__ import annotations

from lingqu.foundation.applications import api as applications
from lingqu.foundation.registry import api as registry
from lingqu.kernel.events import on

from .services import years
from .services.tools import stop


@on(applications.ApplicationSuspended)
def end_of_suspended(event: applications.ApplicationSuspended) -> None:
    """So that no launch or token of it lives again when the application does."""
    stop(event.application_id)


@on(applications.ApplicationRetired)
def end_of_retired(event: applications.ApplicationRetired) -> None:
    stop(event.application_id)


@on(registry.SchoolAdvanced)
def follow_classes(event: registry.SchoolAdvanced) -> None:
    """Resources go up with their class. What is taken back was taken out with the step itself."""
    if not event.undone:
        years.carry_over(school_id=event.school_id, to_year=event.to_year, classes=event.classes)
