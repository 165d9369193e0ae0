"""Imports in the worker: run one, and take up those whose worker was killed."""

from __future__ import annotations

import logging
from uuid import UUID

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import DomainError
from lingqu.kernel.jobs import job

from .applying.services import run_stored, take_up_stale
from .services.uploading import forget_uploads

log = logging.getLogger("lingqu.intake")


@job(queue="imports", retry=5)
def run_import_job(*, import_id: str) -> None:
    """Refusals are written on the import itself; only trouble with the machine is tried again."""
    try:
        run_stored(actor=Actor.system("intake"), import_id=UUID(import_id))
    except DomainError as refusal:
        log.info("import %s ended: %s", import_id, refusal.code)


@job(queue="maintenance", every="* * * * *")
def resume_imports() -> None:
    for import_id in take_up_stale():
        run_import_job.defer(import_id=str(import_id), _lock="intake.import", _once=f"import:{import_id}")


@job(queue="maintenance", every="17 * * * *")
def forget_partial_uploads() -> None:
    forget_uploads()
