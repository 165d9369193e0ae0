"""Whose receipt a notice expects today, read from the register: posts, living children, people. Lines that receivers
added by passing it on do not count."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

WITHIN = "%s.path >= t.place AND %s.path < (t.place::text || '-')::ltree"
TARGETS = """t AS (SELECT t.audience, t.code, t.school_type, t.class_group_id, t.post_id, t.person_id, o.path AS place
  FROM inbox_noticetarget t LEFT JOIN registry_organisation o ON o.id = t.organisation_id
  WHERE t.notice_id = %(notice)s AND t.handed_by_id IS NULL)"""
EXPECTED = f"""{TARGETS},
expected AS (
  SELECT DISTINCT 'post' AS kind, p.id AS subject FROM t JOIN registry_post p ON p.closed_on IS NULL AND p.id = t.post_id
  UNION
  SELECT 'post', p.id FROM t JOIN registry_organisation o ON {WITHIN % ("o", "o")} AND o.closed_on IS NULL
    AND (t.school_type = '' OR left(o.school_type, 2) = t.school_type)
  JOIN registry_post p ON p.organisation_id = o.id AND p.kind = t.code AND p.closed_on IS NULL
  WHERE t.audience = 'post' AND t.post_id IS NULL
  UNION
  SELECT 'child', COALESCE(c.canonical_id, c.id) FROM t
  JOIN registry_enrolment e ON {WITHIN % ("e", "e")} AND e.valid_to IS NULL AND (t.code = '' OR e.grade = t.code)
  JOIN registry_person c ON c.id = e.person_id AND c.deceased_on IS NULL
  LEFT JOIN registry_person k ON k.id = c.canonical_id WHERE t.audience = 'family' AND t.class_group_id IS NULL
    AND k.deceased_on IS NULL
  UNION
  SELECT 'child', COALESCE(c.canonical_id, c.id) FROM t
  JOIN registry_classmembership m ON m.class_group_id = t.class_group_id AND m.valid_to IS NULL
  JOIN registry_person c ON c.id = m.person_id AND c.deceased_on IS NULL
  LEFT JOIN registry_person k ON k.id = c.canonical_id WHERE t.audience = 'family' AND k.deceased_on IS NULL
  UNION
  SELECT 'person', COALESCE(p.canonical_id, p.id) FROM t
  JOIN registry_appointment a ON {WITHIN % ("a", "a")} AND a.valid_to IS NULL AND a.relation = 'works_at'
  JOIN registry_person p ON p.id = a.person_id AND p.deceased_on IS NULL
  WHERE t.audience = 'staff' AND t.code = ''
  UNION
  SELECT 'person', COALESCE(p.canonical_id, p.id) FROM t
  JOIN registry_duty d ON {WITHIN % ("d", "d")} AND d.valid_to IS NULL AND d.kind = t.code
  JOIN registry_person p ON p.id = d.person_id AND p.deceased_on IS NULL
  WHERE t.audience = 'staff' AND t.code <> ''
  UNION
  SELECT 'person', COALESCE(p.canonical_id, p.id) FROM t JOIN registry_person p ON p.id = t.person_id
    AND p.deceased_on IS NULL WHERE t.audience = 'person')"""  # noqa: S608
"""``expected(kind, subject)`` of a notice. A child under several ids is one, and silent once any of them has died."""


def count_expected(notice_id: UUID) -> dict[str, int]:
    """Posts, children and people that a notice reaches today."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {EXPECTED} SELECT kind, count(*) FROM expected GROUP BY kind",  # noqa: S608
            {"notice": notice_id},
        )
        return {kind: int(found) for kind, found in cursor.fetchall()}
