"""Launches that are over go."""

from __future__ import annotations

from lingqu.kernel.jobs import job

from .services.launching import purge


@job(queue="maintenance", every="47 3 * * *")
def purge_lti() -> None:
    purge()
