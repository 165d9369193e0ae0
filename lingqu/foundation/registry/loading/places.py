"""Organisations, sessions, courses and classes of a chunk."""

from __future__ import annotations

from datetime import date

import polars as pl
from django.db import connection

from lingqu.kernel.clock import today

from ..models import Course, Organisation, OrganisationCount, OrganisationParent, OrganisationRelation, Term
from ..services.reference import base36, ensure_school_year, school_year_of
from ..types.names import name_key
from ..types.words import ClassDisplay, OrganisationKind
from .staging import (
    key_hashes,
    link_sources,
    log_changes,
    mark_outside,
    mark_unknown,
    resolve_organisations,
    rows_of,
    run,
    stage,
)

ORGANISATION_FIELDS = (
    "name", "short_name", "school_type", "ownership", "schooling", "urban_rural", "division_code", "address", "phone",
)  # fmt: skip


def apply_organisations(frame: pl.DataFrame, *, source_id: int, scope: str) -> tuple[int, int]:
    """Created and updated organisations. Parents may stand anywhere in the chunk; an unknown one is the scope's root."""
    frame = frame.with_columns(
        pl.Series("parent_hash", key_hashes("organisations", frame["parent_ref"]), dtype=pl.String)
    )
    stage("organisations", frame, {"parent_hash": "uuid", "entity_id": "uuid", "parent_id": "uuid", "made": "boolean"})
    run(
        """UPDATE stage SET entity_id = l.entity_uuid FROM registry_sourcelink l
           WHERE l.source_id = %s AND l.kind = 'organisations' AND l.key_hash = stage.key_hash""",
        [source_id],
    )
    run(
        "UPDATE stage SET entity_id = o.id FROM registry_organisation o WHERE entity_id IS NULL AND o.code = NULLIF(stage.code, '')"
    )
    run("UPDATE stage SET made = entity_id IS NULL, entity_id = COALESCE(entity_id, uuidv7())")
    run("UPDATE stage s SET parent_id = p.entity_id FROM stage p WHERE p.key_hash = s.parent_hash")
    run(
        """UPDATE stage SET parent_id = l.entity_uuid FROM registry_sourcelink l WHERE parent_id IS NULL
           AND l.source_id = %s AND l.kind = 'organisations' AND l.key_hash = parent_hash""",
        [source_id],
    )
    run(
        "UPDATE stage SET parent_id = o.id FROM registry_organisation o WHERE parent_id IS NULL AND parent_ref <> '' AND o.code = parent_ref"
    )
    created, updated = _write_organisations(scope)
    _relate("territory_ref", "territory")
    _relate("central_ref", "central_school")
    link_sources(source_id, "organisations", "entity_uuid = entity_id")
    log_changes(
        "registry.organisation",
        "SELECT entity_id::text, CASE WHEN made THEN 'c' ELSE 'u' END FROM stage WHERE problem IS NULL",
    )
    return created, updated


def _write_organisations(scope: str) -> tuple[int, int]:
    """A thousand or two rows: written from the top of the tree downwards, so that each knows its parent's path."""
    root = Organisation.objects.get(path=scope)
    names = ["entity_id", "parent_id", "made", "code", "kind", "class_display", "synthetic", *ORGANISATION_FIELDS]
    waiting = {row[0]: dict(zip(names, row, strict=True)) for row in rows_of(f"SELECT {', '.join(names)} FROM stage")}  # noqa: S608
    made = sum(1 for row in waiting.values() if row["made"])
    labels = _labels(made)
    paths: dict[object, str] = {}
    created = updated = 0
    while waiting:
        ready = [i for i, row in waiting.items() if row["parent_id"] not in waiting or row["parent_id"] == i]
        if not ready:  # a ring of parents: break it below the scope's root
            ready = [next(iter(waiting))]
        for entity_id in ready:
            row = waiting.pop(entity_id)
            parent = _parent(row, root, paths)
            if row["made"]:
                paths[entity_id] = f"{parent.path}.{labels.pop()}"
                _create(entity_id, row, parent, paths[entity_id])
                created += 1
            else:
                updated += _update(entity_id, row)
    return created, updated


def _labels(count: int) -> list[str]:
    if not count:
        return []
    found = rows_of("SELECT nextval('registry_organisation_label') FROM generate_series(1, %s)", [count])
    return [base36(int(row[0])) for row in reversed(found)]


def _parent(row: dict[str, object], root: Organisation, paths: dict[object, str]) -> Organisation:
    wanted = row["parent_id"]
    if wanted is None or wanted == row["entity_id"]:
        return root
    if wanted in paths:
        return Organisation(id=wanted, path=paths[wanted])
    return Organisation.objects.only("id", "path").filter(id=wanted).first() or root


def _create(entity_id: object, row: dict[str, object], parent: Organisation, path: str) -> None:
    key, initials = name_key(str(row["name"]))
    kind = row["kind"] if row["kind"] in OrganisationKind.values else OrganisationKind.INSTITUTION
    display = row["class_display"] if row["class_display"] in ClassDisplay.values else ClassDisplay.GRADE_SERIAL
    Organisation.objects.create(
        id=entity_id, code=row["code"] or None, kind=kind, class_display=display, parent_id=parent.id, path=path,
        label=path.rpartition(".")[2], name_key=key, name_initials=initials, synthetic=row["synthetic"] == "1",
        **{name: row[name] or "" for name in ORGANISATION_FIELDS},
    )  # fmt: skip
    OrganisationParent.objects.create(organisation_id=entity_id, parent_id=parent.id, valid_from=today())
    OrganisationCount.objects.create(organisation_id=entity_id)


def _update(entity_id: object, row: dict[str, object]) -> int:
    changes = {name: row[name] for name in ORGANISATION_FIELDS if row[name]}
    if "name" in changes:
        changes["name_key"], changes["name_initials"] = name_key(str(changes["name"]))
    return Organisation.objects.filter(id=entity_id).exclude(**changes).update(**changes)


def _relate(reference: str, kind: str) -> None:
    pairs = rows_of(
        f"""SELECT s.entity_id, COALESCE(h.entity_id, o.id), COALESCE(o2.path, o.path)::text FROM stage s
            LEFT JOIN stage h ON h.key = s.{reference} LEFT JOIN registry_organisation o ON o.code = s.{reference}
            LEFT JOIN registry_organisation o2 ON o2.id = h.entity_id
            WHERE s.{reference} <> '' AND COALESCE(h.entity_id, o.id) IS NOT NULL"""  # noqa: S608
    )
    for member, head, path in pairs:
        OrganisationRelation.objects.get_or_create(
            kind=kind, head_id=head, member_id=member, valid_to=None, defaults={"valid_from": today()}
        )
        if kind == "territory":
            Organisation.objects.filter(id=member).update(territory_path=path)


def apply_sessions(frame: pl.DataFrame, *, source_id: int, scope: str) -> tuple[int, int]:
    stage("sessions", frame, {"entity_id": "uuid", "made": "boolean"})
    run(
        """UPDATE stage SET entity_id = l.entity_uuid FROM registry_sourcelink l
           WHERE l.source_id = %s AND l.kind = 'sessions' AND l.key_hash = stage.key_hash""",
        [source_id],
    )
    run("UPDATE stage SET made = entity_id IS NULL, entity_id = COALESCE(entity_id, uuidv7())")
    created = updated = 0
    for entity_id, made, title, kind, start, end in rows_of(
        "SELECT entity_id, made, title, kind, start_on, end_on FROM stage"
    ):
        begins = date.fromisoformat(start)
        year = ensure_school_year(school_year_of(begins))
        values = {
            "name": title,
            "kind": kind,
            "start_on": begins,
            "end_on": date.fromisoformat(end),
            "school_year": year,
        }
        if made:
            Term.objects.create(id=entity_id, **values)
            created += 1
        else:
            updated += Term.objects.filter(id=entity_id).update(**values)
    link_sources(source_id, "sessions", "entity_uuid = entity_id")
    return created, updated


def apply_courses(frame: pl.DataFrame, *, source_id: int, scope: str) -> tuple[int, int]:
    stage("courses", frame, {"entity_id": "uuid", "made": "boolean"})
    run(
        """UPDATE stage SET entity_id = l.entity_uuid FROM registry_sourcelink l
           WHERE l.source_id = %s AND l.kind = 'courses' AND l.key_hash = stage.key_hash""",
        [source_id],
    )
    run("UPDATE stage SET made = entity_id IS NULL, entity_id = COALESCE(entity_id, uuidv7())")
    found = rows_of("SELECT entity_id, made, title, code, subject FROM stage")
    for entity_id, made, title, code, subject in found:
        values = {"name": title, "code": code or "", "subject": subject or ""}
        if made:
            Course.objects.create(id=entity_id, **values)
        else:
            Course.objects.filter(id=entity_id).update(**values)
    link_sources(source_id, "courses", "entity_uuid = entity_id")
    return sum(1 for row in found if row[1]), sum(1 for row in found if not row[1])


def apply_classes(frame: pl.DataFrame, *, source_id: int, scope: str) -> tuple[int, int]:
    """One row per class and school year; the class keeps its id for as long as its key, or school + year + name, stays."""
    ensure_current = school_year_of(today())
    for year in {*frame["school_year"].unique().to_list(), ensure_current} - {"", None}:
        ensure_school_year(year)
    frame = frame.with_columns(
        pl.Series("school_ref_hash", key_hashes("organisations", frame["school_ref"]), dtype=pl.String),
        pl.Series("course_hash", key_hashes("courses", frame["course_ref"]), dtype=pl.String),
    )
    stage("classes", frame, {
        "school_ref_hash": "uuid", "course_hash": "uuid", "school_id": "uuid", "school_path": "ltree", "course_id": "uuid",
        "entity_id": "uuid", "made": "boolean",
    })  # fmt: skip
    resolve_organisations(source_id, "school_ref", "school_id", scope)
    mark_unknown("school_id", "school_ref", "reference.school")
    run("UPDATE stage SET school_path = o.path FROM registry_organisation o WHERE o.id = school_id")
    mark_outside("school_path", scope, "school_ref")
    run("UPDATE stage SET school_year = %s WHERE COALESCE(school_year, '') = ''", [ensure_current])
    run(
        "UPDATE stage SET course_id = l.entity_uuid FROM registry_sourcelink l WHERE l.source_id = %s AND l.kind = 'courses' AND l.key_hash = course_hash",
        [source_id],
    )
    run(
        "UPDATE stage SET entity_id = l.entity_uuid FROM registry_sourcelink l WHERE l.source_id = %s AND l.kind = 'classes' AND l.key_hash = stage.key_hash",
        [source_id],
    )
    run(
        """UPDATE stage SET entity_id = c.id FROM registry_classgroup c WHERE entity_id IS NULL AND c.school_id = stage.school_id
           AND c.school_year_id = stage.school_year AND (c.written_name = stage.written_name OR c.name = stage.written_name)"""
    )
    run("UPDATE stage SET made = entity_id IS NULL, entity_id = COALESCE(entity_id, uuidv7()) WHERE problem IS NULL")
    created = run(
        """INSERT INTO registry_classgroup (id, school_id, school_year_id, kind, grades, entry_year, serial, name, written_name,
              local_name, campus, room, course_id, size, source)
            SELECT entity_id, school_id, school_year, COALESCE(NULLIF(kind, ''), 'administrative'), COALESCE(string_to_array(NULLIF(grades, ''), ','), '{}'),
              NULLIF(entry_year, '')::int, NULLIF(serial, '')::int, written_name, written_name,
              COALESCE(local_name, ''), COALESCE(campus, ''), COALESCE(room, ''), course_id, 0, ''
            FROM stage WHERE problem IS NULL AND made"""
    )
    updated = run(
        """UPDATE registry_classgroup c SET written_name = s.written_name, room = COALESCE(NULLIF(s.room, ''), c.room),
             local_name = COALESCE(NULLIF(s.local_name, ''), c.local_name), campus = COALESCE(NULLIF(s.campus, ''), c.campus),
             updated_at = now()
           FROM stage s WHERE s.problem IS NULL AND NOT s.made AND c.id = s.entity_id"""
    )
    link_sources(source_id, "classes", "entity_uuid = entity_id")
    log_changes(
        "registry.class",
        "SELECT entity_id::text, CASE WHEN made THEN 'c' ELSE 'u' END FROM stage WHERE problem IS NULL",
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registry_classgroup")
    return created, updated
