"""What stands against what was found, for the schools of one batch: findings come and go, orders close, scores are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ..models import Evaluation
from ..types import WEIGHTS
from . import desks

NEXT = """
SELECT o.id, o.path::text, GREATEST(k.students, 1) FROM registry_organisation o
LEFT JOIN registry_organisationcount k ON k.organisation_id = o.id
WHERE o.path >= %s::ltree AND o.path < %s::ltree ORDER BY o.path LIMIT %s
"""
MOST_SCHOOLS = 400
GONE = """
UPDATE quality_finding f SET state = 'gone', gone_on = %(day)s WHERE f.gone_on IS NULL AND f.rule_id = ANY(%(codes)s)
  AND f.school_id = ANY(%(schools)s) AND NOT EXISTS (SELECT 1 FROM quality_found n
    WHERE n.rule = f.rule_id AND n.subject = f.subject_id AND n.school = f.school_id)
"""
RULES = "unnest(%(codes)s::text[], %(severities)s::text[], %(kinds)s::text[]) AS r(code, severity, kind)"
CHANGED = f"""
UPDATE quality_finding f SET detail = n.detail, severity = r.severity FROM quality_found n, {RULES}
WHERE r.code = n.rule AND f.rule_id = n.rule AND f.subject_id = n.subject AND f.school_id = n.school AND f.gone_on IS NULL
  AND (f.detail, f.severity) IS DISTINCT FROM (n.detail, r.severity)
"""  # noqa: S608
NEW = f"""
WITH made AS (INSERT INTO quality_finding (rule_id, severity, subject_kind, subject_id, school_id, path, detail, state, since,
    reason, waived_by)
  SELECT DISTINCT ON (n.rule, n.subject, n.school) n.rule, r.severity, r.kind, n.subject, n.school, n.path,
    COALESCE(n.detail, ''), 'open', %(day)s::date, '', '' FROM quality_found n JOIN {RULES} ON r.code = n.rule
  WHERE NOT EXISTS (SELECT 1 FROM quality_finding f WHERE f.rule_id = n.rule AND f.subject_id = n.subject
    AND f.school_id = n.school AND f.gone_on IS NULL)
  ORDER BY n.rule, n.subject, n.school ON CONFLICT DO NOTHING RETURNING rule_id)
SELECT rule_id, count(*) FROM made GROUP BY rule_id
"""  # noqa: S608
CLOSED = """
UPDATE quality_workorder w SET state = 'closed', closed_at = now() WHERE w.state = 'open' AND w.school_id = ANY(%(schools)s)
  AND NOT EXISTS (SELECT 1 FROM quality_finding f WHERE f.work_order_id = w.id AND f.state = 'open')
RETURNING w.id
"""
SCORES = """
INSERT INTO quality_dayscore (school_id, path, day, checked, blocks, reviews, hints, cost, score)
SELECT s.id, s.path, %(day)s::date, s.checked, s.blocks, s.reviews, s.hints, s.cost,
  round(greatest(0, 100 - 10.0 * s.cost / greatest(s.checked, 1)), 1)
FROM (SELECT o.id, o.path, COALESCE(k.students + k.staff + k.classes, 0) AS checked, COALESCE(f.blocks, 0) AS blocks,
    COALESCE(f.reviews, 0) AS reviews, COALESCE(f.hints, 0) AS hints,
    COALESCE(f.blocks * %(block)s + f.reviews * %(review)s + f.hints * %(hint)s, 0) AS cost
  FROM registry_organisation o LEFT JOIN registry_organisationcount k ON k.organisation_id = o.id
  LEFT JOIN (SELECT school_id, count(*) FILTER (WHERE severity = 'block') AS blocks,
      count(*) FILTER (WHERE severity = 'review') AS reviews, count(*) FILTER (WHERE severity = 'hint') AS hints
    FROM quality_finding WHERE state = 'open' AND gone_on IS NULL AND school_id = ANY(%(schools)s)
    GROUP BY school_id) f ON f.school_id = o.id
  WHERE o.kind IN ('school', 'teaching_point') AND o.closed_on IS NULL AND o.id = ANY(%(schools)s)) s
ON CONFLICT (day, school_id) DO UPDATE SET path = EXCLUDED.path, checked = EXCLUDED.checked,
  blocks = EXCLUDED.blocks, reviews = EXCLUDED.reviews, hints = EXCLUDED.hints, cost = EXCLUDED.cost,
  score = EXCLUDED.score
"""
"""One row a school and day. README#score"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Organisations side by side in the tree: every path from ``start`` on and before ``end``."""

    start: str
    end: str
    schools: list[UUID]


def next_batch(cursor: Any, start: str, below: str, most: int) -> Batch | None:
    """The next organisations in the order of the tree with about ``most`` pupils together, at least one; None at the end."""
    cursor.execute(NEXT, [start, below, MOST_SCHOOLS + 1])
    rows = cursor.fetchall()
    if not rows:
        return None
    taken, pupils = 0, 0
    for _id, _path, students in rows[:MOST_SCHOOLS]:
        if taken and pupils + students > most:
            break
        taken, pupils = taken + 1, pupils + students
    end = rows[taken][1] if taken < len(rows) else below
    return Batch(start=start, end=end, schools=[row[0] for row in rows[:taken]])


def settle(cursor: Any, run: Evaluation, batch: Batch) -> dict[str, int]:
    """Compare ``quality_found`` with what stands; returns new findings by rule. Waived ones stay until they are gone."""
    values = {
        "day": run.day, "schools": batch.schools, "codes": [rule["code"] for rule in run.rules],
        "severities": [rule["severity"] for rule in run.rules], "kinds": [rule["kind"] for rule in run.rules],
        **{str(name.value): weight for name, weight in WEIGHTS.items()},
    }  # fmt: skip
    for sql in (GONE, CHANGED):
        cursor.execute(sql, values)
    cursor.execute(NEW, values)
    made = {code: int(number) for code, number in cursor.fetchall()}
    cursor.execute(CLOSED, values)
    desks.settle([row[0] for row in cursor.fetchall()])
    cursor.execute(SCORES, values)
    return made
