"""Every dated relation of one person in one statement: the base of the person's page and timeline."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from lingqu.kernel.clock import today

SQL = """
SELECT 'enrolment', e.id, e.valid_from, e.valid_to, jsonb_build_object('organisation', o.id, 'code', o.code, 'name', o.name,
  'grade', e.grade, 'attendance', e.attendance, 'number', e.school_number, 'boarding', e.boarding,
  'reason', e.reason, 'expected', e.expected_on)
FROM registry_enrolment e JOIN registry_organisation o ON o.id = e.school_id WHERE e.person_id = ANY(%(ids)s)
UNION ALL
SELECT 'register', r.id, r.valid_from, r.valid_to, jsonb_build_object('code', o.code, 'name', o.name, 'state', r.state,
  'grade', r.grade, 'source', r.source, 'as_of', r.as_of, 'sealed', encode(r.sealed, 'hex'))
FROM registry_registerentry r JOIN registry_organisation o ON o.id = r.school_id WHERE r.person_id = ANY(%(ids)s)
UNION ALL
SELECT 'seat', m.id, m.valid_from, m.valid_to, jsonb_build_object('class', c.id, 'name', c.name, 'written', c.written_name,
  'kind', c.kind, 'grades', c.grades, 'size', c.size, 'year', c.school_year_id, 'school', o.name, 'code', o.code,
  'schooling', o.schooling, 'number', m.number)
FROM registry_classmembership m JOIN registry_classgroup c ON c.id = m.class_group_id
JOIN registry_organisation o ON o.id = c.school_id WHERE m.person_id = ANY(%(ids)s)
UNION ALL
SELECT 'appointment', a.id, a.valid_from, a.valid_to, jsonb_build_object('code', o.code, 'name', o.name,
  'relation', a.relation, 'employment', a.employment_kind, 'number', a.staff_number, 'post', a.post, 'title', a.title,
  'subject', a.subject, 'full_time', a.full_time)
FROM registry_appointment a JOIN registry_organisation o ON o.id = a.organisation_id WHERE a.person_id = ANY(%(ids)s)
UNION ALL
SELECT 'duty', d.id, d.valid_from, d.valid_to, jsonb_build_object('name', o.name, 'kind', d.kind, 'class', c.name)
FROM registry_duty d JOIN registry_organisation o ON o.id = d.organisation_id
LEFT JOIN registry_classgroup c ON c.id = d.class_group_id WHERE d.person_id = ANY(%(ids)s)
UNION ALL
SELECT 'teaching', t.id, t.valid_from, t.valid_to, jsonb_build_object('class', c.id, 'name', c.name, 'school', o.name,
  'subject', t.subject, 'periods', t.weekly_periods)
FROM registry_teachingassignment t JOIN registry_classgroup c ON c.id = t.class_group_id
JOIN registry_organisation o ON o.id = c.school_id WHERE t.person_id = ANY(%(ids)s)
UNION ALL
SELECT 'guardian', g.id, g.valid_from, g.valid_to, jsonb_build_object('person', p.id, 'number', p.number,
  'name', COALESCE(p.name, o.name), 'sealed', encode(p.sealed, 'hex'), 'deceased', p.deceased_on, 'relation', g.relation,
  'kind', g.kind, 'primary', g.is_primary, 'lives_with', g.lives_with, 'proof', g.proof, 'until', g.until)
FROM registry_guardianship g LEFT JOIN registry_person q ON q.id = g.guardian_id
LEFT JOIN registry_person p ON p.id = COALESCE(q.canonical_id, q.id)
LEFT JOIN registry_organisation o ON o.id = g.guardian_organisation_id WHERE g.child_id = ANY(%(ids)s)
UNION ALL
SELECT 'ward', g.id, g.valid_from, g.valid_to, jsonb_build_object('person', p.id, 'number', p.number, 'name', p.name,
  'deceased', p.deceased_on, 'relation', g.relation, 'kind', g.kind)
FROM registry_guardianship g JOIN registry_person q ON q.id = g.child_id
JOIN registry_person p ON p.id = COALESCE(q.canonical_id, q.id) WHERE g.guardian_id = ANY(%(ids)s)
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """``part`` names the table's meaning, ``data`` holds its values with the names of what it points to."""

    part: str
    id: int
    valid_from: date
    valid_to: date | None
    data: dict[str, Any]

    def is_open(self, day: date | None = None) -> bool:
        """Half-open: the last day of an episode is the one before ``valid_to``. Without a day: now."""
        at = day or today()
        return (day is None or self.valid_from <= at) and (self.valid_to is None or self.valid_to > at)


def list_episodes(ids: Sequence[UUID]) -> tuple[Episode, ...]:
    """All episodes of one person under all their ids, past ones too: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"ids": list(ids)})
        rows = cursor.fetchall()
    return tuple(
        Episode(part=row[0], id=row[1], valid_from=row[2], valid_to=row[3], data=_values(row[4])) for row in rows
    )


def _values(stored: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stored) if isinstance(stored, str) else stored
    return found


def of_part(episodes: Iterable[Episode], part: str) -> tuple[Episode, ...]:
    return tuple(episode for episode in episodes if episode.part == part)
