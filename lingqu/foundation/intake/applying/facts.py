"""What reading must know from the register: organisations, codes and the school year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import covers
from lingqu.kernel.clock import today

from ..models import Import
from ..types import Lookup, OrganisationFact

SCHOOLS = frozenset({"school", "teaching_point"})


def lookup_for(*, scope: str, source_id: int, may_record: bool = True) -> Lookup:
    """Facts for an import into ``scope``. Made inside one school, rows without a school belong to it."""

    def is_known(kind: str, keys: Sequence[str]) -> frozenset[str]:
        return registry.known_keys(source_id=source_id, kind=kind, keys=keys)

    organisations: Any = Import._meta.get_field("organisation").related_model
    columns = ("code", "name", "short_name", "kind", "schooling", "school_type", "path", "synthetic")
    rows = [dict(zip(columns, row, strict=True)) for row in organisations.objects.values_list(*columns)]
    top = next((row for row in rows if str(row["path"]) == scope), None)
    facts = tuple(
        OrganisationFact(
            code=row["code"] or "", name=row["name"], short_name=row["short_name"], kind=row["kind"],
            schooling=row["schooling"], school_type=row["school_type"], synthetic=row["synthetic"],
            in_scope=covers(scope, str(row["path"])),
        )
        for row in rows
    )  # fmt: skip
    is_school = top is not None and top["kind"] in SCHOOLS
    return Lookup(
        school_year=registry.current_school_year(), today=today(), organisations=facts, codes=registry.code_names(),
        organisation=top["name"] if top else "",
        default_school=(top["code"] or top["name"]) if top and is_school else "", is_known=is_known,
        may_record=may_record,
    )  # fmt: skip
