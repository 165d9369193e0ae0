"""Pupil attributes of a delivery: who is meant, what is new, what ends. The sensitive ones are sealed before they are sent.

A row states any number of kinds for one pupil. Not stated keeps what is known, ``0`` ends it, ``1`` is a plain yes that
leaves a known class (一方外出, 低保 …) as it is. 寄宿 and 送教上门 stand in 就读 and are written there.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from lingqu.kernel.crypto import seal_fields, unseal_fields

from ..types.attributes import OF_ENROLMENT, SENSITIVE, AttributeKind
from .people import link_rows
from .run import Run, resolve_classes, resolve_organisations

OFF, YES = "0", "1"
_SAID = {"f": OFF, "t": YES}
FOUND_BY = (
    """SELECT s.row_id, l.entity_uuid FROM load_stage s JOIN registry_sourcelink l
         ON l.source_id = %(source_id)s AND l.kind = 'students' AND l.key_hash = s.student_hash""",
    "SELECT s.row_id, p.id FROM load_stage s JOIN registry_person p ON p.number = s.person_number",
    "SELECT s.row_id, e.person_id FROM load_stage s JOIN registry_registerentry e ON e.number_blind = s.number_blind",
    "SELECT s.row_id, p.id FROM load_stage s JOIN registry_person p ON p.id_blind = s.id_blind",
)
"""Ways that name one pupil by a key or a number. Two of them must not name two people."""
FOUND_BY_NAME = """
SELECT s.row_id, e.person_id FROM load_stage s JOIN load_org o ON o.ref = s.school_ref
  JOIN registry_enrolment e ON e.path = o.path AND e.school_id = o.id AND e.valid_to IS NULL
  JOIN registry_person p ON p.id = e.person_id AND p.name = s.name AND p.deceased_on IS NULL
  LEFT JOIN load_class c ON c.school_ref = s.school_ref AND c.ref = s.class_ref
WHERE NOT EXISTS (SELECT 1 FROM load_hit h WHERE h.row_id = s.row_id) AND NOT s.has_number
  AND (s.class_ref IS NULL OR EXISTS (SELECT 1 FROM registry_classmembership m WHERE m.person_id = e.person_id
    AND m.class_group_id = c.id AND m.valid_to IS NULL))
"""


def apply_attributes(run: Run) -> None:
    resolve_organisations(run, "school_ref")
    resolve_classes(run, "class_ref")
    run.do("ALTER TABLE load_stage ADD COLUMN has_number boolean")
    run.do(
        """UPDATE load_stage SET has_number = num_nonnulls(student_hash, person_number, number_blind, id_blind) > 0"""
    )
    if not _find_pupils(run):
        return
    _spread(run)
    _close_stated(run)
    _compare(run)
    _write_episodes(run)
    _write_enrolments(run)
    run.do(
        """INSERT INTO kernel_change (entity, entity_id, operation)
           SELECT DISTINCT 'registry.person', person_id::text, 'u' FROM load_touched"""
    )
    link_rows(run)


def _find_pupils(run: Run) -> int:
    """``load_work``: the rows whose pupil is known, lives, and sits within the scope; the others are refused."""
    run.table(
        "load_hit",
        "SELECT DISTINCT h.row_id, COALESCE(p.canonical_id, p.id) AS person FROM ("  # noqa: S608
        + " UNION ALL ".join(FOUND_BY)
        + ") h(row_id, person) JOIN registry_person p ON p.id = h.person",
    )
    run.do(
        f"""INSERT INTO load_hit SELECT DISTINCT f.row_id, COALESCE(p.canonical_id, p.id) FROM ({FOUND_BY_NAME}) f
              JOIN registry_person p ON p.id = f.person_id"""  # noqa: S608
    )
    run.reject(
        run.rows(
            """SELECT s.row_id, CASE WHEN h.n IS NULL OR p.deceased_on IS NOT NULL THEN 'reference.child'
                 WHEN h.n > 1 AND s.has_number THEN 'person.contradiction' WHEN h.n > 1 THEN 'person.suspect'
                 WHEN s.name IS NOT NULL AND p.name <> s.name THEN 'attribute.other_name'
                 WHEN NOT EXISTS (SELECT 1 FROM registry_enrolment e JOIN registry_person i ON i.id = e.person_id
                   WHERE (i.id = p.id OR i.canonical_id = p.id) AND e.valid_to IS NULL) THEN 'attribute.no_pupil'
                 ELSE 'scope.outside' END, 'name'
               FROM load_stage s LEFT JOIN (SELECT row_id, count(*) AS n, (array_agg(person))[1] AS person FROM load_hit
                 GROUP BY row_id) h USING (row_id) LEFT JOIN registry_person p ON p.id = h.person
               WHERE h.n IS DISTINCT FROM 1 OR p.deceased_on IS NOT NULL OR p.name <> s.name OR NOT EXISTS (
                 SELECT 1 FROM registry_enrolment e JOIN registry_person i ON i.id = e.person_id
                 WHERE (i.id = p.id OR i.canonical_id = p.id) AND e.valid_to IS NULL
                   AND e.path >= %(scope)s::ltree AND e.path < %(scope_end)s::ltree)"""
        )
    )
    return run.table(
        "load_work",
        """SELECT s.*, h.person AS person_id, false AS again FROM load_stage s JOIN load_hit h USING (row_id)""",
    )


def _spread(run: Run) -> None:
    """``load_trait``: one line a pupil and kind. The last line of a pupil's kind counts; closed periods stand apart."""
    run.do("DROP TABLE IF EXISTS load_trait")
    run.do(
        """CREATE TEMP TABLE load_trait (row_id int, kind text, is_on boolean, value text, sealed bytea, is_sensitive
             boolean) ON COMMIT DROP"""
    )
    lines = []
    for row_id, kind, said in _said(run.prepared.frame):
        value = "" if said in (OFF, YES) else said
        is_sensitive = kind in SENSITIVE
        sealed = seal_fields({"value": value, "note": ""}) if is_sensitive and said != OFF else None
        lines.append((row_id, kind, said != OFF, "" if is_sensitive else value, sealed, is_sensitive))
    run.copy("load_trait", ("row_id", "kind", "is_on", "value", "sealed", "is_sensitive"), lines)
    run.do("ANALYZE load_trait")
    run.table("load_touched", "SELECT NULL::uuid AS person_id WHERE false")


def _said(frame: pl.DataFrame) -> list[tuple[int, str, str]]:
    kinds = [kind for kind in AttributeKind.values if kind in frame.columns]
    long = frame.select("row_id", *kinds).unpivot(kinds, index="row_id", variable_name="kind", value_name="said")
    stated = long.filter(pl.col("said").is_not_null()).sort("row_id")
    return [(row_id, kind, _SAID.get(said, said)) for row_id, kind, said in stated.iter_rows()]


def _close_stated(run: Run) -> None:
    """Periods that are over already: written as closed episodes, unless the same one is known. They leave the lines."""
    over = "w.end_on IS NOT NULL AND w.end_on <= %(as_of)s AND t.is_on"
    begins = "COALESCE(w.begin_on, w.end_on)"
    run.outcome.updated["attributes"] += run.log(
        "registry.pupil_attribute",
        f"""UPDATE registry_pupilattribute a SET valid_to = GREATEST(w.end_on, a.valid_from)
            FROM load_trait t JOIN load_work w USING (row_id)
            WHERE {over} AND t.kind = a.kind AND a.person_id = w.person_id AND a.valid_to IS NULL
              AND (w.begin_on IS NULL OR a.valid_from <= w.end_on) RETURNING a.id""",  # noqa: S608
        "u",
    )
    run.outcome.created["attributes"] += run.log(
        "registry.pupil_attribute",
        f"""INSERT INTO registry_pupilattribute (person_id, kind, is_sensitive, value, note, sealed, source, recorded_by,
              valid_from, valid_to)
            SELECT DISTINCT ON (w.person_id, t.kind, {begins}) w.person_id, t.kind, t.is_sensitive, t.value, '', t.sealed,
              COALESCE(w.source, %(told)s), %(actor)s, {begins}, GREATEST(w.end_on, {begins})
            FROM load_trait t JOIN load_work w USING (row_id) WHERE {over} AND w.begin_on < w.end_on
              AND t.kind <> ALL(%(enrolled)s) AND NOT EXISTS (SELECT 1 FROM registry_pupilattribute a
                WHERE a.person_id = w.person_id AND a.kind = t.kind AND a.valid_from < w.end_on
                  AND COALESCE(a.valid_to, 'infinity') > w.begin_on)
            ORDER BY w.person_id, t.kind, {begins}, t.row_id DESC RETURNING id""",  # noqa: S608
        enrolled=list(OF_ENROLMENT), **_told(run),
    )  # fmt: skip
    run.do(
        f"""WITH gone AS (DELETE FROM load_trait t USING load_work w WHERE w.row_id = t.row_id AND {over}
              RETURNING w.person_id) INSERT INTO load_touched SELECT DISTINCT person_id FROM gone"""  # noqa: S608
    )


def _told(run: Run) -> dict[str, Any]:
    """What stands as the source of a row that names none: the batch."""
    return {"told": run.prepared.batch.number or run.source.code}


def _compare(run: Run) -> None:
    """``load_next``: what each line needs against the open episode of its kind (``here``)."""
    run.table(
        "load_next",
        """SELECT DISTINCT ON (w.person_id, t.kind) t.row_id, w.person_id, t.kind, t.is_on, t.value, t.sealed,
             t.is_sensitive, COALESCE(w.source, %(told)s) AS source, w.end_on AS until, a.id AS here_id,
             a.valid_from AS here_from, a.until AS here_until, false AS differs,
             CASE WHEN a.id IS NULL THEN COALESCE(w.begin_on, %(as_of)s)
               WHEN t.is_on AND w.begin_on > a.valid_from THEN w.begin_on
               ELSE GREATEST(LEAST(COALESCE(w.end_on, %(as_of)s), %(as_of)s), a.valid_from) END AS starts
           FROM load_trait t JOIN load_work w USING (row_id)
             LEFT JOIN LATERAL (SELECT x.id, x.valid_from, x.until FROM registry_pupilattribute x
               JOIN registry_person i ON i.id = x.person_id
               WHERE (i.id = w.person_id OR i.canonical_id = w.person_id) AND x.kind = t.kind AND x.valid_to IS NULL
               ORDER BY x.id LIMIT 1) a ON true
           WHERE t.kind <> ALL(%(enrolled)s) ORDER BY w.person_id, t.kind, t.row_id DESC""",
        enrolled=list(OF_ENROLMENT), **_told(run),
    )  # fmt: skip
    stated = {(row_id, kind): said for row_id, kind, said in _said(run.prepared.frame)}
    differing = []
    for row_id, kind, value, sealed in run.rows(
        """SELECT n.row_id, n.kind, a.value, a.sealed FROM load_next n JOIN registry_pupilattribute a ON a.id = n.here_id
           WHERE n.is_on"""
    ):
        said = stated[row_id, kind]
        known = unseal_fields(sealed).get("value", "") if sealed is not None else value
        if said not in (YES, known):
            differing.append((row_id, kind))
    if differing:
        run.do(
            """UPDATE load_next n SET differs = true FROM unnest(%(rows)s::int[], %(kinds)s::text[]) AS d(row_id, kind)
               WHERE n.row_id = d.row_id AND n.kind = d.kind""",
            rows=[row_id for row_id, _kind in differing], kinds=[kind for _row, kind in differing],
        )  # fmt: skip


def _write_episodes(run: Run) -> None:
    run.log(
        "registry.pupil_attribute",
        """UPDATE registry_pupilattribute a SET until = n.until FROM load_next n
           WHERE a.id = n.here_id AND n.is_on AND NOT n.differs AND n.until IS NOT NULL
             AND n.until IS DISTINCT FROM a.until RETURNING a.id""",
        "u",
    )
    ended = run.log(
        "registry.pupil_attribute",
        """UPDATE registry_pupilattribute a SET valid_to = n.starts FROM load_next n
           WHERE a.id = n.here_id AND (n.differs OR NOT n.is_on) RETURNING a.id""",
        "u",
    )
    opened = run.log(
        "registry.pupil_attribute",
        """INSERT INTO registry_pupilattribute (person_id, kind, is_sensitive, value, note, sealed, source, recorded_by,
             valid_from, until)
           SELECT person_id, kind, is_sensitive, value, '', sealed, source, %(actor)s, starts, until
           FROM load_next WHERE is_on AND (here_id IS NULL OR differs) ORDER BY row_id, kind RETURNING id""",
    )
    run.do(
        """INSERT INTO load_touched SELECT DISTINCT person_id FROM load_next WHERE (is_on AND (here_id IS NULL OR differs
             OR until IS DISTINCT FROM here_until AND until IS NOT NULL)) OR (NOT is_on AND here_id IS NOT NULL)"""
    )
    changed, same = run.rows(
        """SELECT count(*) FILTER (WHERE differs), count(*) FILTER (WHERE NOT differs AND (is_on = (here_id IS NOT NULL)))
           FROM load_next"""
    )[0]
    run.outcome.created["attributes"] += opened - changed
    run.outcome.updated["attributes"] += ended
    run.outcome.unchanged["attributes"] += same


def _write_enrolments(run: Run) -> None:
    """寄宿 and 送教上门: the open 就读 within the scope says so from now on; what it said goes into the history."""
    if not run.rows("SELECT 1 FROM load_trait WHERE kind = ANY(%(kinds)s) LIMIT 1", kinds=list(OF_ENROLMENT)):
        return
    run.table(
        "load_turn",
        """SELECT e.id, e.person_id, COALESCE(b.is_on, e.boarding) AS boarding,
             CASE WHEN h.is_on AND e.attendance = 'registered' THEN 'home_taught'
               WHEN NOT h.is_on AND e.attendance = 'home_taught' THEN 'registered' ELSE e.attendance END AS attendance
           FROM (SELECT DISTINCT w.person_id FROM load_trait t JOIN load_work w USING (row_id)
               WHERE t.kind IN ('boarding', 'home_taught')) q
             JOIN registry_enrolment e ON e.person_id = q.person_id AND e.valid_to IS NULL
               AND e.path >= %(scope)s::ltree AND e.path < %(scope_end)s::ltree
             LEFT JOIN (SELECT DISTINCT ON (w.person_id) w.person_id, t.is_on FROM load_trait t JOIN load_work w USING (row_id)
               WHERE t.kind = 'boarding' ORDER BY w.person_id, t.row_id DESC) b ON b.person_id = q.person_id
             LEFT JOIN (SELECT DISTINCT ON (w.person_id) w.person_id, t.is_on FROM load_trait t JOIN load_work w USING (row_id)
               WHERE t.kind = 'home_taught' ORDER BY w.person_id, t.row_id DESC) h ON h.person_id = q.person_id""",
    )
    run.do(
        """DELETE FROM load_turn t USING registry_enrolment e
           WHERE e.id = t.id AND e.attendance = t.attendance AND e.boarding IS NOT DISTINCT FROM t.boarding"""
    )
    run.do(
        """INSERT INTO registry_personhistory (person_id, before, source, actor_name, import_id)
           SELECT e.person_id, jsonb_build_object('enrolment', jsonb_build_object('id', e.id, 'grade', e.grade,
             'attendance', e.attendance, 'school_number', e.school_number, 'boarding', e.boarding)),
             %(source)s, %(actor)s, %(import_id)s FROM load_turn t JOIN registry_enrolment e ON e.id = t.id"""
    )
    run.outcome.updated["attributes"] += run.log(
        "registry.enrolment",
        """UPDATE registry_enrolment e SET boarding = t.boarding, attendance = t.attendance FROM load_turn t
           WHERE e.id = t.id RETURNING e.id""",
        "u",
    )
    run.do("INSERT INTO load_touched SELECT DISTINCT person_id FROM load_turn")
    run.do("DELETE FROM load_trait WHERE kind IN ('boarding', 'home_taught')")
