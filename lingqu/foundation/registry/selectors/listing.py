"""Rows of 花名册, 点名册 and 通讯录: set-based, in chunks, in the order in which they are printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.kernel.crypto import unseal_fields
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.language import listed

from .. import policies
from ..models import CLASS_IN_USE, ClassGroup, ListLayout, Organisation
from ..types import rights
from ..types.attributes import value_label
from ..types.grades import LABELS, grade_label, sex_label
from ..types.lists import ATTRIBUTE, COLUMNS, REVEALED, USUAL, ListPermit, ListRow, Scope
from ..types.masking import masked
from ..types.words import Attendance
from .labels import label
from .tree import SCHOOL_KINDS

CHUNK = 2000
PREVIEW = 8
_SEATED = """
  FROM registry_classmembership m JOIN registry_classgroup c ON c.id = m.class_group_id
  JOIN registry_organisation o ON o.id = c.school_id
  JOIN registry_person q ON q.id = m.person_id JOIN registry_person p ON p.id = COALESCE(q.canonical_id, q.id)
  LEFT JOIN LATERAL (SELECT * FROM registry_enrolment x WHERE x.person_id = m.person_id AND x.valid_to IS NULL
    AND x.school_id = c.school_id ORDER BY x.id LIMIT 1) e ON true
  WHERE m.class_group_id = %(class)s AND m.valid_to IS NULL AND p.deceased_on IS NULL AND q.deceased_on IS NULL
"""
_ENROLLED = """
  FROM registry_enrolment e JOIN registry_organisation o ON o.id = e.school_id
  JOIN registry_person q ON q.id = e.person_id JOIN registry_person p ON p.id = COALESCE(q.canonical_id, q.id)
  LEFT JOIN LATERAL (SELECT y.number, g.id AS class_id, g.name, g.grades, g.serial FROM registry_classmembership y
    JOIN registry_classgroup g ON g.id = y.class_group_id WHERE y.person_id = e.person_id AND y.valid_to IS NULL
    AND g.school_id = e.school_id AND g.kind <> 'teaching' AND g.closed_on IS NULL ORDER BY y.id DESC LIMIT 1) m ON true
  WHERE e.valid_to IS NULL AND e.path >= %(path)s::ltree AND e.path < %(below)s::ltree AND p.deceased_on IS NULL
    AND q.deceased_on IS NULL AND (%(grade)s = '' OR e.grade = %(grade)s)
"""
_FIELDS = """
  p.id, p.number, p.name, p.sex, p.birth_date, p.ethnicity, p.sealed, e.grade, e.attendance, e.school_number, e.boarding,
  m.number, {class_name}, o.name, (SELECT r.sealed FROM registry_registerentry r WHERE r.person_id = q.id
    AND r.valid_to IS NULL ORDER BY r.id DESC LIMIT 1)
"""
_ORDER_CLASS = " ORDER BY m.number NULLS LAST, p.name_key, p.number"
_ORDER = " ORDER BY o.name_key, o.id, m.grades[1] NULLS LAST, m.serial NULLS LAST, m.name, m.class_id, m.number NULLS LAST, p.name_key, p.number"
HEADS_SQL = f"""
SELECT o.name, c.name, p.name FROM registry_duty d JOIN registry_classgroup c ON c.id = d.class_group_id
JOIN registry_organisation o ON o.id = c.school_id JOIN registry_person p ON p.id = d.person_id
JOIN registry_schoolyear y ON y.code = c.school_year_id
WHERE {CLASS_IN_USE} AND d.kind = 'head_teacher' AND d.valid_to IS NULL AND p.deceased_on IS NULL
  AND o.path >= %(path)s::ltree AND o.path < %(below)s::ltree AND (%(class)s::uuid IS NULL OR c.id = %(class)s::uuid)
ORDER BY d.id
"""  # noqa: S608
GUARDIANS_SQL = """
SELECT COALESCE(c.canonical_id, c.id), p.name, g.relation, p.sealed FROM registry_guardianship g
JOIN registry_person c ON c.id = g.child_id JOIN registry_person q ON q.id = g.guardian_id
JOIN registry_person p ON p.id = COALESCE(q.canonical_id, q.id)
WHERE g.child_id = ANY(%(ids)s) AND g.valid_to IS NULL AND g.kind <> 'proxy' AND p.deceased_on IS NULL
ORDER BY g.is_primary DESC, g.id
"""
ATTRIBUTES_SQL = """
SELECT COALESCE(c.canonical_id, c.id), a.kind, a.value, a.sealed FROM registry_pupilattribute a
JOIN registry_person c ON c.id = a.person_id WHERE a.person_id = ANY(%(ids)s) AND a.valid_to IS NULL
"""


def permit_of(actor: Actor, scope: Scope) -> ListPermit:
    """What the actor may put on a list of the scope: by place, by class; 属地 reads too."""

    def holds(code: str) -> bool:
        if actor.holds(code, scope.path):
            return True
        if scope.class_id is not None and scope.class_id in actor.things(code, "class"):
            return True
        return policies.reaches_by_territory(actor, code, scope.path)

    return ListPermit(
        may_make=holds(rights.PERSON_VIEW), may_reveal=holds(rights.PERSON_REVEAL),
        may_see_attributes=holds(rights.ATTRIBUTE_VIEW),
    )  # fmt: skip


def scope_of_class(actor: Actor, class_id: UUID) -> Scope:
    """Raises :class:`Forbidden` unless the actor may see the names in the class."""
    group = ClassGroup.objects.select_related("school").filter(id=class_id).first()
    if group is None or not policies.may_see_roster(actor, group, str(group.school.path)):
        raise Forbidden()
    return scope_from(group.school, group)


def scope_of_place(actor: Actor, code: str, grade: str = "") -> Scope:
    """A school or an office with everything below it. Raises :class:`Forbidden` out of reach."""
    organisation = Organisation.objects.filter(code=code).first() if code else None
    if organisation is None:
        raise Forbidden()
    scope = scope_from(organisation, grade=grade if grade in LABELS else "")
    if not permit_of(actor, scope).may_make:
        raise Forbidden()
    return scope


def scope_from(organisation: Organisation, group: ClassGroup | None = None, grade: str = "") -> Scope:
    return Scope(
        organisation_id=organisation.id, path=str(organisation.path), code=organisation.code or "", name=organisation.name,
        class_id=group.id if group else None, class_name=group.name if group else "", grade=grade,
    )  # fmt: skip


def chosen_columns(actor: Actor, kind: str, permit: ListPermit) -> tuple[str, ...]:
    """The columns that the account saved for this kind of list, else the usual ones; never one that it may not have."""
    rows = ListLayout.objects.filter(kind=kind)
    saved = (
        rows.filter(account_id=actor.account_id).values_list("columns", flat=True).first() if actor.account_id else None
    )
    offered = {column.code for column in permit.columns()}
    return tuple(code for code in (saved or USUAL[kind]) if code in offered)


def count_pupils(scope: Scope) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT p.id) {_from(scope)}", _values(scope))
        return int(cursor.fetchone()[0])


def list_grades(scope: Scope) -> tuple[tuple[str, str], ...]:
    """Grades in which somebody sits in the subtree of a school, for the choice of one."""
    rows = ClassGroup.objects.in_use().filter(school_id=scope.organisation_id).values_list("grades", flat=True)
    found = {grade for grades in rows for grade in grades}
    return tuple((code, grade_label(code)) for code in LABELS if code in found)


def list_class_choices(scope: Scope) -> tuple[tuple[UUID, str], ...]:
    """Classes of a school in this year, to narrow the list to one."""
    rows = ClassGroup.objects.in_use().filter(school_id=scope.organisation_id, school__kind__in=SCHOOL_KINDS)
    ordered = sorted(rows, key=lambda group: (group.grades[:1], group.serial or 999, group.name))
    return tuple((group.id, group.name) for group in ordered)


def heads_by_group(scope: Scope) -> dict[tuple[str, str], str]:
    """(school, class) → names of its head teachers, for the heads of printed lists."""
    with connection.cursor() as cursor:
        cursor.execute(HEADS_SQL, _values(scope))
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for school, group, name in cursor.fetchall():
            found[school, group].append(name)
    return {key: listed(dict.fromkeys(names)) for key, names in found.items()}


def list_rows(scope: Scope, columns: Sequence[str], *, is_clear: bool, limit: int | None = None) -> Iterator[ListRow]:
    """Rows in print order. Guarded columns are masked unless ``is_clear``; the caller has checked who may see what."""
    class_name = "c.name" if scope.class_id else "COALESCE(m.name, '')"
    order = _ORDER_CLASS if scope.class_id else _ORDER
    sql = f"SELECT {_FIELDS.format(class_name=class_name)} {_from(scope)} {order}"
    seen: set[UUID] = set()
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql + (" LIMIT %(limit)s" if limit else ""), {**_values(scope), "limit": limit})
        while rows := cursor.fetchmany(CHUNK):
            fresh: dict[UUID, tuple[Any, ...]] = {}
            for row in rows:
                if row[0] not in seen:
                    fresh.setdefault(row[0], row)
            seen.update(fresh)
            yield from _as_rows(tuple(fresh.values()), columns, is_clear)


def _from(scope: Scope) -> str:
    return _SEATED if scope.class_id else _ENROLLED


def _values(scope: Scope) -> dict[str, Any]:
    return {"class": scope.class_id, "path": scope.path, "below": f"{scope.path}-", "grade": scope.grade}


def _as_rows(rows: Sequence[tuple[Any, ...]], columns: Sequence[str], is_clear: bool) -> Iterator[ListRow]:
    ids = [row[0] for row in rows]
    needs_sealed = any(COLUMNS[code].guard == REVEALED for code in columns)
    guardians = _guardians(ids) if any("guardian" in code or code == "relation" for code in columns) else {}
    attributes = _attributes(ids) if any(COLUMNS[code].guard == ATTRIBUTE for code in columns) else {}
    for row in rows:
        values = _plain(row) | _guardian_values(guardians.get(row[0], []))
        if needs_sealed:
            own = unseal_fields(row[6])
            values |= {code: own.get(code, "") for code in ("id_number", "phone", "address")}
            values["register_number"] = unseal_fields(row[14]).get("register_number", "")
        for kind, text in attributes.get(row[0], {}).items():
            values[f"attribute_{kind}"] = text if is_clear else _("有登记")
        cells = tuple(_cell(code, values.get(code, ""), is_clear) for code in columns)
        yield ListRow(group=row[12] or "", school=row[13], cells=cells)


def _plain(row: tuple[Any, ...]) -> dict[str, str]:
    attendance = row[8] or ""
    boarding = {True: _("住校"), False: _("走读")}.get(row[10], "")
    return {
        "number": row[1], "name": row[2], "sex": sex_label(row[3]), "birth_date": row[4].isoformat() if row[4] else "",
        "ethnicity": label("ethnic_groups", row[5]) if row[5] else "", "grade": grade_label(row[7]) if row[7] else "",
        "attendance": str(Attendance(attendance).label) if attendance in Attendance.values else _("无就读记录"),
        "school_number": row[9] or "", "boarding": boarding, "seat": str(row[11]) if row[11] is not None else "",
        "class": row[12] or _("未编班"), "school": row[13],
    }  # fmt: skip


def _guardian_values(guardians: list[tuple[str, str, str]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for prefix, (name, relation, phone) in zip(("guardian", "guardian_2"), guardians, strict=False):
        values |= {prefix: name, f"{prefix}_phone": phone}
        if prefix == "guardian":
            values["relation"] = relation
    return values


def _cell(code: str, value: str, is_clear: bool) -> str:
    if COLUMNS[code].guard != REVEALED or is_clear:
        return value
    if code == "birth_date":
        return f"{value[:4]}-**-**" if value else ""
    return masked("phone" if code.endswith("phone") else code, value)


def _guardians(ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, str, str]]]:
    found: dict[UUID, list[tuple[str, str, str]]] = defaultdict(list)
    for child, name, relation, sealed in _fetch(GUARDIANS_SQL, ids):
        found[child].append((name, label("family_relation", relation), unseal_fields(sealed).get("phone", "")))
    return found


def _attributes(ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    found: dict[UUID, dict[str, str]] = defaultdict(dict)
    for person, kind, value, sealed in _fetch(ATTRIBUTES_SQL, ids):
        stated = unseal_fields(sealed).get("value", "") if sealed else value
        found[person][kind] = value_label(kind, stated) if stated else _("是")
    return found


def _fetch(sql: str, ids: Sequence[UUID]) -> list[tuple[Any, ...]]:
    """``ids`` are canonical; rows of merged ids belong to them too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM registry_person WHERE canonical_id = ANY(%s)", [list(ids)])
        every = [*ids, *(row[0] for row in cursor.fetchall())]
        cursor.execute(sql, {"ids": every})
        return list(cursor.fetchall())
