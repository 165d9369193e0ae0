"""Rollover in the worker: one run, and those whose worker was killed."""

from __future__ import annotations

import logging
from uuid import UUID

from lingqu.kernel.errors import DomainError
from lingqu.kernel.jobs import job

from .services.running import list_stale, perform

log = logging.getLogger("lingqu.yearly")


@job(queue="imports", retry=5)
def run_rollover(*, run_id: str) -> None:
    try:
        perform(UUID(run_id))
    except DomainError as refusal:
        log.info("rollover run %s ended: %s", run_id, refusal.code)


@job(queue="maintenance", every="* * * * *")
def resume_rollovers() -> None:
    for run_id in list_stale():
        run_rollover.defer(run_id=str(run_id), _lock="yearly.rollover", _once=f"rollover:{run_id}")
