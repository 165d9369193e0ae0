"""Scheduled work of the inbox."""

from __future__ import annotations

from lingqu.kernel.jobs import job

from .services import reaching


@job(queue="default", every="* * * * *", lock="inbox.reminders")
def send_reminders() -> None:
    """Remindings that are due."""
    reaching.send_due()
