"""Scheduled work of identity."""

from __future__ import annotations

from uuid import UUID

from lingqu.kernel.jobs import job

from .services import codes, phones, retention, slips, throttle


@job(queue="default", retry=3)
def make_school_slips(*, batch_id: str) -> None:
    """The ZIP that a school ordered."""
    slips.make_batch(UUID(batch_id))


@job(queue="default", every="17 * * * *")
def purge_sign_in() -> None:
    """Buckets that are empty, phone numbers a day after their code ended."""
    throttle.purge()
    phones.purge()


@job(queue="default", every="41 18 * * *")
def purge_identity() -> None:
    """Old attempts, devices, codes and batches."""
    retention.purge_attempts()
    retention.purge_devices()
    retention.purge_batches()
    codes.purge()
