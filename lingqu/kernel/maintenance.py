"""The kernel's own scheduled work."""

from __future__ import annotations

from . import files, limits
from .jobs import job


@job(every="17 * * * *")
def purge_limits() -> None:
    limits.purge()


@job(every="40 18 * * *", queue="maintenance")
def collect_orphan_files() -> None:
    files.collect_orphans()
