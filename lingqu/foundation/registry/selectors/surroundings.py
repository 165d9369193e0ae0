"""Where a person is known today and through whom, in one statement: what the rights on their account are decided by."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from ..types.facts import Surroundings

SURROUNDINGS_SQL = """
WITH ids AS (
  SELECT p.id FROM registry_person one
  JOIN registry_person p ON p.id = coalesce(one.canonical_id, one.id) OR p.canonical_id = coalesce(one.canonical_id, one.id)
  WHERE one.id = %(person)s)
SELECT 'kept', p.path::text, '', 0 FROM registry_person p WHERE p.id IN (SELECT id FROM ids)
UNION ALL SELECT 'sits', e.path::text, o.name, e.id FROM registry_enrolment e
  JOIN registry_organisation o ON o.id = e.school_id
  WHERE e.person_id IN (SELECT id FROM ids) AND e.valid_to IS NULL
UNION ALL SELECT a.relation, a.path::text, o.name, a.id FROM registry_appointment a
  JOIN registry_organisation o ON o.id = a.organisation_id
  WHERE a.person_id IN (SELECT id FROM ids) AND a.valid_to IS NULL
UNION ALL SELECT 'duty', d.path::text, '', d.id FROM registry_duty d
  WHERE d.person_id IN (SELECT id FROM ids) AND d.valid_to IS NULL
UNION ALL SELECT 'class', c.id::text, o.name || ' ' || c.name, m.id FROM registry_classmembership m
  JOIN registry_classgroup c ON c.id = m.class_group_id JOIN registry_organisation o ON o.id = c.school_id
  WHERE m.person_id IN (SELECT id FROM ids) AND m.valid_to IS NULL
UNION ALL SELECT 'ward', coalesce(e.path::text, ''), child.name, g.id FROM registry_guardianship g
  JOIN registry_person child ON child.id = g.child_id AND child.deceased_on IS NULL
  LEFT JOIN registry_enrolment e ON e.person_id = g.child_id AND e.valid_to IS NULL
  WHERE g.guardian_id IN (SELECT id FROM ids) AND g.valid_to IS NULL
UNION ALL SELECT 'ward_class', m.class_group_id::text, '', m.id FROM registry_guardianship g
  JOIN registry_classmembership m ON m.person_id = g.child_id AND m.valid_to IS NULL
  WHERE g.guardian_id IN (SELECT id FROM ids) AND g.valid_to IS NULL
ORDER BY 4
"""


def surroundings_of(person_id: UUID) -> Surroundings:
    """Over all ids that stand for the person; of the deceased too, because their accounts must be closed by somebody."""
    with connection.cursor() as cursor:
        cursor.execute(SURROUNDINGS_SQL, {"person": person_id})
        rows = [(str(kind), str(value), str(name)) for kind, value, name, _order in cursor.fetchall()]

    def values(*kinds: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for kind, value, _name in rows if kind in kinds and value))

    def names(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for told, _value, name in rows if told == kind))

    elsewhere = {"kept", "sits", "duty", "class", "ward", "ward_class"}
    relations = tuple({kind for kind, _value, _name in rows} - elsewhere)
    return Surroundings(
        places=values("kept", "sits", *relations), classes=tuple(map(UUID, values("class"))),
        ward_places=values("ward"), ward_classes=tuple(map(UUID, values("ward_class"))),
        has_work=bool(values("duty", *relations)), class_names=names("class"), school_names=names("sits"),
        work_names=names("works_at"), ward_names=names("ward"),
    )  # fmt: skip
