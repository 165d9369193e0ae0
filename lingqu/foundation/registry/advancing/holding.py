"""The plan in temporary tables, one row per school, class and pupil; previewing reads them, applying writes from them.

``adv_school``, ``adv_grade`` (what happens to a grade of a school), ``adv_class`` (classes of both years with the class each
becomes), ``adv_pupil`` (everybody who sits in the schools, with the move), ``adv_choice`` (what people decided).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lingqu.kernel.ids import uuid7

from ..types.class_names import entry_year_of
from .spelling import multigrade_spelling, name_of, next_spelling
from .steps import COMPULSORY, STAGE, SchoolStep, YearStep, following_set

TABLES = """
CREATE TEMP TABLE IF NOT EXISTS adv_school (id uuid, path ltree, central_id uuid, central_path ltree) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS adv_grade (school_id uuid, grade text, move text, following text) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS adv_class (id uuid, school_id uuid, is_next boolean, kind text, grades text[], is_entry boolean,
  name text, size int, target_id uuid, is_new boolean, target_grades text[], target_name text, target_written text, serial int,
  target_entry int, target_kind text) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS adv_choice (person_id uuid, following text, class_id uuid) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS adv_pupil (enrolment_id bigint, person_id uuid, school_id uuid, name_key text, grade text,
  begins date, membership_id bigint, seat_begins date, class_id uuid, number int, is_suspended boolean, is_refused boolean,
  is_due boolean, is_chosen boolean, move text, following text, target_id uuid) ON COMMIT DELETE ROWS;
TRUNCATE adv_school, adv_grade, adv_class, adv_choice, adv_pupil
"""
CLASS_COLUMNS = (
    "id", "school_id", "is_next", "kind", "grades", "is_entry", "name", "size", "target_id", "is_new", "target_grades",
    "target_name", "target_written", "serial", "target_entry", "target_kind",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A person decided: this pupil goes into this grade, into what this year's class ``class_id`` becomes."""

    person_id: UUID
    grade: str
    class_id: UUID | None = None


def hold_plan(cursor: Any, step: YearStep, schools: Sequence[SchoolStep], choices: Iterable[Choice] = ()) -> None:
    """Fill the temporary tables for these schools. Reads only."""
    cursor.execute(TABLES)
    _copy(
        cursor, "adv_school", ("id", "path", "central_id", "central_path"),
        ((s.id, s.path, s.central_id, s.central_path or None) for s in schools),
    )  # fmt: skip
    _copy(
        cursor, "adv_grade", ("school_id", "grade", "move", "following"),
        ((s.id, grade, move, following) for s in schools for grade, (move, following) in s.moves().items()),
    )  # fmt: skip
    _copy(cursor, "adv_choice", ("person_id", "following", "class_id"),
          ((c.person_id, c.grade, c.class_id) for c in choices))  # fmt: skip
    _hold_classes(cursor, step, schools)
    cursor.execute("ANALYZE adv_school; ANALYZE adv_class; ANALYZE adv_grade")
    cursor.execute(PUPILS, {"new_from": step.new_from, "starts_on": step.starts_on, "compulsory": sorted(COMPULSORY)})
    cursor.execute("ANALYZE adv_pupil")
    cursor.execute(TARGETS)


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


CLASSES = """
SELECT g.id, g.school_id, g.school_year_id = %(to)s, g.kind, g.grades, g.name, g.written_name, g.local_name, g.serial,
  g.entry_year, g.size
FROM registry_classgroup g JOIN adv_school s ON s.id = g.school_id WHERE g.school_year_id IN (%(from)s, %(to)s)
  AND g.closed_on IS NULL
ORDER BY g.school_id, g.id
"""


def _hold_classes(cursor: Any, step: YearStep, schools: Sequence[SchoolStep]) -> None:
    cursor.execute(CLASSES, {"from": step.from_year, "to": step.to_year})
    found: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for row in cursor.fetchall():
        found[row[1]].append(row)
    rows = [line for school in schools for line in _lines(school, step, found[school.id])]
    _copy(cursor, "adv_class", CLASS_COLUMNS, rows)


def _lines(school: SchoolStep, step: YearStep, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Classes of one school in both years; those of this year with what they become."""
    entry, year, made = set(school.entry_grades()), int(step.to_year[:4]), []
    ready: dict[Any, UUID] = {}
    for class_id, _school, is_next, kind, grades, name, _written, local, serial, *_rest in rows:
        if is_next and kind != "teaching":
            ready.setdefault((tuple(grades), serial, local or (name if serial is None else "")), class_id)
    moves = school.moves()
    for class_id, _school, is_next, kind, grades, name, written, local, serial, entry_year, size in rows:
        after = () if is_next or kind == "teaching" else following_set(grades, school)
        if school.regroup and any(moves[g][0] == STAGE for g in grades if g in moves):
            after = ()
        target: tuple[Any, ...] = (None, None, None, None, None, serial, None, None)
        if after:
            spelled = _spelled(school, step, written, grades, after, serial)
            turns = len(grades) == 1 and moves[grades[0]][0] == STAGE
            began = entry_year_of(after[0], school.schooling, year) if len(after) == 1 else None
            began = began if turns or entry_year is None or len(grades) > 1 else entry_year
            kept = kind if kind != "multigrade" or len(after) > 1 else "administrative"
            called = (
                spelled
                if local
                else name_of(school, grades=after, serial=serial, entry_year=began, written=spelled, kind=kept)
            )
            known = ready.get((after, serial, local or (called if serial is None else "")))
            target = (known or uuid7(), known is None, list(after), called, spelled, serial, began, kept)
        made.append((class_id, school.id, is_next, kind, list(grades), is_next and bool(entry & set(grades)), name, size,
                     *target))  # fmt: skip
    return made


def _spelled(
    school: SchoolStep, step: YearStep, written: str, grades: Sequence[str], after: tuple[str, ...], serial: int | None
) -> str:
    if len(grades) == 1 and len(after) == 1:
        return next_spelling(written, school, step, before=grades[0], after=after[0], serial=serial)
    if len(after) > 1 and "复式" in written:
        return written if tuple(grades) == after else multigrade_spelling(after)
    return written


SUSPENDED = """(e.attendance = 'absent' OR EXISTS (SELECT 1 FROM registry_registerentry r WHERE r.person_id = e.person_id
  AND r.valid_to IS NULL AND r.state = '02'))"""
PUPILS = f"""
WITH seat AS MATERIALIZED (SELECT DISTINCT ON (m.person_id, k.school_id, k.is_next) m.person_id, k.school_id, k.is_next,
    m.id AS membership_id, m.number, m.valid_from, k.id AS class_id, k.grades, k.is_entry
  FROM adv_class k JOIN registry_classmembership m ON m.class_group_id = k.id AND m.valid_to IS NULL
  WHERE k.kind <> 'teaching' ORDER BY m.person_id, k.school_id, k.is_next, m.id)
INSERT INTO adv_pupil (enrolment_id, person_id, school_id, name_key, grade, begins, membership_id, seat_begins, class_id, number,
  is_suspended, is_refused, is_due, is_chosen, move, following)
SELECT q.id, q.person_id, q.school_id, q.name_key, q.own, q.valid_from, q.membership_id, q.seat_begins, q.class_id, q.number,
  q.is_suspended, q.is_refused, q.is_due, c.person_id IS NOT NULL,
  CASE WHEN q.next_class IS NOT NULL AND NOT q.is_refused THEN CASE WHEN q.next_entry THEN 'new' ELSE 'done' END
       WHEN q.class_id IS NULL AND q.valid_from >= %(new_from)s THEN 'new'
       WHEN c.person_id IS NOT NULL THEN 'up'
       WHEN q.is_suspended THEN 'stay'
       ELSE COALESCE(g.move, 'unknown') END,
  CASE WHEN c.person_id IS NOT NULL THEN c.following ELSE COALESCE(g.following, '') END
FROM (
  SELECT e.id, e.person_id, e.school_id, e.name_key, e.valid_from, {SUSPENDED} AS is_suspended,
    COALESCE(e.expected_on <= %(starts_on)s, false) AS is_due,
    COALESCE(NULLIF(e.grade, ''), CASE WHEN cardinality(a.grades) = 1 THEN a.grades[1] END, '') AS own,
    COALESCE(n.membership_id, a.membership_id) AS membership_id, COALESCE(n.valid_from, a.valid_from) AS seat_begins,
    COALESCE(a.class_id, CASE WHEN b.class_id IS NOT NULL THEN b.class_id END) AS class_id,
    COALESCE(a.number, n.number) AS number, n.class_id AS next_class, n.is_entry AS next_entry,
    b.class_id IS NOT NULL AS is_refused
  FROM adv_school s
  JOIN registry_enrolment e ON e.path = s.path AND e.school_id = s.id AND e.valid_to IS NULL
  JOIN registry_person p ON p.id = e.person_id AND p.deceased_on IS NULL
  LEFT JOIN seat a ON a.person_id = e.person_id AND a.school_id = s.id AND NOT a.is_next
  LEFT JOIN seat n ON n.person_id = e.person_id AND n.school_id = s.id AND n.is_next
  LEFT JOIN LATERAL (SELECT k.id AS class_id FROM registry_classmembership m JOIN adv_class k ON k.id = m.class_group_id
      AND k.school_id = s.id AND NOT k.is_next AND k.kind <> 'teaching' AND k.grades && n.grades
      AND k.grades && %(compulsory)s::text[] AND cardinality(k.grades) = 1
    WHERE n.class_id IS NOT NULL AND m.person_id = e.person_id AND m.valid_to IS NOT NULL
    ORDER BY m.id DESC LIMIT 1) b ON true
  WHERE NOT (e.source = 'rollover' AND e.valid_from >= %(starts_on)s)
  OFFSET 0) q
LEFT JOIN adv_choice c ON c.person_id = q.person_id
LEFT JOIN adv_grade g ON g.school_id = q.school_id AND g.grade = q.own
"""  # noqa: S608
"""Those whom the rollover itself brought from a teaching point belong to the point's figures."""
TARGETS = """
UPDATE adv_pupil p SET target_id = k.target_id FROM adv_class k
WHERE k.id = COALESCE((SELECT c.class_id FROM adv_choice c WHERE c.person_id = p.person_id), p.class_id)
  AND p.move IN ('up', 'stage') AND k.target_id IS NOT NULL AND p.following = ANY(k.target_grades)
"""
"""Who stays in the school sits in what the class becomes, if that class has the pupil's next grade."""
