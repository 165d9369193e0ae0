"""Clearing away."""

from __future__ import annotations

from lingqu.kernel.jobs import job

from .services import purge


@job(queue="maintenance", every="17 * * * *")
def purge_cas() -> None:
    purge()
