"""Scheduled work of processes."""

from __future__ import annotations

from lingqu.kernel.jobs import job

from .services import archiving, following, timing


@job(queue="default", every="* * * * *")
def fire_timers() -> None:
    """Timers that are due; several workers may be at it."""
    timing.fire_due()


@job(queue="default", every="40 18 * * *", lock="workflow.archive")
def archive_cases() -> None:
    """Cases that ended half a year ago."""
    archiving.archive_finished()


@job(queue="default", every="25 18 * * *", lock="workflow.follow")
def follow_register() -> None:
    """Steps about pupils who moved, and claims of people who left, by whatever load."""
    following.follow_all()
