"""From judged groups to cases and figures."""

from __future__ import annotations

from typing import Any

CASES = """
INSERT INTO reconciliation_case AS c (key, person_id, name, name_key, bucket, cause, detail, entries, former, school_id, path,
  other_school_id, other_path, owner_id, owner_path, state, handling, note, is_beyond_province, answered_by, due_on, since,
  seen_on, last_run_id, times)
SELECT j.key, j.person, COALESCE(NULLIF(j.name, ''), ''), COALESCE(j.name_key, ''), j.bucket, j.cause,
  CASE WHEN j.unreadable THEN j.place ELSE '' END, j.entries, j.former, j.school_id, j.path,
  o.id, o.path, w.id, w.path, 'todo', '', '', false, '', %(due)s, %(as_of)s, %(as_of)s, %(run)s, 1
FROM rec_judged j JOIN registry_organisation w ON w.id = j.owner_id
  LEFT JOIN registry_organisation o ON o.id = CASE WHEN j.seat_school = j.school_id THEN j.entry_school ELSE j.seat_school END
    AND o.id <> j.school_id
WHERE j.bucket <> 'agreed'
ON CONFLICT (key) DO UPDATE SET
  person_id = excluded.person_id, name = excluded.name, name_key = excluded.name_key, bucket = excluded.bucket,
  cause = excluded.cause, detail = excluded.detail, entries = excluded.entries, school_id = excluded.school_id,
  former = CASE WHEN c.state = 'closed' OR c.former = '{}'::jsonb THEN excluded.former ELSE c.former END,
  path = excluded.path, other_school_id = excluded.other_school_id, other_path = excluded.other_path,
  owner_id = excluded.owner_id, owner_path = excluded.owner_path,
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
"""One row a group that does not agree. What people answered stays; what was closed opens again."""
CLOSE = """
UPDATE reconciliation_case c SET state = 'closed', closed_on = %(as_of)s, last_run_id = %(run)s
WHERE c.path >= %(path)s::ltree AND c.path < %(end)s::ltree AND c.state <> 'closed' AND c.seen_on < %(as_of)s
  AND NOT EXISTS (SELECT 1 FROM rec_judged j WHERE j.key = c.key AND j.bucket <> 'agreed')
"""
"""Only a newer file closes: it no longer shows what the older one showed."""
SETTLE = """
UPDATE reconciliation_case c SET state = 'done', note = CASE WHEN c.note = '' THEN %(mended)s ELSE c.note END
WHERE c.path >= %(path)s::ltree AND c.path < %(end)s::ltree AND c.state = 'todo' AND c.seen_on = %(as_of)s
  AND NOT EXISTS (SELECT 1 FROM rec_judged j WHERE j.key = c.key AND j.bucket <> 'agreed')
"""
"""The same file compared again, and the 就读 was put right meanwhile: handled, but the next file has the last word."""
TALLIES = """
INSERT INTO reconciliation_tally (run_id, path, bucket, cause, entries, people, listed, cases)
SELECT %(run)s, path, bucket, cause, sum(entries), sum(people), sum(listed), sum(cases) FROM (
  SELECT k.path, j.bucket, j.cause, count(*) AS entries, 0 AS people, 0 AS listed, 0 AS cases
    FROM rec_key k JOIN rec_judged j USING (key) GROUP BY 1, 2, 3
  UNION ALL SELECT j.seat_path, j.bucket, j.cause, 0, count(*), 0, 0 FROM rec_judged j WHERE j.is_seated GROUP BY 1, 2, 3
  UNION ALL SELECT j.listed_path, j.bucket, j.cause, 0, 0, count(*), 0 FROM rec_judged j WHERE j.is_listed GROUP BY 1, 2, 3
  UNION ALL SELECT j.path, j.bucket, j.cause, 0, 0, 0, count(*) FROM rec_judged j WHERE j.bucket <> 'agreed' GROUP BY 1, 2, 3
) t GROUP BY path, bucket, cause
"""
MARK = """
UPDATE reconciliation_fileentry e SET group_key = k.key, person_id = k.person
FROM rec_key k JOIN rec_judged j USING (key) WHERE e.id = k.id AND j.bucket <> 'agreed'
"""
SUMS = """SELECT (SELECT count(*) FROM reconciliation_fileentry WHERE file_id = %(file)s),
  (SELECT count(*) FROM rec_seat WHERE is_inside), (SELECT count(*) FROM rec_listed),
  COALESCE(sum(entries), 0), COALESCE(sum(people), 0), COALESCE(sum(listed), 0), COALESCE(sum(cases), 0)
  FROM reconciliation_tally WHERE run_id = %(run)s"""


class Unbalanced(Exception):
    """The buckets do not add up to what was compared: a defect of the rules, nothing is written."""


def write(cursor: Any, values: dict[str, Any]) -> dict[str, int]:
    """Cases, figures and marks in the open transaction; returns rows, people, listed and mismatched."""
    cursor.execute("DELETE FROM reconciliation_tally WHERE run_id = %(run)s", values)
    for sql in (CASES, SETTLE, CLOSE, TALLIES, MARK):
        cursor.execute(sql, values)
    cursor.execute(SUMS, values)
    rows, people, listed, *sums, cases = map(int, cursor.fetchone())
    if [rows, people, listed] != sums:
        raise Unbalanced(f"{rows}, {people}, {listed} became {sums}")
    return {"rows": rows, "people": people, "listed": listed, "mismatched": cases}
