"""Comparing files in the worker."""

from __future__ import annotations

from uuid import UUID

from lingqu.kernel.jobs import job

from .services.reminding import send_waiting
from .services.running import list_stale, perform


@job(queue="imports", retry=5)
def compare_file(*, run_id: str) -> None:
    perform(UUID(run_id))


@job(queue="messages", retry=5, lock="reconciliation.reminders")
def send_reminders() -> None:
    send_waiting()


@job(queue="maintenance", every="*/5 * * * *")
def resume_comparing() -> None:
    for run_id in list_stale():
        compare_file.defer(run_id=str(run_id), _lock="reconciliation", _once=f"run:{run_id}")
