"""The kernel's own scheduled work. Cron lines are UTC: 18:00 is two in the morning on the platform's clock."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings

from . import files, limits, retention
from .jobs import job


@job(every="17 * * * *", queue="maintenance")
def purge_limits() -> None:
    limits.purge()


@job(every="40 18 * * *", queue="maintenance")
def collect_orphan_files() -> None:
    files.collect_orphans()


@job(every="10 18 * * *", queue="maintenance")
def purge_trail() -> None:
    retention.purge_outbox()
    retention.purge_changes()
    retention.purge_audit()


@job(every="25 18 * * *", queue="maintenance")
def purge_tools() -> None:
    retention.purge_jobs()
    retention.purge_messages()
    retention.purge_beats()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
