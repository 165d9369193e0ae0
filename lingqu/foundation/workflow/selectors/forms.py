"""Forms of published versions, read once and kept: a published version never changes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from lingqu.kernel.errors import DomainError

from ..definition.design import Design, Paper
from ..forms import schema as schemas
from ..models import Case, CaseLog, DefinitionVersion
from ..types.words import Act
from . import archives, designs
from .plans import plan_of

EMPTY = schemas.Form(key="")


@lru_cache(maxsize=500)
def form_of(version_id: UUID, key: str) -> schemas.Form:
    """A form of a version; an empty one when the version has none under this key."""
    held = DefinitionVersion.objects.values_list("forms", flat=True).get(id=version_id)
    try:
        return schemas.read(held[key], key) if key in held else EMPTY
    except DomainError:
        return EMPTY


def start_form(version_id: UUID) -> schemas.Form:
    return form_of(version_id, plan_of(version_id).graph.form)


@lru_cache(maxsize=500)
def design_of(version_id: UUID) -> Design | None:
    """What the simple designer drew; None for a version from elsewhere."""
    return designs.design_of_version(DefinitionVersion.objects.only("outline").get(id=version_id))


def paper_of(version_id: UUID) -> Paper:
    design = design_of(version_id)
    return design.paper if design is not None else Paper()


def sources_of(case_id: UUID) -> dict[str, str]:
    """Fields that the register filled in when the case began: field key → source in words."""
    row = CaseLog.objects.filter(case=case_id, act=Act.STARTED).values_list("data", flat=True).first()
    if row is None:
        case = Case.objects.get(id=case_id)
        _tasks, log = archives.rows_of(case)
        row = next((one.data for one in log if one.act == Act.STARTED), None)
    found: Any = row.get("sources") if isinstance(row, dict) else None
    return dict(found) if isinstance(found, dict) else {}
