"""Scheduled work of applications."""

from __future__ import annotations

from lingqu.kernel.jobs import job

from .services import retention, telling


@job(queue="default", retry=3, every="* * * * *", lock="logout-notices")
def send_logout_notices() -> None:
    """Tell applications that sessions ended; queued at once by each end, each minute for further tries."""
    telling.send_due()


@job(queue="default", every="23 19 * * *")
def purge_applications() -> None:
    """Old requests and notices."""
    retention.purge_requests()
    retention.purge_notices()
