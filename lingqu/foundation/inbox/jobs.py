"""Scheduled work of the inbox."""

from __future__ import annotations

from lingqu.kernel.jobs import job

from .services import reaching, telling


@job(queue="default", every="* * * * *", lock="inbox.reminders")
def send_reminders() -> None:
    """Remindings that are due."""
    reaching.send_due()


@job(queue="default", every="50 3 * * *", lock="inbox.purge_messages")
def purge_messages() -> None:
    """Messages that are older than they are kept."""
    telling.forget_old()
