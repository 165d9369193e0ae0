"""Scheduled work of collection."""

from __future__ import annotations

from lingqu.kernel.jobs import job

from .services import chasing


@job(queue="default", every="* * * * *", lock="collection.chase")
def chase() -> None:
    """Tables that remind by themselves."""
    chasing.chase_due()
