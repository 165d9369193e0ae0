"""The schools of a place with what their step into the next year depends on, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from ..types.words import RelationKind
from .steps import SchoolStep

SQL = """
SELECT o.id, COALESCE(o.code, ''), o.name, o.name_key, o.path::text, o.kind, o.school_type, o.schooling, o.class_display,
  ARRAY(SELECT DISTINCT unnest(g.grades) FROM registry_classgroup g WHERE g.school_id = o.id
          AND g.school_year_id = %(year)s AND g.kind <> 'teaching' AND g.closed_on IS NULL), c.id, COALESCE(c.path::text, '')
FROM registry_organisation o
LEFT JOIN LATERAL (SELECT h.id, h.path FROM registry_organisationrelation r JOIN registry_organisation h ON h.id = r.head_id
    AND h.closed_on IS NULL
  WHERE r.member_id = o.id AND r.kind = %(central)s AND r.valid_to IS NULL ORDER BY r.id DESC LIMIT 1) c ON true
WHERE {chosen} AND o.kind IN ('school', 'teaching_point') AND o.closed_on IS NULL
ORDER BY o.path
"""


def list_school_steps(
    year: str,
    *,
    path: str = "",
    ids: Iterable[UUID] | None = None,
    rules: Mapping[UUID, Mapping[str, Any]] | None = None,
) -> tuple[SchoolStep, ...]:
    """Schools below ``path`` (or these), with their grades in ``year``. ``rules`` are what people set for a school:
    ``top`` (oldest grade of a teaching point) and ``regroup``."""
    values: dict[str, Any] = {"year": year, "central": RelationKind.CENTRAL_SCHOOL.value}
    if ids is not None:
        chosen, values["ids"] = "o.id = ANY(%(ids)s)", list(ids)
    else:
        chosen = "o.path >= %(path)s::ltree AND o.path < %(end)s::ltree"
        values |= {"path": path, "end": f"{path}-"}
    with connection.cursor() as cursor:
        cursor.execute(SQL.format(chosen=chosen), values)
        rows = cursor.fetchall()
    names = ("id", "code", "name", "name_key", "path", "kind", "school_type", "schooling", "class_display")
    return tuple(
        SchoolStep(
            **dict(zip(names, row[:9], strict=True)), grades=tuple(sorted(row[9])), central_id=row[10],
            central_path=row[11], top=str((rules or {}).get(row[0], {}).get("top", "")),
            regroup=bool((rules or {}).get(row[0], {}).get("regroup", False)),
        )
        for row in rows
    )  # fmt: skip
