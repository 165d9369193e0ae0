"""Seats of drawn classes: the classes of an entry grade in the new year, and who sits in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, events
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Conflict, Forbidden

from ..models import Organisation
from ..services.reference import ensure_school_year
from ..types import rights
from ..types.class_names import entry_year_of
from ..types.events import ClassesPlaced, RelationsChanged
from ..types.grades import SHORT, display_name
from .tracing import log_rows

SOURCE = "placement"
FIND = """
SELECT id FROM registry_classgroup WHERE school_id = %(school)s AND school_year_id = %(year)s AND kind = 'administrative'
  AND closed_on IS NULL AND grades = %(grades)s::varchar(3)[] AND serial = %(serial)s ORDER BY id LIMIT 1
"""
MAKE = """
INSERT INTO registry_classgroup (id, school_id, school_year_id, kind, grades, entry_year, serial, name, written_name, local_name,
  campus, room, size, source)
VALUES (uuidv7(), %(school)s, %(year)s, 'administrative', %(grades)s::varchar(3)[], %(entry)s, %(serial)s, %(name)s, %(name)s, '',
  '', '', 0, %(source)s) RETURNING id
"""
HOLD = (
    "CREATE TEMP TABLE IF NOT EXISTS adv_seat (person_id uuid, class_id uuid) ON COMMIT DELETE ROWS; TRUNCATE adv_seat"
)
ELSEWHERE = """
SELECT count(*) FROM adv_seat s WHERE NOT EXISTS (SELECT 1 FROM registry_enrolment e JOIN registry_person p ON p.id = e.person_id
    AND p.deceased_on IS NULL WHERE e.person_id = s.person_id AND e.school_id = %(school)s AND e.valid_to IS NULL)
"""
TAKEN = """
SELECT count(*) FROM adv_seat s JOIN registry_classmembership m ON m.person_id = s.person_id AND m.valid_to IS NULL
  AND m.class_group_id <> s.class_id
  JOIN registry_classgroup g ON g.id = m.class_group_id AND g.school_year_id = %(year)s AND g.kind <> 'teaching'
"""
SEAT = """
INSERT INTO registry_classmembership (class_group_id, person_id, source, valid_from)
SELECT s.class_id, s.person_id, %(source)s, GREATEST(%(on)s::date, (SELECT max(e.valid_from) FROM registry_enrolment e
  WHERE e.person_id = s.person_id AND e.school_id = %(school)s AND e.valid_to IS NULL)) FROM adv_seat s
ON CONFLICT DO NOTHING RETURNING id
"""
HEAD = """
INSERT INTO registry_duty (person_id, organisation_id, path, kind, class_group_id, grade, subject, source, valid_from)
SELECT %(person)s, o.id, o.path, 'head_teacher', %(class)s, '', '', %(source)s, %(on)s FROM registry_organisation o
WHERE o.id = %(school)s
  AND EXISTS (SELECT 1 FROM registry_appointment a WHERE a.person_id = %(person)s AND a.organisation_id = o.id AND a.valid_to IS NULL)
  AND NOT EXISTS (SELECT 1 FROM registry_duty d WHERE d.class_group_id = %(class)s AND d.kind = 'head_teacher' AND d.valid_to IS NULL)
RETURNING id
"""
SIZE = """
UPDATE registry_classgroup g SET size = (SELECT count(*) FROM registry_classmembership m WHERE m.class_group_id = g.id
  AND m.valid_to IS NULL) WHERE g.id = ANY(%(classes)s)
"""


@transaction.atomic
def seat_classes(
    *, actor: Actor, school_id: UUID, year: str, grade: str, members: Sequence[Sequence[UUID]],
    heads: Mapping[int, UUID] | None = None,
) -> tuple[UUID, ...]:  # fmt: skip
    """Seat pupils in classes 1, 2, 3 … of ``grade``; classes that are not there are made. Repeating it changes nothing.

    ``heads``: class index → class teacher of a school's own staff; a class that has one keeps it. Needs the right to edit
    classes at the school. Raises :class:`Conflict` when somebody does not sit in the school, or has another class already.
    """
    school = Organisation.objects.select_for_update(of=("self",)).filter(id=school_id).first()
    if school is None:
        raise Forbidden()
    require(actor.holds(rights.CLASS_EDIT, str(school.path)))
    found = ensure_school_year(year)
    values = {"school": school.id, "year": year, "on": found.start_on, "source": SOURCE}
    with connection.cursor() as cursor:
        classes = [_class(cursor, school, year, grade, serial) for serial in range(1, len(members) + 1)]
        cursor.execute(HOLD)
        with cursor.copy("COPY adv_seat (person_id, class_id) FROM STDIN") as copy:
            for class_id, people in zip(classes, members, strict=True):
                for person_id in people:
                    copy.write_row((person_id, class_id))
        _require_free(cursor, values)
        seated = log_rows(cursor, "registry.class_membership", SEAT, "c", values)
        made = sum(
            log_rows(cursor, "registry.duty", HEAD, "c", {**values, "person": person, "class": classes[index]})
            for index, person in sorted((heads or {}).items())
        )
        cursor.execute(SIZE, {"classes": classes})
    data: dict[str, Any] = {"year": year, "grade": grade, "classes": len(classes), "seated": seated, "heads": made}
    audit.record(actor, "registry.classes.seated", subject_kind="organisation", subject_id=school.id,
                 path=str(school.path), data=data)  # fmt: skip
    events.publish(ClassesPlaced(school_id=school.id, class_ids=tuple(classes), pupils=seated))
    if made:
        events.publish(RelationsChanged(person_ids=tuple(sorted(set((heads or {}).values())))))
    return tuple(classes)


def _require_free(cursor: Any, values: Mapping[str, Any]) -> None:
    cursor.execute(ELSEWHERE, values)
    if away := int(cursor.fetchone()[0]):
        raise Conflict(_("有 %(n)d 名学生已不在本校就读，请先核对名单。") % {"n": away}, code="not_here")
    cursor.execute(TAKEN, values)
    if taken := int(cursor.fetchone()[0]):
        raise Conflict(_("有 %(n)d 名学生在新学年已经有别的班级，请先调整。") % {"n": taken}, code="seated_elsewhere")


def _class(cursor: Any, school: Organisation, year: str, grade: str, serial: int) -> UUID:
    values = {"school": school.id, "year": year, "grades": [grade], "serial": serial, "source": SOURCE}
    cursor.execute(FIND, values)
    row = cursor.fetchone()
    if row is None:
        began = entry_year_of(grade, school.schooling, int(year[:4]))
        name = display_name(
            school.class_display, grades=(grade,), serial=serial, entry_year=began, written=f"{SHORT[grade]}（{serial}）班",
            schooling=school.schooling,
        )  # fmt: skip
        log_rows(cursor, "registry.class_group", MAKE, "c", {**values, "entry": began, "name": name})
        cursor.execute(FIND, values)
        row = cursor.fetchone()
    return UUID(str(row[0]))
