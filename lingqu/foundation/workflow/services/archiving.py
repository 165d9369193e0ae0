"""Finished cases leave the tables of work: steps, calls and history of each are packed into one row."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Model

from lingqu.kernel import clock
from lingqu.kernel.jobs import checkpoint

from ..models import Call, Case, CaseArchive, CaseLog, Task

AFTER = timedelta(days=180)
BATCH = 500


def archive_finished(after: timedelta = AFTER) -> int:
    """Pack cases that ended so long ago; how many. Files and form data stay where they are."""
    packed = 0
    while True:
        done = _archive_batch(after)
        packed += done
        if done < BATCH:
            return packed
        checkpoint()


@transaction.atomic
def _archive_batch(after: timedelta) -> int:
    limit = clock.now() - after
    rows = (
        Case.objects.select_for_update(skip_locked=True)
        .filter(archived_at=None, ended_at__lt=limit)
        .order_by("ended_at")
    )
    ids = list(rows.values_list("id", flat=True)[:BATCH])
    if not ids:
        return 0
    parts = {name: _by_case(model, ids) for name, model in (("tasks", Task), ("calls", Call), ("log", CaseLog))}
    CaseArchive.objects.bulk_create([
        CaseArchive(case_id=one, packed=pack({name: rows.get(one, []) for name, rows in parts.items()})) for one in ids
    ])  # fmt: skip
    files_of_tasks(ids)
    for model in (CaseLog, Call, Task):
        model.objects.filter(case__in=ids).delete()
    return Case.objects.filter(id__in=ids).update(archived_at=clock.now())


def files_of_tasks(ids: list[Any]) -> None:
    """Files stay; the step they came with is named by their node."""
    from ..models import CaseFile

    CaseFile.objects.filter(case__in=ids, task__isnull=False).update(task=None)


def pack(parts: dict[str, list[dict[str, Any]]]) -> bytes:
    return zlib.compress(msgspec.json.encode(parts), 6)


def _by_case(model: type[Model], ids: list[Any]) -> dict[Any, list[dict[str, Any]]]:
    names = [field.attname for field in model._meta.concrete_fields]
    found: dict[Any, list[dict[str, Any]]] = {}
    manager: Any = model._default_manager
    for row in manager.filter(case__in=ids).order_by("id").values(*names):
        found.setdefault(row["case_id"], []).append(row)
    return found
