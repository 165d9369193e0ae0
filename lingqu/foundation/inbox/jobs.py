"""Scheduled work of the inbox."""

from __future__ import annotations

from uuid import UUID

from lingqu.kernel.jobs import job

from .services import calling_out, reaching, summing, telling


@job(queue="default", every="* * * * *", lock="inbox.reminders")
def send_reminders() -> None:
    """Remindings that are due."""
    reaching.send_due()


@job(queue="default", every="50 3 * * *", lock="inbox.purge_messages")
def purge_messages() -> None:
    """Messages that are older than they are kept."""
    telling.forget_old()


@job(queue="default", every="* * * * *", lock="inbox.tell_groups")
def tell_groups() -> None:
    """Groups that are to hear of a notice now."""
    calling_out.tell_due()


@job(queue="default")
def count_sums(*, notice_id: str) -> None:
    """Who confirmed a notice to tens of thousands, and who did not."""
    summing.count_all(UUID(notice_id))
