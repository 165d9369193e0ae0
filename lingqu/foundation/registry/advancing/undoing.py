"""Taking the step of a school back: what it made goes, what it ended goes on, except for pupils changed meanwhile.

Nothing of the new year has begun when a rollover is undone, so its rows leave no episodes; the change log and the audit trail
keep that they were. A pupil whom somebody moved, or who has been enrolled elsewhere since, keeps that: such pupils are listed
first, and undoing asks that each of them was looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import ManyToOneRel
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from lingqu.kernel import audit, events
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Conflict

from ..models import ClassGroup, SchoolAdvance
from ..types import rights
from ..types.events import RelationsChanged, SchoolAdvanced
from ..types.slots import STEP_BACK, StepBack
from .previewing import PLANNER
from .tracing import log_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPupil:
    """A pupil changed after the school went up. ``kind``: ``enrolled`` (sits elsewhere now), ``left``, ``class_moved``,
    ``edited``."""

    person_id: UUID
    number: str
    name: str
    kind: str


class NotAcknowledged(Conflict):
    """Somebody was changed meanwhile and has not been looked at."""

    code = "changed_meanwhile"


def find_advance(school_id: UUID, to_year: str) -> SchoolAdvance | None:
    """The step of a school into a year that has not been taken back."""
    return SchoolAdvance.objects.filter(school_id=school_id, to_year=to_year, undone_at=None).first()


def list_changed(advance: SchoolAdvance) -> tuple[ChangedPupil, ...]:
    """Pupils whom undoing would leave as they are now. The deceased are left in peace and in no list."""
    with transaction.atomic(), connection.cursor() as cursor:
        _hold(cursor, advance)
        return _changed(cursor)


@transaction.atomic
def undo_school(*, actor: Actor, advance: SchoolAdvance, seen: Iterable[UUID] = ()) -> Counter[str]:
    """Compensate one :class:`SchoolAdvance`; repeating it changes nothing. Returns numbers by what was done.

    Raises :class:`NotAcknowledged` when pupils were changed meanwhile and are not among ``seen``.
    """
    with connection.cursor() as cursor:
        cursor.execute(PLANNER)
        held = SchoolAdvance.objects.select_for_update(of=("self",)).select_related("school").get(id=advance.id)
        path = str(held.school.path)
        require(actor.holds(rights.CLASS_EDIT, path))
        if held.undone_at is not None:
            return Counter()
        _hold(cursor, held)
        changed = _changed(cursor)
        unseen = {one.person_id for one in changed} - set(seen)
        if unseen:
            raise NotAcknowledged(
                _("有 %(n)d 名学生在这期间另外改过，请先逐一确认。") % {"n": len(unseen)},
                details={"people": len(unseen)},
            )
        staff = _staff(cursor)
        STEP_BACK.collect(actor, StepBack(school_id=held.school_id, to_year=held.to_year))
        done = _take_back(cursor)
        SchoolAdvance.objects.filter(id=held.id).update(undone_at=Now())
    done["kept"] = len(changed)
    audit.record(
        actor, "registry.school.advance_undone", subject_kind="organisation", subject_id=held.school_id, path=path,
        data={"to_year": held.to_year, "advance": str(held.id), **done},
    )  # fmt: skip
    events.publish(SchoolAdvanced(school_id=held.school_id, to_year=held.to_year, undone=True))
    if staff:
        events.publish(RelationsChanged(person_ids=tuple(staff)))
    return done


TABLES = """
CREATE TEMP TABLE IF NOT EXISTS adv_trail (entity text, id text, is_made boolean) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS adv_kept (person_id uuid PRIMARY KEY, kind text) ON COMMIT DELETE ROWS;
TRUNCATE adv_trail, adv_kept
"""
TRAIL = """
INSERT INTO adv_trail SELECT entity, entity_id, bool_or(operation = 'c') FROM kernel_change
WHERE xid = (SELECT xid FROM registry_schooladvance WHERE id = %(id)s) AND id > %(after)s AND id <= %(until)s
  AND entity IN ('registry.class_group', 'registry.enrolment',
  'registry.class_membership', 'registry.duty', 'registry.teaching_assignment') GROUP BY 1, 2
"""
ENROLMENTS = "(SELECT t.id::bigint AS id, t.is_made FROM adv_trail t WHERE t.entity = 'registry.enrolment')"
SEATS = "(SELECT t.id::bigint AS id, t.is_made FROM adv_trail t WHERE t.entity = 'registry.class_membership')"
CHANGED = f"""
INSERT INTO adv_kept
WITH enrolment AS (SELECT e.*, t.is_made FROM {ENROLMENTS} t JOIN registry_enrolment e ON e.id = t.id),
  seat AS (SELECT m.*, t.is_made FROM {SEATS} t JOIN registry_classmembership m ON m.id = t.id),
  told AS (
    SELECT o.person_id, 'enrolled' AS kind FROM enrolment e JOIN registry_enrolment o ON o.person_id = e.person_id
      AND o.valid_to IS NULL AND NOT EXISTS (SELECT 1 FROM enrolment x WHERE x.id = o.id)
      AND o.id > %(last)s WHERE NOT e.is_made
    UNION ALL SELECT person_id, 'left' FROM enrolment WHERE is_made AND valid_to IS NOT NULL
    UNION ALL SELECT n.person_id, 'edited' FROM enrolment n JOIN enrolment o ON o.person_id = n.person_id AND NOT o.is_made
      AND o.valid_to = n.valid_from
      WHERE n.is_made AND n.valid_to IS NULL AND (n.school_id = o.school_id AND n.school_number <> o.school_number
        OR n.boarding IS DISTINCT FROM o.boarding OR n.attendance <> o.attendance AND o.attendance <> 'absent')
    UNION ALL SELECT person_id, 'edited' FROM enrolment WHERE NOT is_made AND valid_to IS DISTINCT FROM GREATEST(%(on)s, valid_from)
    UNION ALL SELECT person_id, 'class_moved' FROM seat WHERE is_made AND valid_to IS NOT NULL
    UNION ALL SELECT o.person_id, 'class_moved' FROM seat s JOIN registry_classmembership o ON o.person_id = s.person_id
      AND o.valid_to IS NULL AND NOT EXISTS (SELECT 1 FROM seat x WHERE x.id = o.id)
      JOIN registry_classgroup g ON g.id = o.class_group_id AND g.school_year_id = %(year)s AND g.kind <> 'teaching'
      WHERE NOT s.is_made)
SELECT person_id, min(kind) FROM told GROUP BY 1
"""  # noqa: S608


def _hold(cursor: Any, advance: SchoolAdvance) -> None:
    cursor.execute(TABLES)
    cursor.execute(TRAIL, {"id": advance.id, "after": advance.change_after, "until": advance.change_until})
    cursor.execute("ANALYZE adv_trail")
    cursor.execute(CHANGED, {"last": advance.last_enrolment, "on": advance.starts_on, "year": advance.to_year})
    cursor.execute("ANALYZE adv_kept")


def _changed(cursor: Any) -> tuple[ChangedPupil, ...]:
    cursor.execute(
        """SELECT k.person_id, p.number, p.name, k.kind FROM adv_kept k JOIN registry_person p ON p.id = k.person_id
           WHERE p.deceased_on IS NULL ORDER BY p.name_key, p.number"""
    )
    return tuple(ChangedPupil(person_id=i, number=n, name=name, kind=kind) for i, n, name, kind in cursor.fetchall())


def _staff(cursor: Any) -> list[Any]:
    cursor.execute(
        """SELECT d.person_id FROM adv_trail t JOIN registry_duty d ON d.id = t.id::bigint WHERE t.entity = 'registry.duty'
           UNION SELECT a.person_id FROM adv_trail t JOIN registry_teachingassignment a ON a.id = t.id::bigint
             WHERE t.entity = 'registry.teaching_assignment' ORDER BY 1"""
    )
    return [row[0] for row in cursor.fetchall()]


def _take_back(cursor: Any) -> Counter[str]:
    done: Counter[str] = Counter()
    not_kept = "NOT EXISTS (SELECT 1 FROM adv_kept k WHERE k.person_id = r.person_id)"
    for entity, table, guard in (
        ("registry.class_membership", "registry_classmembership", not_kept),
        ("registry.enrolment", "registry_enrolment", not_kept),
        ("registry.duty", "registry_duty", "r.valid_to IS NULL"),
    ):
        done["removed"] += log_rows(
            cursor, entity,
            f"""DELETE FROM {table} r USING adv_trail t WHERE t.entity = '{entity}' AND t.is_made AND r.id = t.id::bigint
                  AND {guard} RETURNING r.id""",  # noqa: S608
            "d", {},
        )  # fmt: skip
    for entity, table, guard in (
        ("registry.enrolment", "registry_enrolment", not_kept),
        ("registry.class_membership", "registry_classmembership", not_kept),
        ("registry.duty", "registry_duty", "true"),
        ("registry.teaching_assignment", "registry_teachingassignment", "true"),
    ):
        done["reopened"] += log_rows(
            cursor, entity,
            f"""UPDATE {table} r SET valid_to = NULL FROM adv_trail t WHERE t.entity = '{entity}' AND NOT t.is_made
                  AND r.id = t.id::bigint AND r.valid_to IS NOT NULL AND {guard} RETURNING r.id""",  # noqa: S608
            "u", {},
        )  # fmt: skip
    done["classes"] = log_rows(cursor, "registry.class_group", _unused_classes(), "d", {})
    cursor.execute("SELECT count(*) FROM adv_trail WHERE entity = 'registry.class_group' AND is_made")
    done["classes_kept"] = int(cursor.fetchone()[0]) - done["classes"]
    cursor.execute(SIZES)
    return done


def _unused_classes() -> str:
    """Classes that the step made and that no other row, of whatever module, names by now."""
    free = [
        f"NOT EXISTS (SELECT 1 FROM {relation.related_model._meta.db_table} x WHERE x.{relation.field.column} = g.id)"  # noqa: S608
        for relation in ClassGroup._meta.get_fields(include_hidden=True)
        if isinstance(relation, ManyToOneRel) and relation.field.column and relation.related_model._meta.managed
    ]
    through = ClassGroup.terms.through._meta.db_table
    free.append(f"NOT EXISTS (SELECT 1 FROM {through} x WHERE x.classgroup_id = g.id)")  # noqa: S608
    free.append("NOT EXISTS (SELECT 1 FROM registry_sourcelink x WHERE x.entity_uuid = g.id)")
    return f"""DELETE FROM registry_classgroup g USING adv_trail t WHERE t.entity = 'registry.class_group' AND t.is_made
        AND g.id = t.id::uuid AND {" AND ".join(free)} RETURNING g.id"""  # noqa: S608


SIZES = """
UPDATE registry_classgroup g SET size = n.size FROM (
  SELECT k.id, count(m.id) AS size FROM (
      SELECT t.id::uuid AS id FROM adv_trail t WHERE t.entity = 'registry.class_group'
      UNION SELECT m.class_group_id FROM adv_trail t JOIN registry_classmembership m ON m.id = t.id::bigint
        WHERE t.entity = 'registry.class_membership') k
    LEFT JOIN registry_classmembership m ON m.class_group_id = k.id AND m.valid_to IS NULL GROUP BY 1) n
WHERE n.id = g.id AND g.size <> n.size
"""
