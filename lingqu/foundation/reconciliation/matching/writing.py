"""From what was judged to cases and figures: the last step of a comparison, the only one that anybody sees."""

from __future__ import annotations

from typing import Any

CASES = """
INSERT INTO reconciliation_case AS c (key, person_id, name, name_key, bucket, cause, detail, entries, former, school_id, path,
  other_school_id, other_path, owner_id, owner_path, assigned_by, state, handling, note, is_beyond_province, answered_by, due_on,
  since, seen_on, last_run_id, times)
SELECT j.key, j.person, j.name, j.name_key, j.bucket, j.cause, j.detail, j.entries, j.former, j.school_id, j.path,
  o.id, o.path, w.id, w.path, '', 'todo', '', '', false, '', d.due_on, %(as_of)s, %(as_of)s, %(run)s, 1
FROM reconciliation_work_judged j JOIN registry_organisation w ON w.id = j.owner_id JOIN rec_due d ON d.owner_id = w.id
  LEFT JOIN registry_organisation o ON o.id = j.other_id AND o.id <> j.school_id
ON CONFLICT (key) DO UPDATE SET
  person_id = excluded.person_id, name = excluded.name, name_key = excluded.name_key, bucket = excluded.bucket,
  cause = excluded.cause, detail = excluded.detail, entries = excluded.entries, school_id = excluded.school_id,
  former = CASE WHEN c.state = 'closed' OR c.former = '{}'::jsonb THEN excluded.former ELSE c.former END,
  path = excluded.path, other_school_id = excluded.other_school_id, other_path = excluded.other_path,
  owner_id = CASE WHEN c.assigned_by <> '' AND c.state <> 'closed' AND c.cause = excluded.cause
    THEN c.owner_id ELSE excluded.owner_id END,
  owner_path = CASE WHEN c.assigned_by <> '' AND c.state <> 'closed' AND c.cause = excluded.cause
    THEN c.owner_path ELSE excluded.owner_path END,
  assigned_by = CASE WHEN c.state <> 'closed' AND c.cause = excluded.cause THEN c.assigned_by ELSE '' END,
  state = CASE WHEN c.state = 'closed' OR c.bucket <> excluded.bucket
      OR (c.state = 'done' AND c.seen_on < excluded.seen_on AND c.due_on < excluded.seen_on) THEN 'todo' ELSE c.state END,
  handling = CASE WHEN c.state = 'closed' THEN '' ELSE c.handling END,
  note = CASE WHEN c.state = 'closed' THEN '' ELSE c.note END,
  is_beyond_province = c.is_beyond_province AND c.state <> 'closed',
  answered_at = CASE WHEN c.state = 'closed' THEN NULL ELSE c.answered_at END,
  answered_by = CASE WHEN c.state = 'closed' THEN '' ELSE c.answered_by END,
  due_on = CASE WHEN c.state = 'closed' OR c.bucket <> excluded.bucket
      OR (c.state = 'done' AND c.seen_on < excluded.seen_on AND c.due_on < excluded.seen_on)
    THEN excluded.due_on ELSE c.due_on END,
  since = CASE WHEN c.state = 'closed' THEN excluded.since ELSE c.since END,
  times = CASE WHEN c.state = 'closed' THEN c.times + 1 ELSE c.times END,
  closed_on = NULL, seen_on = excluded.seen_on, last_run_id = excluded.last_run_id
"""
"""One row a group that does not agree. What people answered and whom they gave it to stays; what was closed opens again."""
CLOSE = """
UPDATE reconciliation_case c SET state = 'closed', closed_on = %(as_of)s, last_run_id = %(run)s
WHERE c.path >= %(path)s::ltree AND c.path < %(end)s::ltree AND c.state <> 'closed' AND c.seen_on < %(as_of)s
  AND NOT EXISTS (SELECT 1 FROM reconciliation_work_judged j WHERE j.key = c.key)
"""
"""Only a newer file closes: it no longer shows what the older one showed."""
SETTLE = """
UPDATE reconciliation_case c SET state = 'done', note = CASE WHEN c.note = '' THEN %(mended)s ELSE c.note END
WHERE c.path >= %(path)s::ltree AND c.path < %(end)s::ltree AND c.state = 'todo' AND c.seen_on = %(as_of)s
  AND NOT EXISTS (SELECT 1 FROM reconciliation_work_judged j WHERE j.key = c.key)
"""
"""The same file compared again, and the 就读 was put right meanwhile: handled, but the next file has the last word."""
TALLIES = """
INSERT INTO reconciliation_tally (run_id, path, bucket, cause, entries, people, listed, cases)
SELECT %(run)s, path, bucket, cause, sum(entries), sum(people), sum(listed), sum(cases)
FROM reconciliation_work_tally GROUP BY path, bucket, cause
"""
MARK = """
UPDATE reconciliation_fileentry e SET group_key = k.key, person_id = k.person
FROM reconciliation_work_entry k JOIN reconciliation_work_judged j USING (key)
WHERE e.id = k.id AND (e.group_key, e.person_id) IS DISTINCT FROM (k.key, k.person)
"""
SUMS = """SELECT (SELECT count(*) FROM reconciliation_fileentry WHERE file_id = %(file)s),
  (SELECT count(*) FROM reconciliation_work_seat WHERE is_inside), (SELECT count(*) FROM reconciliation_work_listed),
  COALESCE(sum(entries), 0), COALESCE(sum(people), 0), COALESCE(sum(listed), 0), COALESCE(sum(cases), 0)
  FROM reconciliation_tally WHERE run_id = %(run)s"""
OWNERS = """SELECT id, kind, path::text FROM registry_organisation
WHERE id IN (SELECT owner_id FROM reconciliation_work_judged)"""


class Unbalanced(Exception):
    """The buckets do not add up to what was compared: a defect of the rules, nothing is written."""


def owners_of(cursor: Any) -> list[tuple[Any, str, str]]:
    """Everybody who must act: id, kind and path."""
    cursor.execute(OWNERS)
    found: list[tuple[Any, str, str]] = cursor.fetchall()
    return found


def set_due(cursor: Any, rows: list[tuple[Any, Any]]) -> None:
    """Until when each owner must act."""
    cursor.execute("DROP TABLE IF EXISTS rec_due")
    cursor.execute("CREATE TEMP TABLE rec_due (owner_id uuid, due_on date) ON COMMIT DROP")
    cursor.execute(
        "INSERT INTO rec_due SELECT * FROM unnest(%s::uuid[], %s::date[])",
        [[owner for owner, _day in rows], [day for _owner, day in rows]],
    )
    cursor.execute("ANALYZE rec_due")


def write(cursor: Any, values: dict[str, Any]) -> dict[str, int]:
    """Cases, figures and marks in the open transaction; returns rows, people, listed and mismatched."""
    cursor.execute("ANALYZE reconciliation_work_judged")
    cursor.execute("DELETE FROM reconciliation_tally WHERE run_id = %(run)s", values)
    cursor.execute(CASES, values)
    cursor.execute("ANALYZE reconciliation_case")
    for sql in (SETTLE, CLOSE, TALLIES, MARK):
        cursor.execute(sql, values)
    cursor.execute(SUMS, values)
    rows, people, listed, *sums, cases = map(int, cursor.fetchone())
    if [rows, people, listed] != sums:
        raise Unbalanced(f"{rows}, {people}, {listed} became {sums}")
    return {"rows": rows, "people": people, "listed": listed, "mismatched": cases}
