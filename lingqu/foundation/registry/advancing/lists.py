"""Lists of single pupils with their moves: of a plan, and of what was applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from ..models import SchoolAdvance
from .holding import Choice, hold_plan
from .previewing import PLANNER
from .steps import SchoolStep, YearStep


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilMove:
    """One line of the list of changes, as people read it."""

    school: str
    class_before: str
    number: str
    name: str
    grade_before: str
    move: str
    grade_after: str
    class_after: str


PLANNED = """
SELECT o.name, COALESCE(k.name, ''), n.number, n.name, p.grade, p.move, p.following, COALESCE(t.target_name, '')
FROM adv_pupil p JOIN registry_organisation o ON o.id = p.school_id JOIN registry_person n ON n.id = p.person_id
  LEFT JOIN adv_class k ON k.id = p.class_id
  LEFT JOIN LATERAL (SELECT x.target_name FROM adv_class x WHERE x.target_id = p.target_id LIMIT 1) t ON true
ORDER BY o.path, k.grades, k.serial NULLS LAST, k.name, p.number NULLS LAST, p.name_key, p.enrolment_id
"""


def list_planned_moves(
    step: YearStep, schools: Sequence[SchoolStep], choices: Iterable[Choice] = ()
) -> tuple[PupilMove, ...]:
    """Every pupil of these schools with what the plan holds for them. The caller has checked the right to see them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLANNER)
        hold_plan(cursor, step, schools, choices)
        cursor.execute(PLANNED)
        return tuple(_moves(cursor.fetchall()))


APPLIED = """
WITH trail AS (SELECT entity, entity_id::bigint AS id, bool_or(operation = 'c') AS is_made FROM kernel_change
    WHERE xid = (SELECT xid FROM registry_schooladvance WHERE id = %(id)s) AND id > %(after)s AND id <= %(until)s
      AND entity IN ('registry.enrolment', 'registry.class_membership') GROUP BY 1, 2),
  seat AS (SELECT m.person_id, g.name, g.kind, g.serial, t.is_made FROM trail t JOIN registry_classmembership m ON m.id = t.id
    JOIN registry_classgroup g ON g.id = m.class_group_id WHERE t.entity = 'registry.class_membership' AND g.kind <> 'teaching')
SELECT s.name, COALESCE(b.name, ''), n.number, n.name, e.grade,
  CASE WHEN x.id IS NULL THEN 'graduate' WHEN x.school_id <> e.school_id THEN 'central' ELSE 'up' END,
  COALESCE(x.grade, ''), COALESCE(a.name, '')
FROM trail t JOIN registry_enrolment e ON e.id = t.id JOIN registry_person n ON n.id = e.person_id AND n.deceased_on IS NULL
  JOIN registry_organisation s ON s.id = e.school_id
  LEFT JOIN LATERAL (SELECT m.id, m.school_id, m.grade FROM trail y JOIN registry_enrolment m ON m.id = y.id
    WHERE y.entity = 'registry.enrolment' AND y.is_made AND m.person_id = e.person_id LIMIT 1) x ON true
  LEFT JOIN seat b ON b.person_id = e.person_id AND NOT b.is_made
  LEFT JOIN seat a ON a.person_id = e.person_id AND a.is_made
WHERE t.entity = 'registry.enrolment' AND NOT t.is_made
ORDER BY e.grade, b.serial NULLS LAST, b.name, e.name_key, e.id
"""


def list_applied_moves(advance: SchoolAdvance) -> tuple[PupilMove, ...]:
    """Who went where when the school went up, from the change log of that transaction."""
    with connection.cursor() as cursor:
        cursor.execute(APPLIED, {"id": advance.id, "after": advance.change_after, "until": advance.change_until})
        return tuple(_moves(cursor.fetchall()))


def _moves(rows: Iterable[Sequence[str]]) -> Iterator[PupilMove]:
    names = ("school", "class_before", "number", "name", "grade_before", "move", "grade_after", "class_after")
    for row in rows:
        yield PupilMove(**dict(zip(names, row, strict=True)))
