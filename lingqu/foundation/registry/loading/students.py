"""Pupils: the person, where the child sits (就读), the mirror of the 学籍, and the seat in a class."""

from __future__ import annotations

from .people import change_people, create_people, link_rows, match_people, settle_people
from .run import Run, resolve_classes, resolve_organisations, touch


def apply_students(run: Run) -> None:
    resolve_organisations(run, "school_ref", "register_school_ref")
    resolve_classes(run, "class_ref")
    _check_places(run)
    for number in range(1, run.prepared.passes + 1):
        run.values["pass"] = number
        _apply_pass(run)
    run.reject([(row[0], "person.repeated", "name") for row in
                run.rows("SELECT row_id FROM load_stage WHERE pass > %(pass)s")])  # fmt: skip
    touch(run, "SELECT DISTINCT id FROM load_org WHERE in_scope")


def _check_places(run: Run) -> None:
    """Without its school a row is refused; without its class, or the school of its 学籍, it is applied with a doubt."""
    run.reject(
        run.rows(
            """SELECT s.row_id, CASE WHEN o.id IS NULL THEN 'reference.school' ELSE 'scope.outside' END, 'school_ref'
               FROM load_stage s LEFT JOIN load_org o ON o.ref = s.school_ref WHERE o.in_scope IS NOT TRUE"""
        )
    )
    for row_id, rule, name in run.rows(
        """SELECT s.row_id, 'reference.class', 'class_ref' FROM load_stage s LEFT JOIN load_class c
             ON c.school_ref = s.school_ref AND c.ref = s.class_ref WHERE s.class_ref IS NOT NULL AND c.id IS NULL
           UNION ALL SELECT s.row_id, 'reference.organisation', 'register_school_ref' FROM load_stage s
             LEFT JOIN load_org o ON o.ref = s.register_school_ref
           WHERE s.register_school_ref IS NOT NULL AND o.id IS NULL"""
    ):
        run.note(row_id, rule, name, "review")


def _is_national(run: Run) -> bool:
    return run.source.kind == "national_pupil"


KEPT_HERE = """NOT EXISTS (SELECT 1 FROM registry_enrolment k WHERE k.path = o.path AND k.valid_to IS NULL
  AND k.source <> %(source)s)"""
"""The national file says where a child is registered. Where the child sits it says only for schools whose 就读 nobody
else keeps."""


def _apply_pass(run: Run) -> None:
    seats = KEPT_HERE if _is_national(run) else "true"
    made = run.table(
        "load_row",
        f"""SELECT s.*, o.id AS org_id, o.path AS org_path, c.id AS class_id, COALESCE(r.id, o.id) AS register_id,
             COALESCE(r.path, o.path) AS register_path, {seats} AS seats, (s.class_ref IS NOT NULL AND c.id IS NULL)
               OR (s.register_school_ref IS NOT NULL AND r.id IS NULL) AS again
           FROM load_stage s JOIN load_org o ON o.ref = s.school_ref
             LEFT JOIN load_class c ON c.school_ref = s.school_ref AND c.ref = s.class_ref
             LEFT JOIN load_org r ON r.ref = s.register_school_ref
           WHERE s.pass = %(pass)s""",  # noqa: S608
    )
    if not made:
        return
    match_people(run)
    has_known = settle_people(run)
    if has_known and _is_national(run):
        run.do(
            """UPDATE load_work w SET seats = false WHERE NOT w.is_new AND w.seats AND EXISTS (
                 SELECT 1 FROM registry_enrolment e WHERE e.person_id = w.person_id AND e.valid_to IS NULL
                   AND e.source <> %(source)s)"""
        )
    create_people(run)
    _note_namesakes(run)
    changed = change_people(run) if has_known else 0
    if has_known:
        _hold_ids(run)
        moved = _change_enrolments(run)
        _change_registers(run)
        _change_memberships(run)
        known = run.rows("SELECT count(*) FROM load_work WHERE NOT is_new")[0][0]
        run.outcome.updated["people"] += changed
        run.outcome.unchanged["people"] += known - changed
        run.outcome.unchanged["enrolments"] += known - moved
    _open_enrolments(run)
    _open_registers(run)
    _open_memberships(run)
    link_rows(run)


def _note_namesakes(run: Run) -> None:
    """A new child without birth date beside a classmate of the same name and sex: imported, but somebody should
    look."""
    if run.values["pass"] == 1 and not run.rows("SELECT 1 FROM load_work WHERE is_new AND birth_date IS NULL LIMIT 1"):
        return
    for (row_id,) in run.rows(
        """SELECT DISTINCT w.row_id FROM load_work w JOIN registry_classmembership m ON m.class_group_id = w.class_id
             AND m.valid_to IS NULL JOIN registry_person p ON p.id = m.person_id AND p.name = w.name AND p.sex = w.sex
           WHERE w.is_new AND w.birth_date IS NULL AND p.id <> w.person_id
             AND (p.id_blind IS NULL OR w.id_blind IS NULL OR p.id_blind = w.id_blind)"""
    ):
        run.note(row_id, "person.possible_duplicate", "name", "review")


def _hold_ids(run: Run) -> None:
    """``load_ids``: the ids of each known person, merged ones too, since keys to Person are never rewritten."""
    run.table(
        "load_ids",
        """SELECT row_id, person_id, person_id AS any_id FROM load_work WHERE NOT is_new
           UNION ALL SELECT w.row_id, w.person_id, p.id FROM load_work w JOIN registry_person p ON p.canonical_id =
           w.person_id
           WHERE NOT w.is_new""",
    )
    run.do("ANALYZE load_ids")


# ---- 就读 --------------------

START = (
    "CASE WHEN w.entry_on > {before} AND w.entry_on <= %(as_of)s THEN w.entry_on ELSE GREATEST(%(as_of)s, {before}) END"
)
"""First day of an episode that follows one begun on ``before``."""


MOVED = """SELECT DISTINCT i.person_id FROM load_open o JOIN load_seat t USING (row_id) JOIN load_ids i USING (row_id)
  WHERE t.moves AND NOT o.is_here"""
"""Pupils who leave another school."""


def _change_enrolments(run: Run) -> int:
    """Close, correct and note the open episodes of known pupils; returns how many rows changed something.

    ``load_seat`` holds what each known row still needs: ``opens`` an episode from ``opens_on``.
    """
    run.table(
        "load_open",
        """SELECT i.row_id, e.id, e.school_id, e.grade, e.attendance, e.school_number, e.boarding, e.valid_from,
             e.school_id = w.org_id AS is_here
           FROM load_ids i JOIN load_work w USING (row_id) JOIN registry_enrolment e
             ON e.person_id = i.any_id AND e.valid_to IS NULL WHERE w.seats""",
    )
    run.do(
        """DELETE FROM load_open a USING load_open b
           WHERE a.is_here AND b.is_here AND a.row_id = b.row_id AND a.id > b.id"""
    )
    second = _second_seats(run)
    run.table(
        "load_seat",
        f"""SELECT w.row_id, h.id AS here_id, h.valid_from AS here_from,
              COALESCE(w.grade <> h.grade, false) OR COALESCE(w.attendance <> h.attendance, false) AS is_state,
              COALESCE(w.school_number <> h.school_number, false)
                OR (h.id IS NOT NULL AND w.boarding IS NOT NULL AND w.boarding IS DISTINCT FROM h.boarding) AS
                is_detail,
              h.id IS NULL AND NOT w.row_id = ANY(%(second)s) AS moves,
              h.id IS NULL AS opens,
              CASE WHEN h.id IS NULL THEN COALESCE((SELECT max({START.format(before="o.valid_from")}) FROM load_open o
                WHERE o.row_id = w.row_id), w.entry_on, %(as_of)s) ELSE {START.format(before="h.valid_from")} END AS
                opens_on
            FROM load_work w LEFT JOIN load_open h ON h.row_id = w.row_id AND h.is_here WHERE NOT w.is_new AND w.seats""",  # noqa: S608
        second=second,
    )
    for row_id in second:
        run.note(row_id, "enrolment.several", "school_ref", "review")
    touch(
        run,
        """SELECT DISTINCT o.school_id FROM load_open o JOIN load_seat t USING (row_id)
           WHERE t.moves AND NOT o.is_here""",
    )
    run.note_left(MOVED)
    run.log(
        "registry.enrolment",
        """UPDATE registry_enrolment e SET valid_to = GREATEST(t.opens_on, e.valid_from) FROM load_open o
             JOIN load_seat t USING (row_id) WHERE e.id = o.id AND t.moves AND NOT o.is_here RETURNING e.id""",
        "u",
    )
    _correct_enrolments(run)
    closed = run.log(
        "registry.enrolment",
        """UPDATE registry_enrolment e SET valid_to = t.opens_on FROM load_seat t
           WHERE e.id = t.here_id AND t.is_state AND t.here_from < t.opens_on RETURNING e.id""",
        "u",
    )
    if closed:
        run.do("UPDATE load_seat SET opens = true WHERE is_state AND here_from < opens_on")
    changed = run.rows("SELECT count(*) FROM load_seat WHERE opens OR is_state OR is_detail")[0][0]
    opened = run.rows("SELECT count(*) FROM load_seat WHERE opens AND here_id IS NULL")[0][0]
    run.outcome.updated["enrolments"] += changed - opened
    return int(changed)


def _second_seats(run: Run) -> list[int]:
    """Rows whose child also sits in another school by another row of this very delivery: both schools must see the
    child."""
    keys = run.prepared.batch.keys
    candidates = run.rows(
        """SELECT DISTINCT w.row_id, encode(uuid_send(l.key_hash), 'hex') FROM load_work w
             JOIN load_open o ON o.row_id = w.row_id AND NOT o.is_here
             JOIN registry_sourcelink l ON l.entity_uuid = w.person_id AND l.source_id = %(source_id)s
               AND l.kind = 'students' AND l.key_hash <> w.key_hash
           WHERE NOT w.is_new AND NOT EXISTS (SELECT 1 FROM load_open h WHERE h.row_id = w.row_id AND h.is_here)"""
    )
    if not candidates or keys is None:
        return []
    wanted = {key for _row, key in candidates}
    present = set(keys.filter(keys.is_in(list(wanted))))
    return sorted({row_id for row_id, key in candidates if key in present})


def _correct_enrolments(run: Run) -> None:
    """Details, and states stated again on the day they began, are corrected in place; the former values go into
    history."""
    corrects = "t.here_id IS NOT NULL AND (t.is_detail OR (t.is_state AND t.here_from >= t.opens_on))"
    run.do(
        f"""INSERT INTO registry_personhistory (person_id, before, source, actor_name, import_id)
            SELECT e.person_id, jsonb_build_object('enrolment', jsonb_build_object('id', e.id, 'grade', e.grade,
              'attendance', e.attendance, 'school_number', e.school_number, 'boarding', e.boarding)),
              %(source)s, %(actor)s, %(import_id)s
            FROM load_seat t JOIN registry_enrolment e ON e.id = t.here_id WHERE {corrects}"""  # noqa: S608
    )
    run.log(
        "registry.enrolment",
        f"""UPDATE registry_enrolment e SET school_number = COALESCE(w.school_number, e.school_number),
              boarding = COALESCE(w.boarding, e.boarding),
              grade = CASE WHEN t.here_from >= t.opens_on THEN COALESCE(w.grade, e.grade) ELSE e.grade END,
              attendance = CASE WHEN t.here_from >= t.opens_on THEN COALESCE(w.attendance, e.attendance)
                ELSE e.attendance END
            FROM load_seat t JOIN load_work w USING (row_id) WHERE e.id = t.here_id AND {corrects} RETURNING e.id""",  # noqa: S608
        "u",
    )


ENROLMENT = """INSERT INTO registry_enrolment (person_id, school_id, path, name_key, grade, attendance, school_number,
  boarding, source, valid_from)"""


def _open_enrolments(run: Run) -> None:
    made = run.log(
        "registry.enrolment",
        f"""{ENROLMENT} SELECT person_id, org_id, org_path, name_key, COALESCE(grade, ''), COALESCE(attendance,
          'registered'),
              COALESCE(school_number, ''), boarding, %(source)s, COALESCE(entry_on, %(as_of)s)
            FROM load_work WHERE is_new AND seats RETURNING id""",  # noqa: S608
    )
    if run.rows("SELECT 1 FROM load_work WHERE NOT is_new LIMIT 1"):
        opened = run.log(
            "registry.enrolment",
            f"""{ENROLMENT} SELECT w.person_id, w.org_id, w.org_path, w.name_key, COALESCE(w.grade, e.grade, ''),
                  COALESCE(w.attendance, e.attendance, 'registered'), COALESCE(w.school_number, e.school_number, ''),
                  COALESCE(w.boarding, e.boarding), %(source)s, t.opens_on
                FROM load_seat t JOIN load_work w USING (row_id) LEFT JOIN registry_enrolment e ON e.id = t.here_id
                WHERE t.opens RETURNING id""",  # noqa: S608
        )
        again = run.rows("SELECT count(*) FROM load_seat WHERE opens AND here_id IS NOT NULL")[0][0]
        made += opened - again
    run.outcome.created["enrolments"] += made


# ---- 学籍 --------------------

HAS_REGISTER = "(w.number_blind IS NOT NULL OR w.register_state IS NOT NULL OR w.register_school_ref IS NOT NULL)"


def _change_registers(run: Run) -> None:
    """``load_register``: rows of known pupils with the open 学籍 they name: the same number, else school."""
    run.table(
        "load_register",
        f"""WITH held AS (
              SELECT i.row_id, e.id, e.school_id, e.state, e.grade, e.valid_from, e.number_blind,
                CASE WHEN w.number_blind IS NOT NULL AND e.number_blind IS NOT NULL
                  THEN e.number_blind = w.number_blind ELSE e.school_id = w.register_id END AS fits
              FROM load_ids i JOIN load_work w USING (row_id)
                JOIN registry_registerentry e ON e.person_id = i.any_id AND e.valid_to IS NULL),
            best AS (SELECT DISTINCT ON (row_id) * FROM held WHERE fits ORDER BY row_id, number_blind IS NULL, id),
            many AS (SELECT row_id, count(*) AS held FROM held GROUP BY row_id)
            SELECT w.row_id, f.id, f.valid_from, COALESCE(w.register_id <> f.school_id, false)
              OR COALESCE(w.register_state <> f.state, false) OR COALESCE(w.grade <> f.grade, false) AS changes,
              f.id IS NOT NULL AND w.number_blind IS NOT NULL AND f.number_blind IS NULL AS numbers,
              COALESCE(m.held, 0) > (f.id IS NOT NULL)::int AS is_several
            FROM load_work w LEFT JOIN best f USING (row_id) LEFT JOIN many m USING (row_id)
            WHERE NOT w.is_new AND {HAS_REGISTER}""",  # noqa: S608
    )
    run.log(
        "registry.register_entry",
        """UPDATE registry_registerentry e SET valid_to = %(as_of)s FROM load_register r
           WHERE e.id = r.id AND r.changes AND r.valid_from < %(as_of)s RETURNING e.id""",
        "u",
    )
    run.log(
        "registry.register_entry",
        """UPDATE registry_registerentry e SET state = COALESCE(w.register_state, e.state), grade = COALESCE(w.grade,
        e.grade),
             school_id = w.register_id, path = w.register_path, number_blind = COALESCE(w.number_blind, e.number_blind),
             sealed = COALESCE(w.register_sealed, e.sealed), as_of = COALESCE(w.register_as_of, %(as_of)s)
           FROM load_register r JOIN load_work w USING (row_id)
           WHERE e.id = r.id AND e.valid_to IS NULL AND (r.numbers OR r.changes) RETURNING e.id""",
        "u",
    )
    for (row_id,) in run.rows("SELECT row_id FROM load_register WHERE is_several AND (id IS NULL OR changes)"):
        run.note(row_id, "register.several", "register_number", "review")


REGISTER = """INSERT INTO registry_registerentry (person_id, school_id, path, number_blind, sealed, state, grade,
  source, as_of,
  valid_from)"""


def _open_registers(run: Run) -> None:
    run.log(
        "registry.register_entry",
        f"""{REGISTER} SELECT person_id, register_id, register_path, number_blind, register_sealed,
              COALESCE(register_state, '01'), COALESCE(grade, ''), %(source)s, COALESCE(register_as_of, %(as_of)s),
              COALESCE(entry_on, %(as_of)s)
            FROM load_work w WHERE is_new AND {HAS_REGISTER} RETURNING id""",  # noqa: S608
    )
    if run.rows("SELECT 1 FROM load_work WHERE NOT is_new LIMIT 1"):
        run.log(
            "registry.register_entry",
            f"""{REGISTER} SELECT w.person_id, w.register_id, w.register_path, COALESCE(w.number_blind, e.number_blind),
                  COALESCE(w.register_sealed, e.sealed), COALESCE(w.register_state, e.state, '01'),
                  COALESCE(w.grade, e.grade, ''), %(source)s, COALESCE(w.register_as_of, %(as_of)s),
                  CASE WHEN r.id IS NULL THEN COALESCE(w.entry_on, %(as_of)s) ELSE %(as_of)s END
                FROM load_register r JOIN load_work w USING (row_id) LEFT JOIN registry_registerentry e ON e.id = r.id
                WHERE r.id IS NULL OR e.valid_to IS NOT NULL RETURNING id""",  # noqa: S608
        )


# ---- class seats --------------------


def _change_memberships(run: Run) -> None:
    """A pupil leaves the former administrative class, and every class of a school that the child has left."""
    run.table(
        "load_left",
        """SELECT DISTINCT m.id, m.valid_from, c.school_id FROM load_ids i JOIN load_work w USING (row_id)
             JOIN load_seat t USING (row_id)
             JOIN registry_classmembership m ON m.person_id = i.any_id AND m.valid_to IS NULL
             JOIN registry_classgroup c ON c.id = m.class_group_id
           WHERE (w.class_id IS NOT NULL AND m.class_group_id <> w.class_id AND c.kind <> 'teaching' AND c.school_id
           = w.org_id)
              OR (t.moves AND c.school_id <> w.org_id)""",
    )
    run.log(
        "registry.class_membership",
        """UPDATE registry_classmembership m SET valid_to = GREATEST(%(as_of)s, m.valid_from) FROM load_left x
           WHERE m.id = x.id RETURNING m.id""",
        "u",
    )
    run.log(
        "registry.class_membership",
        """UPDATE registry_classmembership m SET number = w.class_number FROM load_ids i JOIN load_work w USING (row_id)
           WHERE m.person_id = i.any_id AND m.class_group_id = w.class_id AND m.valid_to IS NULL AND w.seats
             AND w.class_number IS DISTINCT FROM m.number AND w.class_number IS NOT NULL RETURNING m.id""",
        "u",
    )


def _open_memberships(run: Run) -> None:
    has_known = bool(run.rows("SELECT 1 FROM load_work WHERE NOT is_new LIMIT 1"))
    begin = "w.is_new THEN COALESCE(w.entry_on, %(as_of)s)"
    known = (
        """AND (w.is_new OR NOT EXISTS (SELECT 1 FROM load_ids i JOIN registry_classmembership m ON m.person_id =
        i.any_id
             WHERE i.row_id = w.row_id AND m.class_group_id = w.class_id AND m.valid_to IS NULL))"""
        if has_known
        else ""
    )
    run.outcome.created["memberships"] += run.log(
        "registry.class_membership",
        f"""INSERT INTO registry_classmembership (class_group_id, person_id, number, source, valid_from)
            SELECT w.class_id, w.person_id, w.class_number, %(source)s, CASE WHEN {begin} ELSE %(as_of)s END
            FROM load_work w WHERE w.class_id IS NOT NULL AND w.seats {known} RETURNING id""",  # noqa: S608
    )
