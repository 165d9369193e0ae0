"""Clearing away."""

from __future__ import annotations

from lingqu.kernel.jobs import job

from .services import purge


@job(queue="maintenance", every="47 * * * *")
def purge_upstream() -> None:
    purge()
