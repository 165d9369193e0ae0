"""Whose receipt notices expect today, read from the register: posts, living children, people who belonged on the day the
line went out and still do. Lines that receivers added by passing a notice on do not count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from lingqu.kernel import clock

from ..models import NoticeTarget
from ..types.words import PUPIL_GRADES, Subject

WITHIN = "%s.path >= t.scan AND %s.path < (t.scan::text || '-')::ltree"
HERE = "f.path >= t.place AND f.path < (t.place::text || '-')::ltree"
LINE = "t.notice_id, t.audience, t.code, t.school_type, t.class_group_id, t.post_id, t.person_id"
SENT_LINES = f"""SELECT {LINE}, o.path AS place, COALESCE((t.published_at AT TIME ZONE %(zone)s)::date, %(today)s::date) AS day, s.scan
  FROM inbox_noticetarget t LEFT JOIN registry_organisation o ON o.id = t.organisation_id
  LEFT JOIN LATERAL (SELECT o.path AS scan WHERE %(roots)s::ltree[] IS NULL
    UNION SELECT CASE WHEN o.path <@ r THEN o.path ELSE r END FROM unnest(%(roots)s::ltree[]) r WHERE o.path <@ r OR r <@ o.path) s
    ON true
  WHERE t.notice_id = ANY(%(notices)s::uuid[]) AND t.handed_by_id IS NULL AND (o.id IS NULL OR s.scan IS NOT NULL)"""  # noqa: S608
SENT = f"t AS ({SENT_LINES})"
"""The lines of notices as their senders wrote them; ``day`` is that on which a line went out, today for a draft. ``scan``:
the part of a line's place that is looked at, where only what lies below some ``roots`` is wanted."""


def _since(table: str, row: str, same: str) -> str:
    """A row counts if it, or a former one of the same person with ``same``, began on the day of the line."""
    return f"""({row}.valid_from <= t.day OR EXISTS (SELECT 1 FROM {table} f
      WHERE f.person_id = {row}.person_id AND f.valid_from <= t.day AND {same}))"""  # noqa: S608


def _seated(kind: str, audience: str, grades: Sequence[str] = ()) -> str:
    """Pupils at a place and pupils of a class, alive under every id; of some grades, or of all."""
    listed = ", ".join(f"'{grade}'" for grade in grades)
    old, former, sits = (f" AND {row}.grade IN ({listed})" if grades else "" for row in "efn")
    alive = """JOIN registry_person c ON c.id = e.person_id AND c.deceased_on IS NULL
      LEFT JOIN registry_person k ON k.id = c.canonical_id"""
    there = _since("registry_enrolment", "e", f"{HERE} AND (t.code = '' OR f.grade = t.code){former}")
    member = _since("registry_classmembership", "e", "f.class_group_id = t.class_group_id")
    seat = f"""AND EXISTS (SELECT 1 FROM registry_enrolment n WHERE n.person_id = e.person_id AND n.valid_to IS NULL{sits})"""  # noqa: S608
    return f"""SELECT t.notice_id, '{kind}' AS kind, COALESCE(c.canonical_id, c.id) AS subject FROM t
      JOIN registry_enrolment e ON {WITHIN % ("e", "e")} AND e.valid_to IS NULL AND (t.code = '' OR e.grade = t.code){old}
        AND {there} {alive}
      WHERE t.audience = '{audience}' AND t.class_group_id IS NULL AND k.deceased_on IS NULL
      UNION
      SELECT t.notice_id, '{kind}', COALESCE(c.canonical_id, c.id) FROM t
      JOIN registry_classmembership e ON e.class_group_id = t.class_group_id AND e.valid_to IS NULL AND {member} {alive}
      WHERE t.audience = '{audience}' AND k.deceased_on IS NULL {seat if grades else ""}"""  # noqa: S608


POSTS = f"""SELECT DISTINCT t.notice_id, 'post' AS kind, p.id AS subject FROM t
  JOIN registry_post p ON p.closed_on IS NULL AND p.id = t.post_id AND (p.created_at AT TIME ZONE %(zone)s)::date <= t.day
  UNION
  SELECT t.notice_id, 'post', p.id FROM t JOIN registry_organisation o ON {WITHIN % ("o", "o")} AND o.closed_on IS NULL
    AND (t.school_type = '' OR left(o.school_type, 2) = t.school_type)
  JOIN registry_post p ON p.organisation_id = o.id AND p.kind = t.code AND p.closed_on IS NULL
    AND (p.created_at AT TIME ZONE %(zone)s)::date <= t.day
  WHERE t.audience = 'post' AND t.post_id IS NULL"""  # noqa: S608
CHILDREN = _seated("child", "family")
PERSONS = f"""{_seated("person", "pupil", PUPIL_GRADES)}
  UNION
  SELECT t.notice_id, 'person', COALESCE(p.canonical_id, p.id) FROM t
  JOIN registry_appointment a ON {WITHIN % ("a", "a")} AND a.valid_to IS NULL AND a.relation = 'works_at'
    AND {_since("registry_appointment", "a", HERE + " AND f.relation = 'works_at'")}
  JOIN registry_person p ON p.id = a.person_id AND p.deceased_on IS NULL
  WHERE t.audience = 'staff' AND t.code = ''
  UNION
  SELECT t.notice_id, 'person', COALESCE(p.canonical_id, p.id) FROM t
  JOIN registry_duty d ON {WITHIN % ("d", "d")} AND d.valid_to IS NULL AND d.kind = t.code
    AND {_since("registry_duty", "d", HERE + " AND f.kind = t.code")}
  JOIN registry_person p ON p.id = d.person_id AND p.deceased_on IS NULL
  WHERE t.audience = 'staff' AND t.code <> ''
  UNION
  SELECT t.notice_id, 'person', COALESCE(p.canonical_id, p.id) FROM t JOIN registry_person p ON p.id = t.person_id
    AND p.deceased_on IS NULL WHERE t.audience = 'person'"""  # noqa: S608
PEOPLE = f"{CHILDREN} UNION {PERSONS}"
EXPECTED = f"{SENT}, expected AS ({POSTS} UNION {PEOPLE})"
"""``expected(notice_id, kind, subject)``. A child under several ids is one, and silent once any of them has died."""

EXPECTED_OF = {Subject.POST: POSTS, Subject.CHILD: CHILDREN, Subject.PERSON: PERSONS}
"""The same for one kind of receipt only: a statement over ``t``."""
FRESH_LINES = """SELECT NULL::uuid, a.audience, a.code, a.school_type, a.class_group, a.post, a.person, o.path, %(today)s::date, o.path
  FROM unnest(%(audiences)s::text[], %(codes)s::text[], %(school_types)s::text[], %(classes)s::uuid[], %(posts)s::uuid[],
    %(people)s::uuid[], %(places)s::uuid[]) AS a(audience, code, school_type, class_group, post, person, place)
  LEFT JOIN registry_organisation o ON o.id = a.place"""
NEWLY = f"""WITH t AS ({SENT_LINES} UNION ALL {FRESH_LINES}), expected AS ({POSTS} UNION {PEOPLE}),
fresh AS (SELECT kind, subject FROM expected GROUP BY 1, 2 HAVING bool_and(notice_id IS NULL))
SELECT kind, count(*) FROM fresh GROUP BY 1"""  # noqa: S608


def count_newly(notice_id: UUID, lines: Sequence[NoticeTarget]) -> dict[str, int]:
    """Posts, children and people that a notice reaches by further, unsaved lines and by none of its own."""
    values = values_of([notice_id]) | {
        "audiences": [str(one.audience) for one in lines], "codes": [one.code for one in lines],
        "school_types": [one.school_type for one in lines], "classes": [one.class_group_id for one in lines],
        "posts": [one.post_id for one in lines], "people": [one.person_id for one in lines],
        "places": [one.organisation_id for one in lines],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(NEWLY, values)
        return {kind: int(found) for kind, found in cursor.fetchall()}


def values_of(notice_ids: Iterable[UUID], roots: Sequence[str] | None = None) -> dict[str, Any]:
    """What the statements here ask for. ``roots``: paths below which somebody may be expected; None: everywhere."""
    held = None if roots is None else list(roots)
    return {"notices": list(notice_ids), "zone": clock.ZONE.key, "today": clock.today(), "roots": held}


def count_expected(notice_id: UUID) -> dict[str, int]:
    """Posts, children and people that a notice reaches today."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {EXPECTED} SELECT kind, count(*) FROM expected GROUP BY kind",  # noqa: S608
            values_of([notice_id]),
        )
        return {kind: int(found) for kind, found in cursor.fetchall()}
