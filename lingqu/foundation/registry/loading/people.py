"""Pupils, staff and guardians of a chunk: match, merge attributes with history, open and close episodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from django.conf import settings

from lingqu.kernel import crypto

from ..types.names import name_keys
from .staging import (
    copy_rows,
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

PERSON_COLUMNS = {
    "name_key": "text", "name_initials": "text", "sealed": "bytea", "id_blind": "uuid", "phone_blind": "uuid",
    "register_blind": "uuid", "register_sealed": "bytea", "school_ref_hash": "uuid", "class_ref_hash": "uuid",
    "child_ref_hash": "uuid", "employer_ref_hash": "uuid", "register_ref_hash": "uuid", "school_id": "uuid",
    "school_path": "ltree", "class_id": "uuid", "child_id": "uuid", "employer_id": "uuid", "person_id": "uuid",
    "made": "boolean", "nth": "int",
}  # fmt: skip
PLAIN = ("sex", "birth_date", "ethnicity", "id_type", "email")


def prepared(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Add search keys, digests and sealed maps; sensitive columns leave the frame here."""
    keys = name_keys(frame["name"])
    phones = frame["phone"] if "phone" in frame.columns else pl.Series("phone", [""] * len(frame))
    sealed = crypto.seal_all(
        {"id_number": i, "phone": p, "address": a}
        for i, p, a in zip(frame["id_number"], phones, frame["address"], strict=True)
    )
    added = {
        "name_key": [key for key, _initials in keys],
        "name_initials": [initials for _key, initials in keys],
        "sealed": sealed,
        "id_blind": crypto.blind_all("id", frame["id_number"]),
        "phone_blind": crypto.blind_all("phone", phones),
    }
    references = {
        "school_ref": "organisations",
        "employer_ref": "organisations",
        "register_school_ref": "organisations",
    }
    for name, target in references.items():
        if name in frame.columns:
            column = "register_ref_hash" if name == "register_school_ref" else f"{name}_hash"
            added[column] = key_hashes(target, frame[name])
    for name, target in {"class_ref": "classes", "head_class_ref": "classes", "child_ref": "students"}.items():
        if name in frame.columns:
            added["class_ref_hash" if target == "classes" else "child_ref_hash"] = key_hashes(target, frame[name])
    if "register_number" in frame.columns:
        added["register_blind"] = crypto.blind_all("register", frame["register_number"])
        added["register_sealed"] = crypto.seal_all({"register_number": n} for n in frame["register_number"])
    types: Mapping[str, Any] = {"sealed": pl.Binary, "register_sealed": pl.Binary}
    return frame.with_columns(
        *(pl.Series(name, values, dtype=types.get(name, pl.String)) for name, values in added.items()),
        pl.int_range(len(frame), dtype=pl.Int32).alias("at"),
    )


def stage_people(kind: str, frame: pl.DataFrame, *, source_id: int, scope: str) -> None:
    """Stage the chunk, find the school and the persons that are already linked to the source."""
    stage(kind, prepared(kind, frame), PERSON_COLUMNS)
    if kind != "guardians":
        resolve_organisations(source_id, "school_ref", "school_id", scope)
        mark_unknown("school_id", "school_ref", "reference.school")
        run("UPDATE stage SET school_path = o.path FROM registry_organisation o WHERE o.id = school_id")
        mark_outside("school_path", scope, "school_ref")
        run(
            "UPDATE stage SET class_id = l.entity_uuid FROM registry_sourcelink l WHERE l.source_id = %s AND l.kind = 'classes' AND l.key_hash = class_ref_hash",
            [source_id],
        )
    run(
        """UPDATE stage SET person_id = l.entity_uuid FROM registry_sourcelink l
           WHERE l.source_id = %s AND l.kind = %s AND l.key_hash = stage.key_hash""",
        [source_id, kind],
    )


def _take(sql: str) -> None:
    """Give rows without a person the one that ``sql`` (key_hash, person_id pairs, only certain ones) finds."""
    run(
        f"UPDATE stage SET person_id = f.person_id FROM ({sql}) f WHERE stage.person_id IS NULL AND stage.at = f.at AND problem IS NULL"
    )


def _one_of(join: str) -> str:
    return (
        "SELECT s.at, (array_agg(DISTINCT COALESCE(p.canonical_id, p.id)))[1] AS person_id FROM stage s "  # noqa: S608
        f"{join} WHERE s.person_id IS NULL AND s.problem IS NULL GROUP BY s.at "
        "HAVING count(DISTINCT COALESCE(p.canonical_id, p.id)) = 1"
    )


def _suspects(join: str) -> None:
    """More than one person fits: a human decides, the row is not applied."""
    run(
        f"""UPDATE stage SET problem = 'person.suspect', problem_field = 'name' FROM (
              SELECT s.at FROM stage s {join} WHERE s.person_id IS NULL AND s.problem IS NULL
              GROUP BY s.at HAVING count(DISTINCT COALESCE(p.canonical_id, p.id)) > 1) f WHERE stage.at = f.at"""  # noqa: S608
    )


ID_JOIN = "JOIN registry_person p ON p.id_blind = s.id_blind"
REGISTER_JOIN = (
    "JOIN registry_registerentry r ON r.number_blind = s.register_blind JOIN registry_person p ON p.id = r.person_id"
)
NUMBER_JOIN = (
    "JOIN registry_enrolment e ON e.school_id = s.school_id AND e.school_number = s.school_number AND e.valid_to IS NULL "
    "AND s.school_number <> '' JOIN registry_person p ON p.id = e.person_id AND p.name = s.name"
)
CLASSMATE_JOIN = (
    "JOIN registry_classmembership m ON m.class_group_id = s.class_id AND m.valid_to IS NULL "
    "JOIN registry_person p ON p.id = m.person_id AND p.name = s.name AND p.sex = s.sex "
    "AND p.birth_date = NULLIF(s.birth_date, '')::date AND (p.id_blind IS NULL OR s.id_blind IS NULL)"
)
STAFF_JOIN = (
    "JOIN registry_appointment e ON e.organisation_id = s.school_id AND e.staff_number = s.staff_number "
    "AND e.valid_to IS NULL AND s.staff_number <> '' JOIN registry_person p ON p.id = e.person_id AND p.name = s.name"
)
FAMILY_JOIN = (
    "JOIN registry_guardianship g ON g.child_id = s.child_id AND g.valid_to IS NULL "
    "JOIN registry_person p ON p.id = g.guardian_id AND p.name = s.name AND p.phone_blind = s.phone_blind"
)
MATCHES = {
    "students": (REGISTER_JOIN, ID_JOIN, NUMBER_JOIN, CLASSMATE_JOIN),
    "staff": (ID_JOIN, STAFF_JOIN),
    "guardians": (ID_JOIN, FAMILY_JOIN),
}
"""Rules in the order in which they decide (architecture §4, Intake)."""


def match_people(kind: str) -> None:
    """Give every good row a person: known by a rule, the same as an earlier row of the chunk, or new."""
    for join in MATCHES[kind]:
        _suspects(join)
        _take(_one_of(join))
    run("UPDATE stage SET made = false WHERE person_id IS NOT NULL")
    same = (
        "id_blind"
        if kind != "guardians"
        else "COALESCE(id_blind, md5(name || phone_blind::text || child_id::text)::uuid)"
    )
    run(
        f"""UPDATE stage SET person_id = f.person_id, made = true FROM (
              SELECT {same} AS same, uuidv7() AS person_id FROM stage
              WHERE person_id IS NULL AND problem IS NULL AND {same} IS NOT NULL GROUP BY 1) f
            WHERE stage.person_id IS NULL AND problem IS NULL AND {same} = f.same"""  # noqa: S608
    )
    run("UPDATE stage SET person_id = uuidv7(), made = true WHERE person_id IS NULL AND problem IS NULL")
    run(
        "UPDATE stage SET nth = f.nth FROM (SELECT at, row_number() OVER (PARTITION BY person_id ORDER BY at) AS nth FROM stage WHERE problem IS NULL) f WHERE f.at = stage.at"
    )


def write_people(kind: str, *, source_id: int, source: str, actor_name: str) -> tuple[int, int]:
    """Insert the new persons, change the known ones and keep what they said before."""
    home = (
        "school_id" if kind != "guardians" else "(SELECT organisation_id FROM registry_person c WHERE c.id = child_id)"
    )
    path = "school_path" if kind != "guardians" else "(SELECT path FROM registry_person c WHERE c.id = child_id)"
    created = run(
        f"""INSERT INTO registry_person (id, number, organisation_id, path, name, name_key, name_initials, sex, birth_date,
              ethnicity, nationality, id_type, id_blind, phone_blind, sealed, email, attributes, real_name_state, synthetic)
            SELECT person_id, registry_checked_number(%s || lpad(nextval('registry_person_serial')::text, 8, '0')),
              {home}, {path}, name, name_key, name_initials, COALESCE(NULLIF(sex, ''), '0'), NULLIF(birth_date, '')::date,
              ethnicity, '', id_type, id_blind, phone_blind, sealed, email, '{{}}', 'unverified', synthetic = '1'
            FROM stage WHERE problem IS NULL AND made AND nth = 1 ORDER BY at""",  # noqa: S608
        [settings.LINGQU_NODE],
    )
    _merge_sealed()
    changed = "p.name <> s.name OR " + " OR ".join(
        f"(s.{c} <> '' AND s.{c} IS DISTINCT FROM COALESCE(p.{c}::text, ''))" for c in PLAIN
    )
    news = f"s.problem IS NULL AND NOT s.made AND s.nth = 1 AND ({changed} OR s.sealed IS NOT NULL)"
    run(
        f"""INSERT INTO registry_personhistory (person_id, before, sealed_before, source, actor_name)
            SELECT p.id, jsonb_build_object('name', p.name, 'sex', p.sex, 'birth_date', p.birth_date, 'ethnicity', p.ethnicity,
              'id_type', p.id_type, 'email', p.email), CASE WHEN s.sealed IS NOT NULL THEN p.sealed END, %s, %s
            FROM stage s JOIN registry_person p ON p.id = s.person_id WHERE {news}""",  # noqa: S608
        [source, actor_name],
    )
    updated = run(
        f"""UPDATE registry_person p SET name = s.name, name_key = s.name_key, name_initials = s.name_initials,
              sex = COALESCE(NULLIF(s.sex, ''), p.sex), birth_date = COALESCE(NULLIF(s.birth_date, '')::date, p.birth_date),
              ethnicity = COALESCE(NULLIF(s.ethnicity, ''), p.ethnicity), id_type = COALESCE(NULLIF(s.id_type, ''), p.id_type),
              email = COALESCE(NULLIF(s.email, ''), p.email), id_blind = COALESCE(s.id_blind, p.id_blind),
              phone_blind = COALESCE(s.phone_blind, p.phone_blind), sealed = COALESCE(s.sealed, p.sealed), updated_at = now()
            FROM stage s WHERE p.id = s.person_id AND {news}"""  # noqa: S608
    )
    log_changes(
        "registry.person",
        "SELECT person_id::text, CASE WHEN made THEN 'c' ELSE 'u' END FROM stage WHERE problem IS NULL AND nth = 1",
    )
    link_sources(source_id, kind, "entity_uuid = person_id")
    return created, updated


def _merge_sealed() -> None:
    """An empty value never erases: known persons keep sealed values that the row does not state; equal maps stay unsealed."""
    found = rows_of(
        """SELECT s.at, p.sealed, s.sealed FROM stage s JOIN registry_person p ON p.id = s.person_id
           WHERE s.problem IS NULL AND NOT s.made AND s.nth = 1 AND s.sealed IS NOT NULL"""
    )
    if not found:
        return
    merged: list[tuple[int, bytes | None]] = []
    for at, before, stated in found:
        known = crypto.unseal_fields(before)
        wanted = {**known, **crypto.unseal_fields(stated)}
        merged.append((at, None if wanted == known else crypto.seal_fields(wanted)))
    run("DROP TABLE IF EXISTS stage_sealed")
    run("CREATE TEMP TABLE stage_sealed (at int, sealed bytea) ON COMMIT DROP")
    copy_rows("stage_sealed", ("at", "sealed"), merged)
    run("UPDATE stage SET sealed = m.sealed FROM stage_sealed m WHERE m.at = stage.at")


def apply_people(
    kind: str, frame: pl.DataFrame, *, source_id: int, source: str, scope: str, actor_name: str
) -> tuple[int, int]:
    """Persons of a chunk; episodes follow in ``episodes``."""
    stage_people(kind, frame, source_id=source_id, scope=scope)
    if kind == "guardians":
        run(
            """UPDATE stage SET child_id = l.entity_uuid FROM registry_sourcelink l
               WHERE l.source_id = %s AND l.kind = 'students' AND l.key_hash = child_ref_hash""",
            [source_id],
        )
        mark_unknown("child_id", "child_ref", "reference.child")
    match_people(kind)
    return write_people(kind, source_id=source_id, source=source, actor_name=actor_name)
