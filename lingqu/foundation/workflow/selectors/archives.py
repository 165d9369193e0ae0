"""Steps and history of a case, from its tables or from the row into which they were packed."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
from django.db.models import Model

from ..models import Case, CaseArchive, CaseLog, Task


def rows_of(case: Case) -> tuple[list[Task], list[CaseLog]]:
    """All steps and the history in order; not saved again, whatever they come from."""
    if case.archived_at is None:
        return list(Task.objects.filter(case=case).order_by("id")), list(
            CaseLog.objects.filter(case=case).order_by("id")
        )
    found = unpacked(bytes(CaseArchive.objects.values_list("packed", flat=True).get(case=case)))
    return [_made(Task, row) for row in found["tasks"]], [_made(CaseLog, row) for row in found["log"]]


def unpacked(packed: bytes) -> dict[str, list[dict[str, Any]]]:
    made: dict[str, list[dict[str, Any]]] = msgspec.json.decode(zlib.decompress(packed))
    return made


def _made(model: type[Model], row: dict[str, Any]) -> Any:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return model(**{name: fields[name].to_python(value) for name, value in row.items() if name in fields})
