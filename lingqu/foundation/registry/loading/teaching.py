"""Who teaches what, and the enrolments of other systems: pupils sit in a class, everybody else teaches it."""

from __future__ import annotations

from .run import Run, resolve_classes, resolve_organisations, touch
from .staff import resolve_teachers


def apply_memberships(run: Run) -> None:
    resolve_classes(run, "class_ref", by_school=False)
    run.table(
        "load_work",
        """SELECT s.*, c.id AS class_id, c.school_id AS org_id, c.path, COALESCE(a.entity_uuid, b.entity_uuid,
        g.entity_uuid)
             AS person_id, false AS again FROM load_stage s
             LEFT JOIN load_class c ON c.ref = s.class_ref
             LEFT JOIN registry_sourcelink a ON a.source_id = %(source_id)s AND a.kind = 'students' AND a.key_hash =
             s.student_hash
             LEFT JOIN registry_sourcelink b ON b.source_id = %(source_id)s AND b.kind = 'staff' AND b.key_hash =
             s.staff_hash
             LEFT JOIN registry_sourcelink g ON g.source_id = %(source_id)s AND g.kind = 'guardians'
               AND g.key_hash = s.guardian_hash""",
    )
    _refuse_unknown(run, "person_ref")
    _seat_pupils(run)
    run.do(
        """UPDATE load_work w SET subject = COALESCE(k.subject, '') FROM registry_classgroup c
             LEFT JOIN registry_course k ON k.id = c.course_id WHERE c.id = w.class_id AND w.subject IS NULL"""
    )
    _assign(run, "CASE WHEN role <> 'student' THEN role END", "NULL::numeric")


def apply_teaching(run: Run) -> None:
    resolve_organisations(run, "school_ref")
    resolve_classes(run, "class_ref")
    resolve_teachers(run)
    run.do("ALTER TABLE load_work ADD COLUMN again boolean NOT NULL DEFAULT false")
    run.do("ALTER TABLE load_work ADD COLUMN path ltree")
    run.do(
        """UPDATE load_work w SET path = c.path FROM load_class c
           WHERE c.school_ref = w.school_ref AND c.ref = w.class_ref"""
    )
    _refuse_unknown(run, "teacher_ref")
    _assign(run, "'teacher'", "weekly_periods")


def _refuse_unknown(run: Run, reference: str) -> None:
    gone = run.reject(
        run.rows(
            f"""SELECT row_id, CASE WHEN class_id IS NULL THEN 'reference.class' WHEN person_id IS NULL THEN
              'reference.person'
                  ELSE 'scope.outside' END, CASE WHEN class_id IS NOT NULL AND person_id IS NULL THEN '{reference}'
                  ELSE 'class_ref' END
                FROM load_work WHERE class_id IS NULL OR person_id IS NULL
                  OR (path >= %(scope)s::ltree AND path < %(scope_end)s::ltree) IS NOT TRUE"""  # noqa: S608
        )
    )
    run.do("DELETE FROM load_work WHERE row_id = ANY(%(gone)s)", gone=list(gone))


def _seat_pupils(run: Run) -> None:
    """A row begins a seat; one that states its end closes it. Repeating a row changes nothing."""
    made = run.log(
        "registry.class_membership",
        """INSERT INTO registry_classmembership (class_group_id, person_id, source, valid_from, valid_to)
           SELECT DISTINCT ON (w.class_id, w.person_id) w.class_id, w.person_id, %(source)s, COALESCE(w.begin_on,
           %(as_of)s),
             CASE WHEN w.end_on <= %(as_of)s THEN GREATEST(w.end_on, COALESCE(w.begin_on, %(as_of)s)) END
           FROM load_work w WHERE w.role = 'student' AND NOT EXISTS (SELECT 1 FROM registry_classmembership m
             WHERE m.person_id = w.person_id AND m.class_group_id = w.class_id
               AND (m.valid_to IS NULL OR m.valid_from = w.begin_on))
           ORDER BY w.class_id, w.person_id, w.row_id RETURNING id""",
    )
    closed = run.log(
        "registry.class_membership",
        """UPDATE registry_classmembership m SET valid_to = GREATEST(w.end_on, m.valid_from) FROM load_work w
           WHERE w.role = 'student' AND w.end_on <= %(as_of)s AND m.person_id = w.person_id AND m.class_group_id =
           w.class_id
             AND m.valid_to IS NULL RETURNING m.id""",
        "u",
    )
    pupils = run.rows("SELECT count(*) FROM load_work WHERE role = 'student'")[0][0]
    run.outcome.created["memberships"] += made
    run.outcome.updated["memberships"] += closed
    run.outcome.unchanged["memberships"] += max(0, pupils - made - closed)
    touch(run, "SELECT DISTINCT org_id FROM load_work")


def _assign(run: Run, role: str, periods: str) -> None:
    """Assignments by class × subject × person. A row whose key now names another teacher ends the former assignment."""
    run.table(
        "load_task",
        f"""SELECT DISTINCT ON (class_id, subject, person_id) row_id, class_id, COALESCE(subject, '') AS subject,
          person_id,
              {role} AS role, {periods} AS weekly_periods, begin_on, end_on
            FROM load_work WHERE {role} IS NOT NULL ORDER BY class_id, subject, person_id, row_id""",  # noqa: S608
    )
    replaced = run.log(
        "registry.teaching_assignment",
        """UPDATE registry_teachingassignment t SET valid_to = GREATEST(%(as_of)s, t.valid_from)
           FROM load_work w JOIN registry_sourcelink l ON l.source_id = %(source_id)s AND l.kind = %(kind)s
             AND l.key_hash = w.key_hash
           WHERE w.linked IS NOT NULL AND t.class_group_id = l.entity_uuid AND t.class_group_id = w.class_id
             AND t.subject = w.subject AND t.source = %(source)s AND t.valid_to IS NULL AND t.person_id <> w.person_id
             AND NOT EXISTS (SELECT 1 FROM load_task k WHERE k.class_id = t.class_group_id AND k.subject = t.subject
               AND k.person_id = t.person_id) RETURNING t.id""",
        "u",
    )
    changed = run.log(
        "registry.teaching_assignment",
        """UPDATE registry_teachingassignment t SET weekly_periods = COALESCE(k.weekly_periods, t.weekly_periods),
        role = k.role,
             valid_to = CASE WHEN k.end_on <= %(as_of)s THEN GREATEST(k.end_on, t.valid_from) END
           FROM load_task k WHERE t.class_group_id = k.class_id AND t.subject = k.subject AND t.person_id = k.person_id
             AND t.valid_to IS NULL AND (k.weekly_periods <> t.weekly_periods OR (k.weekly_periods IS NOT NULL
               AND t.weekly_periods IS NULL) OR k.role <> t.role OR k.end_on <= %(as_of)s) RETURNING t.id""",
        "u",
    )
    made = run.log(
        "registry.teaching_assignment",
        """INSERT INTO registry_teachingassignment (class_group_id, person_id, subject, role, weekly_periods, source,
        valid_from,
             valid_to)
           SELECT k.class_id, k.person_id, k.subject, k.role, k.weekly_periods, %(source)s, COALESCE(k.begin_on,
           %(as_of)s),
             CASE WHEN k.end_on <= %(as_of)s THEN GREATEST(k.end_on, COALESCE(k.begin_on, %(as_of)s)) END
           FROM load_task k WHERE NOT EXISTS (SELECT 1 FROM registry_teachingassignment t WHERE t.class_group_id =
           k.class_id
             AND t.subject = k.subject AND t.person_id = k.person_id
             AND (t.valid_to IS NULL OR t.valid_from = k.begin_on OR t.valid_to = k.end_on))
           ORDER BY k.row_id RETURNING id""",
    )
    total = run.rows("SELECT count(*) FROM load_task")[0][0]
    run.outcome.created["memberships"] += made
    run.outcome.updated["memberships"] += changed + replaced
    run.outcome.unchanged["memberships"] += max(0, total - made - changed)
    run.do(
        """UPDATE registry_sourcelink l SET row_hash = w.row_hash, entity_uuid = w.class_id FROM load_work w
           WHERE w.linked IS NOT NULL AND l.source_id = %(source_id)s AND l.kind = %(kind)s AND l.key_hash =
           w.key_hash"""
    )
    run.do(
        """INSERT INTO registry_sourcelink (source_id, kind, key_hash, row_hash, entity_uuid)
           SELECT DISTINCT ON (key_hash) %(source_id)s, %(kind)s, key_hash, row_hash, class_id FROM load_work
           WHERE linked IS NULL ORDER BY key_hash"""
    )
