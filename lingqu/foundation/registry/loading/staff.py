"""Staff: the person, 工作单位 and 编制单位 as appointments, duties with their place."""

from __future__ import annotations

from collections import Counter

import polars as pl

from ..types.words import DutyKind
from .people import change_people, create_people, link_rows, match_people, settle_people
from .run import Run, resolve_classes, resolve_organisations, touch

CLASSED = DutyKind.HEAD_TEACHER.value


def apply_staff(run: Run) -> None:
    resolve_organisations(run, "school_ref", "employer_ref")
    resolve_classes(run, "head_class_ref")
    _check_places(run)
    for number in range(1, run.prepared.passes + 1):
        run.values["pass"] = number
        _apply_pass(run)
    run.reject([(row[0], "person.repeated", "name") for row in
                run.rows("SELECT row_id FROM load_stage WHERE pass > %(pass)s")])  # fmt: skip
    touch(run, "SELECT DISTINCT id FROM load_org WHERE in_scope")


def _check_places(run: Run) -> None:
    run.reject(
        run.rows(
            """SELECT s.row_id, CASE WHEN o.id IS NULL THEN 'reference.school' ELSE 'scope.outside' END, 'school_ref'
               FROM load_stage s LEFT JOIN load_org o ON o.ref = s.school_ref WHERE o.in_scope IS NOT TRUE"""
        )
    )
    for row_id, rule, name in run.rows(
        """SELECT s.row_id, 'reference.class', 'head_class_ref' FROM load_stage s LEFT JOIN load_class c
             ON c.school_ref = s.school_ref AND c.ref = s.head_class_ref
           WHERE s.head_class_ref IS NOT NULL AND c.id IS NULL
           UNION ALL SELECT s.row_id, 'reference.organisation', 'employer_ref' FROM load_stage s
             LEFT JOIN load_org o ON o.ref = s.employer_ref WHERE s.employer_ref IS NOT NULL AND o.id IS NULL"""
    ):
        run.note(row_id, rule, name, "review")


def _apply_pass(run: Run) -> None:
    made = run.table(
        "load_row",
        """SELECT s.*, o.id AS org_id, o.path AS org_path, c.id AS class_id, e.id AS employer_id, e.path AS
        employer_path,
             (s.head_class_ref IS NOT NULL AND c.id IS NULL) OR (s.employer_ref IS NOT NULL AND e.id IS NULL) AS again
           FROM load_stage s JOIN load_org o ON o.ref = s.school_ref
             LEFT JOIN load_class c ON c.school_ref = s.school_ref AND c.ref = s.head_class_ref
             LEFT JOIN load_org e ON e.ref = s.employer_ref
           WHERE s.pass = %(pass)s""",
    )
    if not made:
        return
    match_people(run)
    has_known = settle_people(run)
    create_people(run)
    changed = change_people(run) if has_known else 0
    known = run.rows("SELECT count(*) FROM load_work WHERE NOT is_new")[0][0]
    _post(run, "works_at", "org_id", "org_path", counts=True)
    _post(run, "employs", "employer_id", "employer_path", counts=False)
    run.outcome.updated["people"] += changed
    run.outcome.unchanged["people"] += known - changed
    _set_duties(run)
    link_rows(run)


def _post(run: Run, relation: str, place: str, path: str, *, counts: bool) -> None:
    """Bring one relation (工作单位 or 编制单位) up to date: ``load_post`` says what each row needs."""
    given = {"relation": relation}
    run.table(
        "load_post",
        f"""SELECT w.row_id, a.id AS here_id, a.valid_from AS here_from,
              COALESCE(w.employment_kind <> a.employment_kind, false) OR COALESCE(w.post <> a.post, false)
                OR COALESCE(w.title <> a.title, false) AS is_state,
              COALESCE(w.staff_number <> a.staff_number, false) OR COALESCE(w.stage <> a.stage, false)
                OR COALESCE(w.subject <> a.subject, false) OR (w.full_time IS NOT NULL AND w.full_time IS DISTINCT FROM a.full_time) AS is_detail, a.id IS NULL AS opens
            FROM load_work w LEFT JOIN LATERAL (SELECT x.* FROM registry_appointment x
              WHERE x.person_id = w.person_id AND x.organisation_id = w.{place} AND x.relation = %(relation)s
                AND x.valid_to IS NULL ORDER BY x.id LIMIT 1) a ON NOT w.is_new
            WHERE w.{place} IS NOT NULL""",  # noqa: S608
        **given,
    )
    _leave_former(run, relation, place)
    run.log(
        "registry.appointment",
        f"""UPDATE registry_appointment a SET staff_number = COALESCE(w.staff_number, a.staff_number),
              stage = COALESCE(w.stage, a.stage), subject = COALESCE(w.subject, a.subject),
              full_time = COALESCE(w.full_time, a.full_time),
              {
            ", ".join(
                f"{n} = CASE WHEN t.here_from >= %(as_of)s THEN COALESCE(w.{n}, a.{n}) ELSE a.{n} END"
                for n in ("employment_kind", "post", "title")
            )
        }
            FROM load_post t JOIN load_work w USING (row_id) WHERE a.id = t.here_id
              AND (t.is_detail OR (t.is_state AND t.here_from >= %(as_of)s)) RETURNING a.id""",  # noqa: S608
        "u",
    )
    run.log(
        "registry.appointment",
        """UPDATE registry_appointment a SET valid_to = %(as_of)s FROM load_post t
           WHERE a.id = t.here_id AND t.is_state AND t.here_from < %(as_of)s RETURNING a.id""",
        "u",
    )
    run.do("UPDATE load_post SET opens = true WHERE is_state AND here_from < %(as_of)s")
    fields = ("employment_kind", "staff_number", "post", "title", "stage", "subject")
    taken = ", ".join(f"COALESCE(w.{n}, a.{n}, '{'unknown' if n == 'employment_kind' else ''}')" for n in fields)
    run.log(
        "registry.appointment",
        f"""INSERT INTO registry_appointment (person_id, organisation_id, path, name_key, relation, {", ".join(fields)},
              full_time, source, valid_from)
            SELECT w.person_id, w.{place}, w.{path}, w.name_key, %(relation)s, {taken},
              COALESCE(w.full_time, a.full_time), %(source)s,
              CASE WHEN t.here_id IS NULL THEN COALESCE(w.entry_on, %(as_of)s) ELSE %(as_of)s END
            FROM load_post t JOIN load_work w USING (row_id) LEFT JOIN registry_appointment a ON a.id = t.here_id
            WHERE t.opens RETURNING id""",  # noqa: S608
        **given,
    )
    if counts:
        _count(run)


def _count(run: Run) -> None:
    opened, changed, same = run.rows(
        """SELECT count(*) FILTER (WHERE here_id IS NULL), count(*) FILTER (WHERE here_id IS NOT NULL AND (is_state
        OR is_detail)),
             count(*) FILTER (WHERE here_id IS NOT NULL AND NOT is_state AND NOT is_detail)
           FROM load_post"""
    )[0]
    run.outcome.created["appointments"] += opened
    run.outcome.updated["appointments"] += changed
    run.outcome.unchanged["appointments"] += same


def _leave_former(run: Run, relation: str, place: str) -> None:
    """Who now works (or is employed) elsewhere by the same source leaves the former place, unless another row of
    this very delivery keeps it: several appointments are common. Where the source knows somebody by one key, the rows
    of that key say all places, so one that they no longer name is left as well."""
    reference = "school_ref" if place == "org_id" else "employer_ref"
    rows = run.rows(
        f"""SELECT DISTINCT a.id, encode(uuid_send(w.key_hash), 'hex'), encode(uuid_send(l.key_hash), 'hex')
            FROM load_post t JOIN load_work w USING (row_id) JOIN registry_appointment a ON a.person_id = w.person_id
                AND a.relation = %(relation)s AND a.valid_to IS NULL AND a.source = %(source)s
                AND a.organisation_id <> w.{place}
              LEFT JOIN registry_sourcelink l ON l.entity_uuid = w.person_id AND l.source_id = %(source_id)s
                AND l.kind = 'staff' AND l.key_hash <> w.key_hash
            WHERE NOT w.is_new AND (t.here_id IS NULL OR l.key_hash IS NULL
                AND a.path >= %(scope)s::ltree AND a.path < %(scope_end)s::ltree)
              AND NOT EXISTS (SELECT 1 FROM load_stage s JOIN load_org o ON o.ref = s.{reference}
                WHERE s.key_hash = w.key_hash AND o.id = a.organisation_id)""",  # noqa: S608
        relation=relation,
    )
    if not rows:
        return
    kept: set[int] = set()
    if (keys := run.prepared.batch.keys) is not None:
        present = set(keys.filter(keys.is_in([key for _i, _own, key in rows if key])))
        torn = _torn(run, keys, {own for _i, own, _key in rows})
        kept = {appointment for appointment, own, key in rows if key in present or own in torn}
    leaving = list({appointment for appointment, _own, _key in rows if appointment not in kept})
    touch(run, "SELECT organisation_id FROM registry_appointment WHERE id = ANY(%(ids)s)", ids=leaving)
    run.note_left("SELECT person_id FROM registry_appointment WHERE id = ANY(%(ids)s)", ids=leaving)
    run.log(
        "registry.appointment",
        """UPDATE registry_appointment SET valid_to = GREATEST(%(as_of)s, valid_from) WHERE id = ANY(%(ids)s)
        RETURNING id""",
        "u", ids=leaving,
    )  # fmt: skip


def _torn(run: Run, keys: pl.Series, wanted: set[str]) -> frozenset[str]:
    """Keys of ``wanted`` whose rows stand partly in another chunk: this one cannot say which places are left."""
    whole = Counter(keys.filter(keys.is_in(list(wanted))))
    here = run.prepared.frame["key_hash"]
    own = Counter(here.filter(here.is_in(list(wanted))))
    return frozenset(key for key in wanted if whole[key] > own[key])


def _set_duties(run: Run) -> None:
    """Stated duties open, duties of this source that a stated list no longer names end. Unknown words are noted."""
    if not run.rows("SELECT 1 FROM load_work WHERE duties IS NOT NULL OR class_id IS NOT NULL LIMIT 1"):
        return
    run.table(
        "load_duty",
        """SELECT w.row_id, w.person_id, w.org_id, w.org_path, d.kind, NULL::uuid AS class_id FROM load_work w,
             unnest(string_to_array(w.duties, ',')) AS d(kind)
           WHERE d.kind = ANY(%(kinds)s) AND NOT (d.kind = %(classed)s AND w.class_id IS NOT NULL)
           UNION SELECT row_id, person_id, org_id, org_path, %(classed)s, class_id FROM load_work WHERE class_id IS
           NOT NULL""",
        kinds=list(DutyKind.values), classed=CLASSED,
    )  # fmt: skip
    run.log(
        "registry.duty",
        """UPDATE registry_duty d SET valid_to = GREATEST(%(as_of)s, d.valid_from) FROM load_work w
           WHERE d.person_id = w.person_id AND d.organisation_id = w.org_id AND d.valid_to IS NULL AND d.source =
           %(source)s
             AND NOT w.is_new AND CASE WHEN d.class_group_id IS NULL THEN w.duties IS NOT NULL ELSE w.class_id IS NOT
             NULL END
             AND NOT EXISTS (SELECT 1 FROM load_duty n WHERE n.row_id = w.row_id AND n.kind = d.kind
               AND n.class_id IS NOT DISTINCT FROM d.class_group_id) RETURNING d.id""",
        "u",
    )
    run.log(
        "registry.duty",
        """INSERT INTO registry_duty (person_id, organisation_id, path, kind, class_group_id, grade, subject, source,
        valid_from)
           SELECT n.person_id, n.org_id, n.org_path, n.kind, n.class_id, '', '', %(source)s, %(as_of)s FROM load_duty n
           WHERE NOT EXISTS (SELECT 1 FROM registry_duty d WHERE d.person_id = n.person_id AND d.organisation_id =
           n.org_id
             AND d.kind = n.kind AND d.class_group_id IS NOT DISTINCT FROM n.class_id AND d.valid_to IS NULL)
           RETURNING id""",
    )


def apply_head_teachers(run: Run) -> None:
    """What class rows say about their 班主任: a key of staff in this source, else a 工号 or unique name there."""
    resolve_organisations(run, "school_ref")
    resolve_classes(run, "class_ref")
    resolve_teachers(run)
    for (row_id,) in run.rows("SELECT row_id FROM load_work WHERE person_id IS NULL AND class_id IS NOT NULL"):
        run.note(row_id, "reference.teacher", "teacher_ref", "review")
    run.do("DELETE FROM load_work WHERE person_id IS NULL OR class_id IS NULL")
    run.log(
        "registry.duty",
        """UPDATE registry_duty d SET valid_to = GREATEST(%(as_of)s, d.valid_from) FROM load_work w
           WHERE d.class_group_id = w.class_id AND d.kind = %(classed)s AND d.valid_to IS NULL AND d.person_id <>
           w.person_id
           RETURNING d.id""",
        "u", classed=CLASSED,
    )  # fmt: skip
    run.outcome.updated["duties"] += run.log(
        "registry.duty",
        """INSERT INTO registry_duty (person_id, organisation_id, path, kind, class_group_id, grade, subject, source,
        valid_from)
           SELECT DISTINCT ON (w.class_id) w.person_id, w.org_id, w.org_path, %(classed)s, w.class_id, '', '',
           %(source)s,
             %(as_of)s
           FROM load_work w WHERE NOT EXISTS (SELECT 1 FROM registry_duty d WHERE d.class_group_id = w.class_id
             AND d.kind = %(classed)s AND d.valid_to IS NULL) ORDER BY w.class_id, w.row_id RETURNING id""",
        classed=CLASSED,
    )


def resolve_teachers(run: Run) -> None:
    """``load_work``: staged rows with class, school and the teacher they name (NULL when nobody or more than one
    fits)."""
    run.table(
        "load_teacher",
        """SELECT DISTINCT s.school_ref, s.teacher_ref, l.entity_uuid AS person_id, o.id AS org_id, o.path AS org_path
           FROM load_stage s LEFT JOIN load_org o ON o.ref = s.school_ref
             LEFT JOIN registry_sourcelink l ON l.source_id = %(source_id)s AND l.kind = 'staff' AND l.key_hash =
             s.staff_hash""",
    )
    for column in ("a.staff_number", "p.name"):
        run.do(
            f"""UPDATE load_teacher t SET person_id = f.person_id FROM (
                  SELECT n.school_ref, n.teacher_ref, (array_agg(a.person_id))[1] AS person_id FROM load_teacher n
                    JOIN registry_appointment a ON a.path = n.org_path AND a.valid_to IS NULL AND a.relation =
                    'works_at'
                    JOIN registry_person p ON p.id = a.person_id
                  WHERE n.person_id IS NULL AND {column} = n.teacher_ref GROUP BY n.school_ref, n.teacher_ref
                  HAVING count(DISTINCT a.person_id) = 1) f
                WHERE t.school_ref = f.school_ref AND t.teacher_ref = f.teacher_ref"""  # noqa: S608
        )
    run.table(
        "load_work",
        """SELECT s.*, t.person_id, t.org_id, t.org_path, c.id AS class_id FROM load_stage s
             LEFT JOIN load_teacher t ON t.school_ref = s.school_ref AND t.teacher_ref = s.teacher_ref
             LEFT JOIN load_class c ON c.school_ref = s.school_ref AND c.ref = s.class_ref""",
    )
