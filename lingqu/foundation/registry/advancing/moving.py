"""Writing the step of one school into the next year: one transaction, set-based, undone as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, events
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Conflict

from ..models import SchoolAdvance
from ..services.reference import ensure_school_year
from ..types import rights
from ..types.events import RelationsChanged, SchoolAdvanced
from .holding import Choice, hold_plan
from .previewing import PLANNER, SchoolMoves, summarise
from .steps import UNKNOWN, SchoolStep, YearStep
from .tracing import log_rows

SOURCE = "rollover"
MOVED = "('up', 'stage', 'central', 'graduate')"


class PlanChanged(Conflict):
    """The register has moved on since the preview: what would be written is not what somebody looked at."""

    code = "plan_changed"


@transaction.atomic
def advance_school(
    *, actor: Actor, step: YearStep, school: SchoolStep, choices: Iterable[Choice] = (),
    expected: Mapping[str, int] | None = None,
) -> SchoolMoves | None:  # fmt: skip
    """Take one school into the next year as previewed; None when that has been done.

    Classes go up with serial and cohort, pupils get a new episode of 就读 and a seat, those who graduate keep their account
    and have no school, class teachers who still work here stay, 任课 ends. 学籍 is not touched: it is the nation's. Needs the
    right to edit classes here and in the central school. Raises :class:`PlanChanged` when the figures are not ``expected``
    and :class:`Conflict` while pupils are undecided.
    """
    require(actor.holds(rights.CLASS_EDIT, school.path))
    require(not school.central_path or actor.holds(rights.CLASS_EDIT, school.central_path))
    ensure_school_year(step.to_year)
    with connection.cursor() as cursor:
        cursor.execute(PLANNER)
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"registry.advance:{school.id}"])
        if SchoolAdvance.objects.filter(school_id=school.id, to_year=step.to_year, undone_at=None).exists():
            return None
        hold_plan(cursor, step, [school], choices)
        [moves] = summarise(cursor, [school])
        if expected is not None and {k: int(v) for k, v in expected.items()} != moves.figures:
            raise PlanChanged(_("预览之后名册有变动，请先重算。"))
        if moves.counts[UNKNOWN]:
            raise Conflict(_("还有 %(n)d 名学生没有定年级。") % {"n": moves.counts[UNKNOWN]}, code="undecided")
        cursor.execute(SUCCESSORS)
        pairs = tuple(cursor.fetchall())
        before = _last_change(cursor)
        concerned = _write(cursor, step)
        made = SchoolAdvance.objects.create(
            school_id=school.id, to_year=step.to_year, starts_on=step.starts_on, counts=moves.figures,
            actor_name=actor.name, last_enrolment=_last(cursor, "registry_enrolment"), change_after=before,
            change_until=_last_change(cursor),
        )  # fmt: skip
    _trace(actor, made, school, moves, concerned, pairs)
    return moves


def _trace(
    actor: Actor, made: SchoolAdvance, school: SchoolStep, moves: SchoolMoves, concerned: list[Any],
    pairs: tuple[tuple[UUID, UUID], ...],
) -> None:  # fmt: skip
    audit.record(
        actor, "registry.school.advanced", subject_kind="organisation", subject_id=school.id, path=school.path,
        data={"to_year": made.to_year, "advance": str(made.id), **moves.figures},
    )  # fmt: skip
    events.publish(SchoolAdvanced(school_id=school.id, to_year=made.to_year, classes=pairs))
    if concerned:
        events.publish(RelationsChanged(person_ids=tuple(concerned)))


def _last(cursor: Any, table: str) -> int:
    """Rows with a higher id came later."""
    cursor.execute(f"SELECT COALESCE(max(id), 0) FROM {table}")  # noqa: S608
    return int(cursor.fetchone()[0])


def _last_change(cursor: Any) -> int:
    cursor.execute("SELECT COALESCE(max(id), 0) FROM kernel_change WHERE xid = pg_current_xact_id()")
    return int(cursor.fetchone()[0])


def _write(cursor: Any, step: YearStep) -> list[Any]:
    """Classes, 就读, seats, duties, teaching. Returns the people whose relations changed."""
    values = {"on": step.starts_on, "year": step.to_year, "source": SOURCE}
    log_rows(cursor, "registry.class_group", NEW_CLASSES, "c", values)
    log_rows(cursor, "registry.enrolment", END_ENROLMENTS, "u", values)
    log_rows(cursor, "registry.enrolment", OPEN_ENROLMENTS, "c", values)
    log_rows(cursor, "registry.class_membership", END_SEATS, "u", values)
    log_rows(cursor, "registry.class_membership", OPEN_SEATS, "c", values)
    cursor.execute(CONCERNED)
    concerned = [row[0] for row in cursor.fetchall()]
    log_rows(cursor, "registry.duty", KEEP_HEADS, "c", values)
    log_rows(cursor, "registry.duty", END_DUTIES, "u", values)
    log_rows(cursor, "registry.teaching_assignment", END_TEACHING, "u", values)
    cursor.execute(SIZES)
    return concerned


SUCCESSORS = "SELECT id, target_id FROM adv_class WHERE target_id IS NOT NULL AND NOT is_next ORDER BY id"
NEW_CLASSES = """
INSERT INTO registry_classgroup (id, school_id, school_year_id, kind, grades, entry_year, serial, name, written_name, local_name,
  campus, room, size, source)
SELECT k.target_id, k.school_id, %(year)s, k.target_kind, k.target_grades, k.target_entry, k.serial, k.target_name,
  k.target_written, g.local_name, g.campus, g.room, 0, %(source)s
FROM adv_class k JOIN registry_classgroup g ON g.id = k.id WHERE k.is_new RETURNING id
"""
END_ENROLMENTS = f"""
UPDATE registry_enrolment e SET valid_to = GREATEST(%(on)s, e.valid_from) FROM adv_pupil p
WHERE e.id = p.enrolment_id AND p.move IN {MOVED} RETURNING e.id
"""  # noqa: S608
OPEN_ENROLMENTS = """
INSERT INTO registry_enrolment (person_id, school_id, path, name_key, grade, attendance, school_number, boarding, source, valid_from)
SELECT e.person_id, CASE WHEN p.move = 'central' THEN s.central_id ELSE e.school_id END,
  CASE WHEN p.move = 'central' THEN s.central_path ELSE e.path END, e.name_key, p.following,
  CASE WHEN p.is_chosen AND e.attendance = 'absent' THEN 'registered' ELSE e.attendance END,
  CASE WHEN p.move = 'central' THEN '' ELSE e.school_number END, e.boarding, %(source)s, e.valid_to
FROM adv_pupil p JOIN registry_enrolment e ON e.id = p.enrolment_id JOIN adv_school s ON s.id = p.school_id
WHERE p.move IN ('up', 'stage', 'central') RETURNING id
"""
END_SEATS = """
UPDATE registry_classmembership m SET valid_to = GREATEST(%(on)s, m.valid_from) FROM (
  SELECT o.id FROM adv_class k JOIN registry_classmembership o ON o.class_group_id = k.id AND o.valid_to IS NULL WHERE NOT k.is_next
  UNION SELECT p.membership_id FROM adv_pupil p WHERE p.is_refused AND p.membership_id IS NOT NULL) x
WHERE m.id = x.id AND m.valid_to IS NULL RETURNING m.id
"""
"""Every seat of this year, 教学班 and those who stay included: a class belongs to one school year."""
OPEN_SEATS = """
INSERT INTO registry_classmembership (class_group_id, person_id, number, source, valid_from)
SELECT p.target_id, p.person_id, p.number, %(source)s, GREATEST(%(on)s, p.begins)
FROM adv_pupil p WHERE p.target_id IS NOT NULL
ON CONFLICT DO NOTHING RETURNING id
"""
CONCERNED = """
SELECT d.person_id FROM registry_duty d JOIN adv_class k ON k.id = d.class_group_id WHERE NOT k.is_next AND d.valid_to IS NULL
UNION SELECT t.person_id FROM registry_teachingassignment t JOIN adv_class k ON k.id = t.class_group_id
  WHERE NOT k.is_next AND t.valid_to IS NULL
UNION SELECT person_id FROM adv_pupil WHERE move IN ('central', 'graduate') ORDER BY 1
"""
"""Staff of the classes, and pupils who leave the school: what they may do follows from other places now."""
KEEP_HEADS = """
INSERT INTO registry_duty (person_id, organisation_id, path, kind, class_group_id, grade, subject, source, valid_from)
SELECT d.person_id, d.organisation_id, d.path, d.kind, k.target_id, '', d.subject, %(source)s, %(on)s
FROM adv_class k JOIN registry_duty d ON d.class_group_id = k.id AND d.valid_to IS NULL
  AND d.kind IN ('head_teacher', 'deputy_head_teacher')
WHERE NOT k.is_next AND k.target_id IS NOT NULL
  AND EXISTS (SELECT 1 FROM registry_appointment a WHERE a.person_id = d.person_id AND a.organisation_id = k.school_id
    AND a.valid_to IS NULL)
  AND NOT EXISTS (SELECT 1 FROM registry_duty n WHERE n.class_group_id = k.target_id AND n.kind = d.kind AND n.valid_to IS NULL)
RETURNING id
"""
END_DUTIES = """
UPDATE registry_duty d SET valid_to = GREATEST(%(on)s, d.valid_from) FROM adv_class k
WHERE k.id = d.class_group_id AND NOT k.is_next AND d.valid_to IS NULL RETURNING d.id
"""
END_TEACHING = """
UPDATE registry_teachingassignment t SET valid_to = GREATEST(%(on)s, t.valid_from) FROM adv_class k
WHERE k.id = t.class_group_id AND NOT k.is_next AND t.valid_to IS NULL RETURNING t.id
"""
SIZES = """
UPDATE registry_classgroup g SET size = n.size FROM (
  SELECT k.id, count(m.id) AS size FROM (SELECT id FROM adv_class UNION SELECT target_id FROM adv_class WHERE target_id IS NOT NULL) k
    LEFT JOIN registry_classmembership m ON m.class_group_id = k.id AND m.valid_to IS NULL GROUP BY 1) n
WHERE n.id = g.id AND g.size <> n.size
"""
