"""Dated relations of the people just staged: 就读, 学籍, class seats, appointments, duties, guardianship."""

from __future__ import annotations

import polars as pl

from .staging import key_hashes, log_changes, mark_unknown, rows_of, run, stage


def seat_pupils(source: str) -> dict[str, tuple[int, int]]:
    """就读, 学籍 mirror and class seat. A child named twice in one file keeps one seat; every named 学籍 is mirrored."""
    run(
        """UPDATE registry_enrolment e SET valid_to = CURRENT_DATE FROM stage s
           WHERE s.problem IS NULL AND s.nth = 1 AND e.person_id = s.person_id AND e.valid_to IS NULL AND e.school_id <> s.school_id"""
    )
    updated = run(
        """UPDATE registry_enrolment e SET grade = COALESCE(NULLIF(s.grade, ''), e.grade), name_key = s.name_key,
             attendance = COALESCE(NULLIF(s.attendance, ''), e.attendance),
             school_number = COALESCE(NULLIF(s.school_number, ''), e.school_number),
             boarding = COALESCE(s.boarding = '1', e.boarding)
           FROM stage s WHERE s.problem IS NULL AND s.nth = 1 AND e.person_id = s.person_id AND e.valid_to IS NULL"""
    )
    created = run(
        """INSERT INTO registry_enrolment (person_id, school_id, path, name_key, grade, attendance, school_number, boarding, source,
             valid_from)
           SELECT s.person_id, s.school_id, s.school_path, s.name_key, s.grade, COALESCE(NULLIF(s.attendance, ''), 'registered'),
             s.school_number, CASE WHEN s.boarding <> '' THEN s.boarding = '1' END, %s,
             COALESCE(NULLIF(s.entry_on, '')::date, CURRENT_DATE)
           FROM stage s LEFT JOIN registry_enrolment e ON e.person_id = s.person_id AND e.valid_to IS NULL
           WHERE s.problem IS NULL AND s.nth = 1 AND e.id IS NULL ORDER BY s.school_path, s.name_key""",
        [source],
    )
    run(
        """INSERT INTO registry_registerentry (person_id, school_id, path, number_blind, sealed, state, grade, source, as_of, valid_from)
           SELECT DISTINCT ON (s.person_id, s.school_id) s.person_id, s.school_id, s.school_path, s.register_blind, s.register_sealed,
             COALESCE(NULLIF(s.register_state, ''), '01'), s.grade, %s,
             COALESCE(NULLIF(s.register_as_of, '')::date, CURRENT_DATE), COALESCE(NULLIF(s.entry_on, '')::date, CURRENT_DATE)
           FROM stage s LEFT JOIN registry_registerentry r
             ON r.person_id = s.person_id AND r.school_id = s.school_id AND r.valid_to IS NULL
           WHERE s.problem IS NULL AND r.id IS NULL AND s.attendance <> 'guest'
             AND (s.register_blind IS NOT NULL OR s.register_state <> '') ORDER BY s.person_id, s.school_id, s.at""",
        [source],
    )
    run(
        """UPDATE registry_classmembership m SET valid_to = CURRENT_DATE FROM stage s, registry_classgroup c
           WHERE s.problem IS NULL AND s.nth = 1 AND s.class_id IS NOT NULL AND m.person_id = s.person_id AND m.valid_to IS NULL
             AND c.id = m.class_group_id AND c.kind <> 'teaching' AND m.class_group_id <> s.class_id"""
    )
    seats = run(
        """INSERT INTO registry_classmembership (class_group_id, person_id, number, source, valid_from)
           SELECT class_id, person_id, NULLIF(class_number, '')::int, %s, COALESCE(NULLIF(entry_on, '')::date, CURRENT_DATE)
           FROM stage WHERE problem IS NULL AND nth = 1 AND class_id IS NOT NULL
           ON CONFLICT (class_group_id, person_id) WHERE valid_to IS NULL DO NOTHING""",
        [source],
    )
    log_changes("registry.enrolment", "SELECT person_id::text, 'u' FROM stage WHERE problem IS NULL AND nth = 1")
    return {"enrolments": (created, updated), "memberships": (seats, 0)}


def place_staff(source: str) -> dict[str, tuple[int, int]]:
    """工作单位, 编制单位 and duties of the staff staged."""
    created = run(
        """INSERT INTO registry_appointment (person_id, organisation_id, path, name_key, relation, employment_kind, staff_number, post,
             title, stage, subject, source, valid_from)
           SELECT s.person_id, s.school_id, s.school_path, s.name_key, 'works_at', COALESCE(NULLIF(s.employment_kind, ''), 'unknown'),
             s.staff_number, s.post, s.title, s.stage, s.subject, %s, COALESCE(NULLIF(s.entry_on, '')::date, CURRENT_DATE)
           FROM stage s LEFT JOIN registry_appointment a ON a.person_id = s.person_id AND a.organisation_id = s.school_id
             AND a.relation = 'works_at' AND a.valid_to IS NULL
           WHERE s.problem IS NULL AND s.nth = 1 AND a.id IS NULL""",
        [source],
    )
    updated = run(
        """UPDATE registry_appointment a SET staff_number = COALESCE(NULLIF(s.staff_number, ''), a.staff_number),
             employment_kind = COALESCE(NULLIF(s.employment_kind, ''), a.employment_kind), name_key = s.name_key,
             post = COALESCE(NULLIF(s.post, ''), a.post), title = COALESCE(NULLIF(s.title, ''), a.title),
             subject = COALESCE(NULLIF(s.subject, ''), a.subject)
           FROM stage s WHERE s.problem IS NULL AND s.nth = 1 AND NOT s.made AND a.person_id = s.person_id
             AND a.organisation_id = s.school_id AND a.valid_to IS NULL"""
    )
    run(
        """INSERT INTO registry_duty (person_id, organisation_id, path, kind, class_group_id, source, valid_from, grade, subject)
           SELECT s.person_id, s.school_id, s.school_path, d.kind, CASE WHEN d.kind = 'head_teacher' THEN s.class_id END, %s,
             CURRENT_DATE, '', '' FROM stage s, LATERAL unnest(string_to_array(s.duties, ',')) AS d(kind)
           WHERE s.problem IS NULL AND s.nth = 1 AND s.duties <> '' AND NOT EXISTS (SELECT 1 FROM registry_duty x WHERE
             x.person_id = s.person_id AND x.organisation_id = s.school_id AND x.kind = d.kind AND x.valid_to IS NULL)""",
        [source],
    )
    log_changes("registry.appointment", "SELECT person_id::text, 'u' FROM stage WHERE problem IS NULL AND nth = 1")
    return {"appointments": (created, updated)}


def bind_guardians(source: str) -> dict[str, tuple[int, int]]:
    created = run(
        """INSERT INTO registry_guardianship (child_id, guardian_id, relation, kind, is_primary, lives_with, proof, confirmed_by_school,
             source, valid_from)
           SELECT DISTINCT ON (s.child_id, s.person_id) s.child_id, s.person_id, COALESCE(s.relation, ''),
             COALESCE(NULLIF(s.kind, ''), 'legal'), s.is_primary = '1', CASE WHEN s.lives_with <> '' THEN s.lives_with = '1' END,
             COALESCE(s.proof, ''), false, %s, CURRENT_DATE
           FROM stage s LEFT JOIN registry_guardianship g ON g.child_id = s.child_id AND g.guardian_id = s.person_id AND g.valid_to IS NULL
           WHERE s.problem IS NULL AND g.id IS NULL ORDER BY s.child_id, s.person_id, s.at""",
        [source],
    )
    log_changes("registry.guardianship", "SELECT child_id::text, 'u' FROM stage WHERE problem IS NULL")
    return {"guardianships": (created, 0)}


def _people_and_classes(kind: str, frame: pl.DataFrame, person_ref: str, source_id: int) -> None:
    frame = frame.with_columns(
        pl.Series("class_hash", key_hashes("classes", frame["class_ref"]), dtype=pl.String),
        *(
            pl.Series(f"{people}_hash", key_hashes(people, frame[person_ref]), dtype=pl.String)
            for people in ("students", "staff", "guardians")
        ),
        pl.int_range(len(frame), dtype=pl.Int32).alias("at"),
    )
    stage(kind, frame, {
        "class_hash": "uuid", "students_hash": "uuid", "staff_hash": "uuid", "guardians_hash": "uuid", "class_id": "uuid",
        "person_id": "uuid", "made": "boolean",
    })  # fmt: skip
    run(
        "UPDATE stage SET class_id = l.entity_uuid FROM registry_sourcelink l WHERE l.source_id = %s AND l.kind = 'classes' AND l.key_hash = class_hash",
        [source_id],
    )
    for people in ("students", "staff", "guardians"):
        run(
            f"UPDATE stage SET person_id = l.entity_uuid FROM registry_sourcelink l WHERE person_id IS NULL AND l.source_id = %s AND l.kind = '{people}' AND l.key_hash = {people}_hash",
            [source_id],
        )
    mark_unknown("class_id", "class_ref", "reference.class")
    mark_unknown("person_id", person_ref, "reference.person")


def apply_memberships(frame: pl.DataFrame, *, source_id: int, source: str) -> dict[str, tuple[int, int]]:
    """OneRoster enrollments: pupils sit in the class, everybody else teaches it."""
    _people_and_classes("memberships", frame, "person_ref", source_id)
    seats = run(
        """INSERT INTO registry_classmembership (class_group_id, person_id, source, valid_from, valid_to)
           SELECT DISTINCT ON (class_id, person_id) class_id, person_id, %s, COALESCE(NULLIF(begin_on, '')::date, CURRENT_DATE), NULL::date
           FROM stage WHERE problem IS NULL AND role = 'student' ORDER BY class_id, person_id, at
           ON CONFLICT (class_group_id, person_id) WHERE valid_to IS NULL DO NOTHING""",
        [source],
    )
    taught = run(
        """INSERT INTO registry_teachingassignment (class_group_id, person_id, subject, role, source, valid_from)
           SELECT DISTINCT ON (class_id, subject, person_id) class_id, person_id, COALESCE(subject, ''), role, %s,
             COALESCE(NULLIF(begin_on, '')::date, CURRENT_DATE)
           FROM stage WHERE problem IS NULL AND role <> 'student' ORDER BY class_id, subject, person_id, at
           ON CONFLICT (class_group_id, subject, person_id) WHERE valid_to IS NULL DO NOTHING""",
        [source],
    )
    _link_rows(source_id, "memberships")
    return {"memberships": (seats + taught, 0)}


def apply_teaching(frame: pl.DataFrame, *, source_id: int, source: str) -> dict[str, tuple[int, int]]:
    """任课 rows; a changed number of periods changes the open assignment."""
    _people_and_classes("teaching", frame, "teacher_ref", source_id)
    updated = run(
        """UPDATE registry_teachingassignment t SET weekly_periods = NULLIF(s.weekly_periods, '')::numeric FROM stage s
           WHERE s.problem IS NULL AND t.class_group_id = s.class_id AND t.person_id = s.person_id AND t.subject = s.subject
             AND t.valid_to IS NULL AND t.weekly_periods IS DISTINCT FROM NULLIF(s.weekly_periods, '')::numeric"""
    )
    created = run(
        """INSERT INTO registry_teachingassignment (class_group_id, person_id, subject, role, weekly_periods, source, valid_from)
           SELECT DISTINCT ON (class_id, subject, person_id) class_id, person_id, subject, 'teacher',
             NULLIF(weekly_periods, '')::numeric, %s, COALESCE(NULLIF(begin_on, '')::date, CURRENT_DATE)
           FROM stage WHERE problem IS NULL ORDER BY class_id, subject, person_id, at
           ON CONFLICT (class_group_id, subject, person_id) WHERE valid_to IS NULL DO NOTHING""",
        [source],
    )
    _link_rows(source_id, "teaching")
    return {"teaching": (created, updated)}


def _link_rows(source_id: int, kind: str) -> None:
    run(
        """INSERT INTO registry_sourcelink (source_id, kind, key_hash, row_hash, entity_uuid)
           SELECT DISTINCT ON (key_hash) %s, %s, key_hash, row_hash, class_id FROM stage WHERE problem IS NULL ORDER BY key_hash
           ON CONFLICT (source_id, kind, key_hash) DO UPDATE SET row_hash = EXCLUDED.row_hash""",
        [source_id, kind],
    )
    log_changes(f"registry.{kind}", "SELECT class_id::text, 'u' FROM stage WHERE problem IS NULL")


def problems() -> list[tuple[int, str, str]]:
    """(at, rule, field) of rows that were not applied."""
    return [
        (int(a), str(r), str(f))
        for a, r, f in rows_of("SELECT at, problem, problem_field FROM stage WHERE problem IS NOT NULL")
    ]


def repeated_people() -> list[int]:
    return [int(row[0]) for row in rows_of("SELECT at FROM stage WHERE problem IS NULL AND nth > 1")]
