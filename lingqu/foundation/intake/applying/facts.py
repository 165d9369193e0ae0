"""What reading must know from the register: organisations, codes and the school year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import covers
from lingqu.kernel.clock import today

from ..models import Import
from ..types import CLASS_RULES, Lookup, OrganisationFact

SCHOOLS = frozenset({"school", "teaching_point"})


def read_fixes(fixes: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Stored fixes as the reading wants them."""
    by_column: dict[tuple[str, str], dict[str, str]] = {}
    classes: dict[tuple[str, str], str] = {}
    for one in fixes:
        if one["rule"] in CLASS_RULES:
            classes[one["who"], one["value"]] = one["meant"]
        else:
            by_column.setdefault((one["kind"], one["field"]), {})[one["value"]] = one["meant"]
    return {"fixes": by_column, "class_fixes": classes}


def lookup_for(
    *,
    scope: str,
    source_id: int,
    may_record: bool = True,
    may_number: bool = True,
    fixes: Sequence[Mapping[str, str]] = (),
) -> Lookup:
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
        may_record=may_record, may_number=may_number,
        **read_fixes(fixes),
    )  # fmt: skip
