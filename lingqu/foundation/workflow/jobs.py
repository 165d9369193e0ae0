"""Scheduled work of processes."""

from __future__ import annotations

from lingqu.kernel.jobs import job

from .services import archiving, timing


@job(queue="default", every="* * * * *")
def fire_timers() -> None:
    """Timers that are due; several workers may be at it."""
    timing.fire_due()


@job(queue="default", every="40 18 * * *", lock="workflow.archive")
def archive_cases() -> None:
    """Cases that ended half a year ago."""
    archiving.archive_finished()
