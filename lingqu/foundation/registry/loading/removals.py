"""What a source named before and a complete file no longer names: proposed for removal, never removed."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from django.db import connection

OPEN = {
    "students": """EXISTS (SELECT 1 FROM registry_enrolment e JOIN named n ON n.id = e.school_id
        WHERE e.person_id = l.entity_uuid AND e.valid_to IS NULL)""",
    "staff": """EXISTS (SELECT 1 FROM registry_appointment e JOIN named n ON n.id = e.organisation_id
        WHERE e.person_id = l.entity_uuid AND e.valid_to IS NULL)""",
    "classes": """EXISTS (SELECT 1 FROM registry_classgroup c JOIN named n ON n.id = c.school_id
        WHERE c.id = l.entity_uuid)""",
}
LABELS = {
    "students": "(SELECT p.number || ' ' || p.name FROM registry_person p WHERE p.id = l.entity_uuid)",
    "staff": "(SELECT p.number || ' ' || p.name FROM registry_person p WHERE p.id = l.entity_uuid)",
    "classes": "(SELECT c.written_name FROM registry_classgroup c WHERE c.id = l.entity_uuid)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """``label`` is the person's number and name, or the class name."""

    kind: str
    entity_id: str
    label: str


def find_removals(*, source_id: int, kind: str, keys: pl.Series, limit: int = 1000) -> tuple[int, list[Removal]]:
    """How many open entities this source named before, at the places this delivery names, that ``keys`` (hex digests
    of the
    whole delivery) lack; and the first of them."""
    if kind not in OPEN:
        return 0, []
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS load_keys")
        cursor.execute("CREATE TEMP TABLE load_keys (key_hash uuid)")
        with cursor.copy("COPY load_keys FROM STDIN") as copy:
            copy.write("".join(f"{key}\n" for key in keys.drop_nulls()).encode())
        cursor.execute("ANALYZE load_keys")
        cursor.execute(
            f"""WITH present AS (SELECT DISTINCT l.entity_uuid AS id FROM load_keys k JOIN registry_sourcelink l
                  ON l.source_id = %(source)s AND l.kind = %(kind)s AND l.key_hash = k.key_hash),
                named AS ({_named(kind)})
                SELECT count(*) OVER (), l.entity_uuid::text, {LABELS[kind]} FROM registry_sourcelink l
                WHERE l.source_id = %(source)s AND l.kind = %(kind)s
                  AND NOT EXISTS (SELECT 1 FROM load_keys k WHERE k.key_hash = l.key_hash)
                  AND NOT EXISTS (SELECT 1 FROM present p WHERE p.id = l.entity_uuid) AND {OPEN[kind]}
                ORDER BY l.id LIMIT %(limit)s""",  # noqa: S608
            {"source": source_id, "kind": kind, "limit": limit},
        )
        found = cursor.fetchall()
        cursor.execute("DROP TABLE load_keys")
    return (found[0][0] if found else 0), [Removal(kind=kind, entity_id=i, label=label or "") for _n, i, label in found]


def _named(kind: str) -> str:
    """Organisations that the delivery speaks of."""
    table, place = {
        "students": ("registry_enrolment e ON e.person_id = p.id", "e.school_id"),
        "staff": ("registry_appointment e ON e.person_id = p.id", "e.organisation_id"),
        "classes": ("registry_classgroup e ON e.id = p.id", "e.school_id"),
    }[kind]
    open_end = "" if kind == "classes" else " WHERE e.valid_to IS NULL"
    return f"SELECT DISTINCT {place} AS id FROM present p JOIN {table}{open_end}"  # noqa: S608
