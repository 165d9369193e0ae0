"""What three sources say, child by child: entries with their person, open 就读, listed children; then one group per child.

A group is everything that the sources say about one child, or about one entry that fits no child. Each group gets one
bucket, so rows of the file and children who sit add up whatever the rules say. Groups do not look at each other: once every
row has its key, slices of keys are judged one by one (``services/running.py``).
"""

from __future__ import annotations

from typing import Any

WORK_TABLES = tuple(f"reconciliation_work_{name}" for name in ("step", "entry", "seat", "listed", "judged", "tally"))
"""Unlogged tables of the one comparison under way and of the steps that filled them; they are emptied together."""
SLICE = "abs(uuid_hash({key})::bigint) %% %(slices)s"
SEATS = f"""
INSERT INTO reconciliation_work_seat
SELECT {SLICE.format(key="person")} AS slice, x.* FROM (
  SELECT DISTINCT ON (COALESCE(p.canonical_id, p.id)) COALESCE(p.canonical_id, p.id) AS person, e.school_id, e.path, e.grade,
    CASE WHEN e.source = 'transfer' AND e.attendance = 'guest' THEN 'transfer' ELSE e.attendance END AS attendance, e.expected_on, p.name, p.name_key, p.sex, p.birth_date, p.id_blind,
    (e.path >= %(path)s::ltree AND e.path < %(end)s::ltree) AS is_inside
  FROM registry_enrolment e JOIN registry_person p ON p.id = e.person_id
  WHERE e.valid_to IS NULL AND e.valid_from <= %(today)s AND e.grade NOT LIKE 'K%%' AND p.deceased_on IS NULL
  ORDER BY COALESCE(p.canonical_id, p.id), (e.path >= %(path)s::ltree AND e.path < %(end)s::ltree) DESC, e.id DESC) x
ORDER BY slice
"""  # noqa: S608
LISTED = f"""
INSERT INTO reconciliation_work_listed
SELECT {SLICE.format(key="key")} AS slice, y.* FROM (
  SELECT DISTINCT ON (key) key, person, name, name_key, path, organisation_id FROM (
    SELECT COALESCE(p.person, l.id_blind, md5(concat_ws('|', 'listed', l.path, l.name, l.id))::uuid) AS key, p.person, l.name,
      l.name_key, l.path, l.organisation_id, l.id
    FROM reconciliation_listedchild l LEFT JOIN (SELECT DISTINCT ON (id_blind) id_blind, COALESCE(canonical_id, id) AS person
      FROM registry_person WHERE id_blind IS NOT NULL ORDER BY id_blind, COALESCE(canonical_id, id)) p USING (id_blind)
    WHERE l.path >= %(path)s::ltree AND l.path < %(end)s::ltree) x ORDER BY key, id) y
ORDER BY slice
"""  # noqa: S608
ENTRIES = """
CREATE TEMP TABLE rec_entry ON COMMIT DROP AS
WITH by_id AS (SELECT DISTINCT ON (id_blind) id_blind, COALESCE(canonical_id, id) AS person FROM registry_person
    WHERE id_blind IS NOT NULL ORDER BY id_blind, COALESCE(canonical_id, id)),
  by_number AS (SELECT DISTINCT ON (r.number_blind) r.number_blind, COALESCE(p.canonical_id, p.id) AS person
    FROM registry_registerentry r JOIN registry_person p ON p.id = r.person_id
    WHERE r.number_blind IS NOT NULL ORDER BY r.number_blind, r.id DESC)
SELECT e.id, e.school_id, e.path, e.name, e.sex, e.birth_date, e.id_blind, e.number_blind, e.state, e.grade, e.faults,
  e.former, e.place, COALESCE(i.person, n.person) AS person, false AS is_weak, e.number_shown
FROM reconciliation_fileentry e LEFT JOIN by_id i ON i.id_blind = e.id_blind
  LEFT JOIN by_number n ON n.number_blind = e.number_blind
WHERE e.file_id = %(file)s
"""
WEAK = """
UPDATE rec_entry e SET person = f.person, is_weak = true FROM (
  SELECT e.id, (array_agg(s.person))[1] AS person FROM rec_entry e JOIN reconciliation_work_seat s ON s.school_id = e.school_id
    AND s.name = e.name AND s.sex = e.sex AND s.birth_date = e.birth_date
  WHERE e.person IS NULL GROUP BY e.id HAVING count(*) = 1) f WHERE f.id = e.id
"""
"""No number known: the same school, name, sex and birthday, when exactly one child sits there so."""
KEYS = f"""
INSERT INTO reconciliation_work_entry
WITH alike AS (SELECT name, sex, birth_date FROM rec_entry e WHERE (name, sex, birth_date) IN (SELECT name, sex, birth_date
      FROM rec_entry WHERE id_blind IS NULL AND name <> '' AND birth_date IS NOT NULL)
    GROUP BY 1, 2, 3 HAVING count(*) > 1 AND min(COALESCE(person, id_blind, number_blind)::text)
      IS DISTINCT FROM max(COALESCE(person, id_blind, number_blind)::text))
SELECT {SLICE.format(key="key")} AS slice, x.* FROM (
  SELECT COALESCE(e.person, e.id_blind, md5(concat_ws('|', 'entry', e.school_id, e.name, e.sex, e.birth_date, NULLIF(e.number_shown, ''),
      CASE WHEN 'unreadable' = ANY(e.faults) THEN e.place END))::uuid) AS key, e.*,
    e.id_blind IS NULL AND a.name IS NOT NULL AS is_twin
  FROM rec_entry e LEFT JOIN alike a ON a.name = e.name AND a.sex = e.sex AND a.birth_date = e.birth_date) x
ORDER BY slice
"""  # noqa: S608
GROUPS = """
WITH entry AS MATERIALIZED (SELECT * FROM reconciliation_work_entry WHERE slice = %(slice)s),
  seat AS MATERIALIZED (SELECT * FROM reconciliation_work_seat WHERE slice = %(slice)s),
  listed AS MATERIALIZED (SELECT * FROM reconciliation_work_listed WHERE slice = %(slice)s),
  filed AS MATERIALIZED (
  SELECT k.key, count(*) AS n, count(DISTINCT k.school_id) AS schools, (array_agg(k.person))[1] AS person,
    (array_agg(k.name ORDER BY k.id))[1] AS name, (array_agg(k.place ORDER BY k.id))[1] AS place,
    (array_agg(k.school_id ORDER BY (k.school_id IS NOT DISTINCT FROM s.school_id), k.id))[1] AS school_id,
    (array_agg(k.path ORDER BY (k.school_id IS NOT DISTINCT FROM s.school_id), k.id))[1] AS path,
    (array_agg(k.state ORDER BY k.id))[1] AS state, (array_agg(k.grade ORDER BY k.id))[1] AS grade,
    bool_or('unreadable' = ANY(k.faults)) AS unreadable, bool_or('id_wrong' = ANY(k.faults)
      OR (k.is_weak AND k.id_blind IS NOT NULL AND s.id_blind IS NOT NULL AND k.id_blind <> s.id_blind)) AS id_wrong,
    bool_or('id_missing' = ANY(k.faults)) AS id_missing, bool_or(k.is_twin) AS is_twin,
    bool_or(CASE WHEN c.id IS NULL THEN 'name_differs' = ANY(k.faults) ELSE COALESCE(c.former ->> 'name' <> k.name
      OR (c.former ->> 'sex' <> '0' AND c.former ->> 'sex' <> k.sex)
      OR (c.former ->> 'birth_date')::date <> k.birth_date, 'name_differs' = ANY(k.faults)) END) AS differs,
    (array_agg(k.former ORDER BY k.former = '{}'::jsonb, k.id))[1] AS former
  FROM entry k LEFT JOIN seat s ON s.person = k.person
    LEFT JOIN reconciliation_case c ON c.key = k.key AND c.state <> 'closed' AND c.cause = 'name_differs'
      AND NOT (c.state = 'done' AND c.handling = 'evidence')
  GROUP BY k.key)
SELECT COALESCE(f.key, s.person, l.key) AS key, COALESCE(f.person, s.person, l.person) AS person,
  COALESCE(f.n, 0) AS entries, COALESCE(f.schools, 0) AS schools,
  (s.person IS NOT NULL AND s.is_inside) AS is_seated, s.person IS NOT NULL AS sits_anywhere, l.key IS NOT NULL AS is_listed,
  COALESCE(NULLIF(s.name, ''), f.name, l.name) AS name, COALESCE(s.name_key, l.name_key, f.name) AS name_key,
  f.school_id AS entry_school, f.path AS entry_path, s.school_id AS seat_school, s.path AS seat_path, l.path AS listed_path,
  l.organisation_id AS listed_school, f.place, f.state, f.grade AS entry_grade, s.grade AS seat_grade, s.attendance,
  s.expected_on, COALESCE(f.unreadable, false) AS unreadable, COALESCE(f.id_wrong, false) AS id_wrong,
  COALESCE(f.id_missing, false) AS id_missing, COALESCE(f.is_twin, false) AS is_twin, COALESCE(f.differs, false) AS differs,
  COALESCE(f.former, '{}'::jsonb) AS former, COALESCE(eo.schooling, '') AS entry_schooling, eo.parent_id AS entry_parent,
  so.parent_id AS seat_parent, COALESCE(k.is_beyond_province AND k.state <> 'closed', false)
    OR COALESCE(COALESCE(f.person, s.person) = ANY(%(beyond)s::uuid[]), false) AS is_beyond
FROM filed f FULL JOIN (SELECT s.* FROM seat s WHERE s.is_inside
    OR EXISTS (SELECT 1 FROM filed g WHERE g.key = s.person) OR EXISTS (SELECT 1 FROM listed g WHERE g.key = s.person)) s
    ON s.person = f.key
  FULL JOIN listed l ON l.key = COALESCE(f.key, s.person)
  LEFT JOIN registry_organisation eo ON eo.id = f.school_id LEFT JOIN registry_organisation so ON so.id = s.school_id
  LEFT JOIN reconciliation_case k ON k.key = COALESCE(f.key, s.person, l.key)
"""
STAGE = """CASE WHEN {grade} >= 'G10' THEN 3 WHEN {grade} >= CASE WHEN entry_schooling = 'five_four' THEN 'G06' ELSE 'G07' END
  THEN 2 WHEN {grade} >= 'G01' THEN 1 ELSE 0 END"""
RULES: tuple[tuple[str, str, str], ...] = (
    ("identity", "unreadable", "unreadable"),
    ("several", "twice_here", "entries > 1 AND schools <= 1"),
    ("several", "twice_beyond", "entries > 1 AND entry_parent IS DISTINCT FROM seat_parent AND seat_parent IS NOT NULL"),
    ("several", "twice_county", "entries > 1"),
    ("identity", "name_differs", "differs"),
    ("identity", "id_wrong", "id_wrong"),
    ("identity", "twin", "is_twin"),
    ("not_raised", "where_unknown", "entries = 1 AND state IN ('07', '08') AND NOT sits_anywhere"),
    ("not_raised", "raised_elsewhere", "entries = 1 AND sits_anywhere AND state IN ('07', '08')"),
    ("not_raised", "raised_elsewhere",
     f"entries = 1 AND sits_anywhere AND entry_school <> seat_school AND {STAGE.format(grade='entry_grade')} > 0"
     f" AND {STAGE.format(grade='seat_grade')} > {STAGE.format(grade='entry_grade')}"),
    ("in_transit", "transferring", "entries = 1 AND state = '10'"),
    ("in_transit", "transferring", "entries = 0 AND sits_anywhere AND is_beyond"),
    ("in_transit", "transferring", "entries = 1 AND NOT sits_anywhere AND is_beyond"),
    ("in_transit", "transferring", "entries = 1 AND attendance = 'transfer' AND entry_school IS DISTINCT FROM seat_school"),
    ("leave_over", "leave_ended", "sits_anywhere AND entries = 1 AND (state = '02' OR attendance = 'absent')"
     " AND expected_on < %(as_of)s AND attendance = 'absent'"),
    ("leave_over", "back_unreported", "sits_anywhere AND entries = 1 AND state = '02' AND attendance <> 'absent'"),
    ("no_entry", "never_came", "entries = 0 AND NOT sits_anywhere"),
    ("no_entry", "guest", "entries = 0 AND attendance IN ('guest', 'transfer')"),
    ("no_entry", "to_add", "entries = 0"),
    ("no_person", "unknown_here", "NOT sits_anywhere AND person IS NULL"),
    ("no_person", "not_sitting", "NOT sits_anywhere"),
    ("no_person", "elsewhere", "entry_school IS DISTINCT FROM seat_school AND NOT (entry_path @> seat_path"
     " AND entry_school IS NOT NULL) AND NOT seat_path @> entry_path"),
    ("no_person", "not_sitting", "attendance = 'absent' AND state <> '02'"),
    ("identity", "id_missing", "id_missing"),
    ("agreed", "", "true"),
)  # fmt: skip
"""Bucket, cause and when; the first that fits decides. ``bench`` and the property test read the same table."""
OWNERS = {
    "twice_beyond": "COALESCE(entry_parent, entry_school, seat_school)", "elsewhere": "COALESCE(seat_school, entry_school)",
    "transferring": "COALESCE(seat_parent, entry_parent, seat_school, entry_school)",
    "raised_elsewhere": "COALESCE(seat_school, entry_school)", "never_came": "listed_school",
    "leave_ended": "COALESCE(seat_school, entry_school)", "back_unreported": "COALESCE(seat_school, entry_school)",
}  # fmt: skip
"""Who must act, where it is not simply the school of the 学籍 (or, without one, of the 就读)."""


def _array(part: int) -> str:
    return "(ARRAY[" + ", ".join(f"'{rule[part]}'" for rule in RULES) + "])[rule]"


def judge_sql() -> str:
    """``rec_judged``: every group of a slice with bucket, cause, its places and who must act."""
    rule = "CASE " + " ".join(f"WHEN {one[2]} THEN {n}" for n, one in enumerate(RULES, start=1)) + " END"
    owner = "CASE cause " + " ".join(f"WHEN '{c}' THEN {sql}" for c, sql in OWNERS.items()) + \
        " ELSE COALESCE(entry_school, seat_school, listed_school) END"  # fmt: skip
    return f"""
CREATE TEMP TABLE rec_judged ON COMMIT DROP AS
SELECT key, person, entries, is_seated, is_listed, name, name_key, entry_school, entry_path, seat_school, seat_path,
  listed_path, place, unreadable, former, bucket, cause, COALESCE({owner}, %(place)s) AS owner_id,
  COALESCE(CASE WHEN is_seated THEN seat_school END, entry_school, seat_school, listed_school, %(place)s) AS school_id,
  COALESCE(CASE WHEN is_seated THEN seat_path END, entry_path, seat_path, listed_path) AS path
FROM (SELECT h.*, {_array(0)} AS bucket, {_array(1)} AS cause FROM (
  SELECT g.*, {rule} AS rule FROM ({GROUPS}) g OFFSET 0) h OFFSET 0) j
"""  # noqa: S608


TALLIES = """
INSERT INTO reconciliation_work_tally (path, bucket, cause, entries, people, listed, cases)
SELECT path, bucket, cause, sum(entries), sum(people), sum(listed), sum(cases) FROM (
  SELECT k.path, j.bucket, j.cause, count(*) AS entries, 0 AS people, 0 AS listed, 0 AS cases
    FROM reconciliation_work_entry k JOIN rec_judged j USING (key) WHERE k.slice = %(slice)s GROUP BY 1, 2, 3
  UNION ALL SELECT j.seat_path, j.bucket, j.cause, 0, count(*), 0, 0 FROM rec_judged j WHERE j.is_seated GROUP BY 1, 2, 3
  UNION ALL SELECT j.listed_path, j.bucket, j.cause, 0, 0, count(*), 0 FROM rec_judged j WHERE j.is_listed GROUP BY 1, 2, 3
  UNION ALL SELECT j.path, j.bucket, j.cause, 0, 0, 0, count(*) FROM rec_judged j WHERE j.bucket <> 'agreed' GROUP BY 1, 2, 3
) t GROUP BY path, bucket, cause
"""
MISMATCHES = """
INSERT INTO reconciliation_work_judged (key, person, name, name_key, bucket, cause, detail, entries, former, school_id, path,
  other_id, owner_id)
SELECT key, person, COALESCE(name, ''), COALESCE(name_key, ''), bucket, cause, CASE WHEN unreadable THEN place ELSE '' END,
  entries, former, school_id, path, CASE WHEN seat_school = school_id THEN entry_school ELSE seat_school END, owner_id
FROM rec_judged WHERE bucket <> 'agreed'
"""


def clear(cursor: Any) -> None:
    """No comparison is under way."""
    cursor.execute("TRUNCATE " + ", ".join(WORK_TABLES))


def gather_seats(cursor: Any, values: dict[str, Any]) -> None:
    """Who sits where, and who is on the third list, with the slice of their keys."""
    for sql in (SEATS, LISTED):
        cursor.execute(sql, values)
    for name in ("seat", "listed"):
        cursor.execute(f"ANALYZE reconciliation_work_{name}")


def gather_entries(cursor: Any, values: dict[str, Any]) -> None:
    """The rows of the file with person, key and slice; after :func:`gather_seats`."""
    cursor.execute("DROP TABLE IF EXISTS rec_entry")
    cursor.execute(ENTRIES, values)
    cursor.execute("ANALYZE rec_entry")
    for sql in (WEAK, KEYS):
        cursor.execute(sql, values)
    cursor.execute("ANALYZE reconciliation_work_entry")


def judge_slice(cursor: Any, values: dict[str, Any]) -> None:
    """Buckets of one slice: what does not agree, and its part of the figures."""
    cursor.execute("DROP TABLE IF EXISTS rec_judged")
    cursor.execute(judge_sql(), values)
    cursor.execute("ANALYZE rec_judged")
    for sql in (MISMATCHES, TALLIES):
        cursor.execute(sql, values)
