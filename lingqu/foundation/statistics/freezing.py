"""The SQL that freezes schools into a snapshot: set-based, one batch of schools a transaction.

Who counts: episodes open on the day (half-open days), living people, merged records under the kept one. A pupil with two
seats at one school counts once there; at two schools once at each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

TEACHING_POSTS = ("10", "20", "21", "22", "23", "24", "25", "26", "27", "28", "34", "49")
"""JY/T 1001 GWZY: posts that teach. 校领导 (31) and an unknown post teach when a subject or a class says so."""
NOT_FULL_TIME = ("substitute", "itinerant", "seconded")
_OPEN = "{0}.valid_from <= %(day)s AND ({0}.valid_to IS NULL OR {0}.valid_to > %(day)s)"
_ALIVE = "(c.deceased_on IS NULL OR c.deceased_on > %(day)s) AND (p.deceased_on IS NULL OR p.deceased_on > %(day)s)"
_AGE = "extract(year FROM age(%(day)s::date, c.birth_date))::int"

PSEUDONYMS = f"""
INSERT INTO statistics_pseudonym (key, person_id)
SELECT gen_random_uuid(), w.id FROM (
  SELECT COALESCE(p.canonical_id, p.id) AS id FROM registry_enrolment e JOIN registry_person p ON p.id = e.person_id
   WHERE e.school_id = ANY(%(schools)s) AND {_OPEN.format("e")}
  UNION SELECT COALESCE(p.canonical_id, p.id) FROM registry_appointment a JOIN registry_person p ON p.id = a.person_id
   WHERE a.organisation_id = ANY(%(schools)s) AND {_OPEN.format("a")}) w
ORDER BY w.id ON CONFLICT (person_id) DO NOTHING
"""  # noqa: S608

PUPILS = f"""
WITH seat AS MATERIALIZED (
  SELECT DISTINCT ON (g.school_id, COALESCE(p.canonical_id, p.id)) g.school_id, COALESCE(p.canonical_id, p.id) AS person_id,
    g.id AS class_id
  FROM registry_classgroup g JOIN registry_classmembership m ON m.class_group_id = g.id AND {_OPEN.format("m")}
    JOIN registry_person p ON p.id = m.person_id
  WHERE g.school_id = ANY(%(schools)s) AND g.school_year_id = %(year)s AND g.kind <> 'teaching'
    AND (g.closed_on IS NULL OR g.closed_on > %(day)s)
  ORDER BY 1, 2, g.kind, m.id DESC),
entry AS MATERIALIZED (
  SELECT DISTINCT ON (r.school_id, COALESCE(p.canonical_id, p.id)) r.school_id, COALESCE(p.canonical_id, p.id) AS person_id,
    r.state
  FROM registry_registerentry r JOIN registry_person p ON p.id = r.person_id
  WHERE r.school_id = ANY(%(schools)s) AND {_OPEN.format("r")} ORDER BY 1, 2, r.id DESC),
trait AS MATERIALIZED (
  SELECT COALESCE(p.canonical_id, p.id) AS person_id, bool_or(t.kind = 'migrant') AS migrant,
    bool_or(t.kind = 'left_behind') AS left_behind, bool_or(t.kind = 'inclusive') AS included
  FROM registry_pupilattribute t JOIN registry_person p ON p.id = t.person_id
  WHERE t.kind IN ('migrant', 'left_behind', 'inclusive') AND {_OPEN.format("t")} GROUP BY 1)
INSERT INTO statistics_snapshotpupil (snapshot_id, school_id, key, class_id, grade, sex, age, register_state, attendance,
  boarding, migrant, left_behind, included, household)
SELECT DISTINCT ON (e.school_id, k.key) %(snapshot)s, e.school_id, k.key, seat.class_id, e.grade, c.sex, {_AGE},
  COALESCE(entry.state, ''), e.attendance, e.boarding, COALESCE(trait.migrant, false),
  COALESCE(trait.left_behind, false), COALESCE(trait.included, false), COALESCE(c.attributes ->> 'household_type', '')
FROM registry_enrolment e JOIN registry_person p ON p.id = e.person_id
  JOIN registry_person c ON c.id = COALESCE(p.canonical_id, p.id)
  JOIN statistics_pseudonym k ON k.person_id = c.id
  LEFT JOIN seat ON seat.school_id = e.school_id AND seat.person_id = c.id
  LEFT JOIN entry ON entry.school_id = e.school_id AND entry.person_id = c.id
  LEFT JOIN trait ON trait.person_id = c.id
WHERE e.school_id = ANY(%(schools)s) AND {_OPEN.format("e")} AND {_ALIVE}
ORDER BY e.school_id, k.key, e.attendance = 'absent', e.id DESC
"""  # noqa: S608

CLASSES = """
INSERT INTO statistics_snapshotclass (snapshot_id, school_id, class_id, name, kind, grades, grade, size)
SELECT %(snapshot)s, g.school_id, g.id, g.name, g.kind, g.grades,
  COALESCE((SELECT min(one) FROM unnest(g.grades) one), ''), COALESCE(n.size, 0)
FROM registry_classgroup g LEFT JOIN (
  SELECT class_id, count(*) AS size FROM statistics_snapshotpupil
   WHERE snapshot_id = %(snapshot)s AND school_id = ANY(%(schools)s) AND attendance <> 'absent' GROUP BY 1) n ON n.class_id = g.id
WHERE g.school_id = ANY(%(schools)s) AND g.school_year_id = %(year)s AND g.kind <> 'teaching'
  AND (g.closed_on IS NULL OR g.closed_on > %(day)s)
"""

STAFF = f"""
WITH taught AS MATERIALIZED (
  SELECT g.school_id, COALESCE(p.canonical_id, p.id) AS person_id, min(t.subject) AS subject
  FROM registry_classgroup g JOIN registry_teachingassignment t ON t.class_group_id = g.id AND {_OPEN.format("t")}
    JOIN registry_person p ON p.id = t.person_id
  WHERE g.school_id = ANY(%(schools)s) AND g.school_year_id = %(year)s GROUP BY 1, 2),
post AS MATERIALIZED (
  SELECT a.organisation_id AS school_id, COALESCE(p.canonical_id, p.id) AS person_id,
    bool_or(a.relation = 'works_at') AS works, bool_or(a.relation = 'employs') AS employs,
    (array_agg(a.employment_kind ORDER BY a.employment_kind = 'unknown', a.relation DESC, a.id DESC))[1] AS kind,
    COALESCE(max(a.post) FILTER (WHERE a.relation = 'works_at'), '') AS post,
    max(a.title) AS title, max(a.subject) AS subject, max(a.stage) AS stage,
    bool_or(a.full_time) FILTER (WHERE a.relation = 'works_at') AS stated
  FROM registry_appointment a JOIN registry_person p ON p.id = a.person_id
  WHERE a.organisation_id = ANY(%(schools)s) AND {_OPEN.format("a")} AND (p.deceased_on IS NULL OR p.deceased_on > %(day)s)
  GROUP BY 1, 2)
INSERT INTO statistics_snapshotstaff (snapshot_id, school_id, key, works, employs, employment_kind, sex, age, title, degree,
  subject, stage, education, full_time_teacher)
SELECT %(snapshot)s, o.school_id, k.key, o.works, o.employs, o.kind, c.sex, {_AGE}, o.title,
  COALESCE(c.attributes ->> 'degree', ''), COALESCE(NULLIF(o.subject, ''), t.subject, ''), o.stage,
  COALESCE(c.attributes ->> 'education_level', ''),
  o.works AND COALESCE(o.stated, o.kind <> ALL(%(not_full_time)s) AND (o.post = ANY(%(teaching)s)
    OR (o.post IN ('', '31') AND (o.subject <> '' OR t.subject IS NOT NULL))))
FROM post o JOIN registry_person c ON c.id = o.person_id JOIN statistics_pseudonym k ON k.person_id = c.id
  LEFT JOIN taught t ON t.school_id = o.school_id AND t.person_id = o.person_id
WHERE c.deceased_on IS NULL OR c.deceased_on > %(day)s
ORDER BY o.school_id, k.key
"""  # noqa: S608

_ENTRY = """(n.grade IN ('K0', 'K1', 'G01', 'G10') OR n.grade = CASE WHEN s.schooling = 'five_four' THEN 'G06' ELSE 'G07' END)"""
_LAST = (
    """(o.grade IN ('K3', 'G09', 'G12') OR o.grade = CASE WHEN s.schooling = 'five_four' THEN 'G05' ELSE 'G06' END)"""
)
CHANGES = f"""
WITH was AS MATERIALIZED (
  SELECT w.school_id, w.previous_id, y.year <> %(year)s AS year_turned FROM unnest(%(schools)s::uuid[], %(previous)s::uuid[])
    AS w(school_id, previous_id) JOIN statistics_snapshot y ON y.id = w.previous_id),
before AS (SELECT x.*, was.year_turned FROM was JOIN statistics_snapshotpupil x
  ON x.snapshot_id = was.previous_id AND x.school_id = was.school_id),
after AS (SELECT x.*, was.year_turned FROM was JOIN statistics_snapshotpupil x
  ON x.snapshot_id = %(snapshot)s AND x.school_id = was.school_id),
pair AS MATERIALIZED (
  SELECT COALESCE(n.school_id, o.school_id) AS school_id, COALESCE(n.key, o.key) AS key, n.key IS NULL AS gone,
    o.key IS NULL AS came, COALESCE(n.attendance, 'absent') <> 'absent' AS counted,
    COALESCE(n.grade, o.grade) AS grade, COALESCE(n.sex, o.sex) AS sex, COALESCE(n.register_state, '') AS state,
    COALESCE(n.year_turned, o.year_turned) AND CASE WHEN n.key IS NULL THEN {_LAST} ELSE {_ENTRY} END AS turns
  FROM before o FULL JOIN after n ON n.school_id = o.school_id AND n.key = o.key
    JOIN registry_organisation s ON s.id = COALESCE(n.school_id, o.school_id)
  WHERE (COALESCE(o.attendance, 'absent') <> 'absent') <> (COALESCE(n.attendance, 'absent') <> 'absent')),
told AS (
  SELECT q.*, c.deceased_on <= %(day)s AS is_dead,
    (SELECT r.state FROM registry_registerentry r JOIN registry_person i ON i.id = r.person_id
      WHERE (i.id = k.person_id OR i.canonical_id = k.person_id) AND r.school_id = q.school_id AND r.valid_from <= %(day)s
      ORDER BY r.id DESC LIMIT 1) AS last_state,
    EXISTS (SELECT 1 FROM registry_enrolment e WHERE e.person_id = k.person_id AND e.school_id <> q.school_id
      AND {_OPEN.format("e")}) AS elsewhere
  FROM pair q LEFT JOIN statistics_pseudonym k ON k.key = q.key LEFT JOIN registry_person c ON c.id = k.person_id)
INSERT INTO statistics_snapshotchange (snapshot_id, school_id, key, code, direction, grade, sex)
SELECT %(snapshot)s, school_id, key, CASE
  WHEN counted AND NOT came THEN '12'
  WHEN counted AND state = '05' THEN '12'
  WHEN counted AND turns THEN '11'
  WHEN counted THEN '13'
  WHEN is_dead OR last_state = '11' THEN '26'
  WHEN last_state = '07' THEN '21' WHEN last_state = '08' THEN '22' WHEN last_state = '03' THEN '24'
  WHEN last_state = '14' THEN '25' WHEN last_state IN ('06', '15') THEN '28'
  WHEN NOT gone OR last_state IN ('02', '04') THEN '23'
  WHEN last_state = '10' OR (elsewhere AND NOT turns) THEN '27'
  WHEN turns THEN '21'
  ELSE '-?' END, CASE WHEN counted THEN 1 ELSE -1 END, grade, sex
FROM told ORDER BY school_id, key
"""  # noqa: S608

DIGESTS = """
SELECT l.school_id, encode(sha256(convert_to(string_agg(l.line, E'\\n' ORDER BY l.part, l.line COLLATE "C"), 'UTF8')), 'hex')
FROM (
  SELECT school_id, 'p' AS part, ROW(key, class_id, grade, sex, age, register_state, attendance, boarding, migrant, left_behind,
    included, household)::text AS line FROM statistics_snapshotpupil
   WHERE snapshot_id = %(snapshot)s AND school_id = ANY(%(schools)s)
  UNION ALL SELECT school_id, 's', ROW(key, works, employs, employment_kind, sex, age, title, degree, subject, stage,
    full_time_teacher)::text || CASE WHEN education <> '' THEN '|' || education ELSE '' END FROM statistics_snapshotstaff WHERE snapshot_id = %(snapshot)s AND school_id = ANY(%(schools)s)
  UNION ALL SELECT school_id, 'c', ROW(class_id, name, kind, grades, grade, size)::text FROM statistics_snapshotclass
   WHERE snapshot_id = %(snapshot)s AND school_id = ANY(%(schools)s)
  UNION ALL SELECT school_id, 'd', ROW(key, code, direction, grade, sex)::text FROM statistics_snapshotchange
   WHERE snapshot_id = %(snapshot)s AND school_id = ANY(%(schools)s)
  UNION ALL SELECT w.id, 'f', {facts} FROM {source} WHERE {chosen}
) l GROUP BY 1
"""
_FACTS = (
    "ROW({0}.path::text, {0}.territory_path::text, {0}.code, {0}.name, {0}.kind, {0}.school_type, {0}.schooling,"
    " {0}.urban_rural, {0}.ownership, {0}.conditions, {0}.rooms)::text"
)
FACTS = """
SELECT o.id, o.path, o.territory_path, COALESCE(o.code, '') AS code, o.name, o.kind, o.school_type, o.schooling,
  o.urban_rural, o.ownership, COALESCE(v.values, '{}'::jsonb) AS conditions,
  COALESCE((SELECT jsonb_object_agg(kind, n) FROM (SELECT kind, count(*) AS n FROM statistics_room r
    WHERE r.owner_id = v.id GROUP BY 1) counted), '{}'::jsonb) AS rooms
FROM registry_organisation o LEFT JOIN LATERAL (SELECT id, values FROM statistics_conditions c
  WHERE c.school_id = o.id AND c.year = %(year)s ORDER BY version DESC LIMIT 1) v ON true
WHERE o.id = ANY(%(schools)s)
"""
SCHOOLS = f"""
WITH w AS MATERIALIZED ({FACTS}), d AS MATERIALIZED ({
    DIGESTS.replace("{facts}", _FACTS.format("w")).replace("{source}", "w").replace("{chosen}", "true")
})
INSERT INTO statistics_snapshotschool (snapshot_id, school_id, previous_id, path, territory_path, code, name, kind,
  school_type, schooling, urban_rural, ownership, conditions, rooms, digest)
SELECT %(snapshot)s, w.id, b.previous_id, w.path, w.territory_path, w.code, w.name, w.kind, w.school_type, w.schooling,
  w.urban_rural, w.ownership, w.conditions, w.rooms, d.school_digest
FROM w JOIN (SELECT school_id, encode AS school_digest FROM d) d ON d.school_id = w.id
  JOIN unnest(%(schools)s::uuid[], %(previous)s::uuid[]) AS b(school_id, previous_id) ON b.school_id = w.id
ORDER BY w.id
"""  # noqa: S608
AGAIN = DIGESTS.replace("{facts}", _FACTS.format("w")).replace(
    "{source}",
    "(SELECT school_id AS id, path, territory_path, code, name, kind, school_type, schooling, urban_rural, ownership,"
    " conditions, rooms FROM statistics_snapshotschool WHERE snapshot_id = %(snapshot)s) w",
).replace("{chosen}", "w.id = ANY(%(schools)s)")  # fmt: skip


def freeze_schools(
    *, snapshot_id: UUID, day: date, year: str, schools: Sequence[UUID], previous: Sequence[UUID | None]
) -> None:
    """Freeze these schools in the current transaction. ``previous`` goes with ``schools``, one by one."""
    values: dict[str, Any] = {
        "snapshot": snapshot_id, "day": day, "year": year, "schools": list(schools), "previous": list(previous),
        "teaching": list(TEACHING_POSTS), "not_full_time": list(NOT_FULL_TIME),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for statement in (PSEUDONYMS, PUPILS, CLASSES, STAFF, CHANGES, SCHOOLS):
            cursor.execute(statement, values)


def digests_again(snapshot_id: UUID, schools: Sequence[UUID]) -> dict[UUID, str]:
    """The digests of schools, computed from the frozen rows as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(AGAIN, {"snapshot": snapshot_id, "schools": list(schools)})
        return dict(cursor.fetchall())
