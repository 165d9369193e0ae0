"""Maintained counts of organisations and classes, recomputed set-based for what an import touched."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction

from ..models import CLASS_IN_USE, LoadedChunk

_LIVE = "JOIN registry_person p ON p.id = e.person_id AND p.deceased_on IS NULL"
_MEMBERS = f"""
  SELECT e.school_id AS k, COALESCE(p.canonical_id, p.id) AS person, 's' AS what FROM registry_enrolment e
    JOIN touched t ON t.id = e.school_id {_LIVE} WHERE e.valid_to IS NULL
  UNION ALL SELECT e.organisation_id, COALESCE(p.canonical_id, p.id), 'a' FROM registry_appointment e
    JOIN touched t ON t.id = e.organisation_id {_LIVE} WHERE e.valid_to IS NULL AND e.relation = 'works_at'
  UNION ALL SELECT c.school_id, COALESCE(p.canonical_id, p.id), 'g' FROM registry_enrolment c
    JOIN touched t ON t.id = c.school_id
    JOIN registry_guardianship g ON g.child_id = c.person_id AND g.valid_to IS NULL
    JOIN registry_person p ON p.id = g.guardian_id AND p.deceased_on IS NULL WHERE c.valid_to IS NULL
"""  # noqa: S608
_ORGANISATIONS = f"""
WITH touched AS MATERIALIZED (SELECT id FROM registry_organisation o WHERE {{chosen}}),
  members AS ({_MEMBERS}),
  counted AS (SELECT k, count(DISTINCT person) FILTER (WHERE what = 's') AS students,
    count(DISTINCT person) FILTER (WHERE what = 'a') AS staff, count(DISTINCT person) FILTER (WHERE what = 'g') AS
      guardians,
    count(DISTINCT person) AS people FROM members GROUP BY k),
  registered AS (SELECT e.school_id AS k, count(*) AS n FROM registry_registerentry e JOIN touched t ON t.id = e.school_id
    WHERE e.valid_to IS NULL GROUP BY 1),
  classes AS (SELECT c.school_id AS k, count(*) AS n FROM registry_classgroup c JOIN touched t ON t.id = c.school_id
    JOIN registry_schoolyear y ON y.code = c.school_year_id WHERE {CLASS_IN_USE} GROUP BY 1)
INSERT INTO registry_organisationcount AS held (organisation_id, students, registered, staff, guardians, classes,
  people)
SELECT t.id, COALESCE(c.students, 0), COALESCE(r.n, 0), COALESCE(c.staff, 0), COALESCE(c.guardians, 0), COALESCE(k.n,
  0),
  COALESCE(c.people, 0)
FROM touched t LEFT JOIN counted c ON c.k = t.id LEFT JOIN registered r ON r.k = t.id LEFT JOIN classes k ON k.k = t.id
ON CONFLICT (organisation_id) DO UPDATE SET students = EXCLUDED.students, registered = EXCLUDED.registered,
  staff = EXCLUDED.staff, guardians = EXCLUDED.guardians, classes = EXCLUDED.classes, people = EXCLUDED.people,
  updated_at = now()
WHERE (held.students, held.registered, held.staff, held.guardians, held.classes, held.people)
  IS DISTINCT FROM (EXCLUDED.students, EXCLUDED.registered, EXCLUDED.staff, EXCLUDED.guardians, EXCLUDED.classes,
    EXCLUDED.people)
"""  # noqa: S608
_CLASSES = """
UPDATE registry_classgroup g SET size = n.size FROM (
  SELECT k.id, count(DISTINCT COALESCE(p.canonical_id, p.id)) AS size FROM registry_classgroup k
    JOIN registry_organisation o ON o.id = k.school_id AND {chosen}
    LEFT JOIN registry_classmembership m ON m.class_group_id = k.id AND m.valid_to IS NULL
    LEFT JOIN registry_person p ON p.id = m.person_id
  GROUP BY k.id) n WHERE n.id = g.id AND g.size <> n.size
"""


@transaction.atomic
def recount(organisations: Iterable[UUID] | None = None) -> None:
    """Bring counts up to date; of these organisations, or of all."""
    chosen, values = "true", {}
    if organisations is not None:
        chosen, values = "o.id = ANY(%(ids)s)", {"ids": list(organisations)}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
        cursor.execute(_CLASSES.format(chosen=chosen), values)
        cursor.execute(_ORGANISATIONS.format(chosen=chosen), values)  # a class with pupils is in use


GROWING: dict[str, tuple[str, ...]] = {
    "organisations": ("registry_organisation", "registry_sourcelink"),
    "classes": ("registry_classgroup", "registry_sourcelink"),
    "students": (
        "registry_person", "registry_enrolment", "registry_registerentry", "registry_classmembership",
        "registry_sourcelink",
    ),
    "staff": ("registry_person", "registry_appointment", "registry_duty", "registry_sourcelink"),
    "guardians": ("registry_person", "registry_guardianship", "registry_sourcelink"),
    "memberships": ("registry_classmembership", "registry_teachingassignment", "registry_sourcelink"),
    "teaching": ("registry_teachingassignment", "registry_sourcelink"),
}  # fmt: skip
"""The tables that rows of a kind go into."""


@transaction.atomic
def refresh_statistics(kind: str) -> None:
    """Tell the planner roughly how big the tables of ``kind`` have become: one that grew from nothing in minutes is
    planned as if empty. A small sample is enough; after the import ``kernel.settle_tables`` looks properly."""
    if tables := GROWING.get(kind):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL default_statistics_target = 10; ANALYZE {', '.join(tables)}")


def finish_import(import_id: UUID) -> int:
    """Counts of everything that the chunks of one import touched; returns the number of organisations."""
    chunks = LoadedChunk.objects.filter(import_id=import_id).values_list("touched", flat=True)
    touched = {organisation for ids in chunks for organisation in ids}
    if touched:
        recount(touched)
    return len(touched)
