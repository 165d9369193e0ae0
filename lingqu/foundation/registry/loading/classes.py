"""Sessions, courses and classes."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from ..services.naming import settle_names
from ..services.reference import ensure_school_year, school_year_of
from ..types.grades import display_name, stage_of
from ..types.words import GRADES
from .run import Run, resolve_organisations, touch
from .staging import key_digests


def apply_sessions(run: Run) -> None:
    _find_linked(run)
    for row_id, linked, start, end in run.rows("SELECT row_id, linked, start_on, end_on FROM load_stage"):
        row = run.prepared.frame.row(row_id, named=True)
        if start is None or end is None or end < start:
            run.reject([(row_id, "session.dates", "start_on")])
            continue
        values = {"name": row["title"], "session_kind": row["kind"] or "term", "start": start, "end": end, "id": linked,
                  "year": _school_year(row["school_year"], start)}  # fmt: skip
        found = run.rows(
            """UPDATE registry_term SET name = %(name)s, kind = %(session_kind)s, start_on = %(start)s, end_on =
            %(end)s,
                 school_year_id = %(year)s WHERE id = %(id)s RETURNING id""",
            **values,
        ) or run.rows(
            """INSERT INTO registry_term (id, school_year_id, code, kind, name, start_on, end_on)
               VALUES (uuidv7(), %(year)s, '9', %(session_kind)s, %(name)s, %(start)s, %(end)s) RETURNING id""",
            **values,
        )
        _settle(run, "sessions", "registry.term", row, found[0][0], is_new=found[0][0] != linked)


def _find_linked(run: Run) -> None:
    """Rows that another run of this delivery linked meanwhile, or whose digest was not looked up."""
    run.do(
        """UPDATE load_stage s SET linked = l.entity_uuid FROM registry_sourcelink l WHERE s.linked IS NULL
             AND l.source_id = %(source_id)s AND l.kind = %(kind)s AND l.key_hash = s.key_hash"""
    )


def _school_year(stated: str | None, day: date) -> str:
    code = (stated or "").strip()
    if len(code) == 4 and code.isdigit():
        code = f"{int(code) - 1}-{code}"
    first, dash, last = code.partition("-")
    is_good = dash and len(first) == 4 and first.isdigit() and last.isdigit() and int(last) == int(first) + 1
    code = code if is_good and int(first) > 0 else school_year_of(day)
    return ensure_school_year(code).code


def _settle(run: Run, kind: str, entity: str, row: dict[str, Any], entity_id: Any, *, is_new: bool) -> None:
    """Count, log and link one row of a small kind."""
    (run.outcome.created if is_new else run.outcome.updated)[kind] += 1
    run.do(
        "INSERT INTO kernel_change (entity, entity_id, operation) VALUES (%(entity)s, %(id)s, %(op)s)",
        entity=entity, id=str(entity_id), op="c" if is_new else "u",
    )  # fmt: skip
    run.do(
        """INSERT INTO registry_sourcelink (source_id, kind, key_hash, row_hash, entity_uuid)
           VALUES (%(source_id)s, %(kind)s, %(key)s, %(row)s, %(id)s)
           ON CONFLICT (source_id, kind, key_hash) DO UPDATE SET row_hash = EXCLUDED.row_hash,
             entity_uuid = EXCLUDED.entity_uuid""",
        key=row["key_hash"], row="0" * 32 if row.get("again") else row["row_hash"], id=entity_id,
    )  # fmt: skip


def apply_courses(run: Run) -> None:
    _find_linked(run)
    resolve_organisations(run, "organisation_ref")
    for row_id, linked, organisation_id in run.rows(
        """SELECT s.row_id, s.linked, CASE WHEN o.in_scope THEN o.id END FROM load_stage s
             LEFT JOIN load_org o ON o.ref = s.organisation_ref"""
    ):
        row = run.prepared.frame.row(row_id, named=True)
        if row["organisation_ref"] and organisation_id is None:
            run.note(row_id, "reference.organisation", "organisation_ref", "review")
            row["again"] = True
        values = {"name": row["title"], "code": row["code"] or "", "subject": row["subject"] or "",
                  "organisation": organisation_id, "id": linked}  # fmt: skip
        found = run.rows(
            """UPDATE registry_course SET name = %(name)s, code = %(code)s, subject = %(subject)s,
                 organisation_id = COALESCE(%(organisation)s::uuid, organisation_id) WHERE id = %(id)s RETURNING id""",
            **values,
        ) or run.rows(
            """INSERT INTO registry_course (id, organisation_id, name, code, subject)
               VALUES (uuidv7(), %(organisation)s, %(name)s, %(code)s, %(subject)s) RETURNING id""",
            **values,
        )
        _settle(run, "courses", "registry.course", row, found[0][0], is_new=found[0][0] != linked)


# ---- classes --------------------

VALUES = ("kind", "entry_year", "serial", "name", "written_name", "local_name", "campus", "room", "course_id")
SPELLINGS = ("name", "written_name")
"""Of a class that another source brought, its spelling is kept."""


def apply_classes(run: Run) -> None:
    """One row per class and school year. A class keeps its id while its key, or school + year + name, stays."""
    _find_linked(run)
    resolve_organisations(run, "school_ref")
    run.reject(
        run.rows(
            """SELECT s.row_id, CASE WHEN o.id IS NULL THEN 'reference.school' ELSE 'scope.outside' END, 'school_ref'
               FROM load_stage s LEFT JOIN load_org o ON o.ref = s.school_ref WHERE o.in_scope IS NOT TRUE"""
        )
    )
    _prepare_names(run)
    _resolve_courses(run)
    _match_classes(run)
    _write_classes(run)
    _write_terms(run)
    touch(run, "SELECT DISTINCT org_id FROM load_work")
    settle_names(row[0] for row in run.rows("SELECT DISTINCT org_id FROM load_work WHERE is_new"))


def _prepare_names(run: Run) -> None:
    """``load_name``: the year and the display name of each row, by the school's rule."""
    frame = run.prepared.frame
    years: dict[str | None, str] = {}
    made = []
    staged = _staged_schools(run)
    for row_id, display, schooling, school in run.rows(
        "SELECT s.row_id, o.class_display, o.schooling, o.id FROM load_stage s JOIN load_org o ON o.ref = s.school_ref"
    ):
        row = frame.row(row_id, named=True)
        if row["school_year"] not in years:
            years[row["school_year"]] = _school_year(row["school_year"], run.as_of)
        grades = [part for part in (row["grades"] or "").split(",") if part]
        name = row["written_name"] or ""
        if not row["local_name"] and all(grade in GRADES for grade in grades):
            name = display_name(
                display, written=name, grades=grades, serial=row["serial"], entry_year=row["entry_year"],
                schooling=schooling, kind=row["kind"] or "administrative", is_staged=school in staged,
            )  # fmt: skip
        made.append((row_id, years[row["school_year"]], name, grades))
    run.do("DROP TABLE IF EXISTS load_name")
    run.do("CREATE TEMP TABLE load_name (row_id int, year text, name text, grade_list varchar(3)[]) ON COMMIT DROP")
    run.copy("load_name", ("row_id", "year", "name", "grade_list"), made)


def _staged_schools(run: Run) -> set[UUID]:
    """Schools with classes of several stages, in the file and before: their cohort names say the stage."""
    stages: dict[UUID, set[str]] = defaultdict(set)
    for school, schooling, grades in run.rows(
        """SELECT DISTINCT o.id, o.schooling, r.grades FROM load_org o JOIN (
             SELECT school_ref AS ref, grades FROM load_stage WHERE COALESCE(kind, 'administrative') = 'administrative'
             UNION SELECT k.ref, array_to_string(g.grades, ',') FROM registry_classgroup g JOIN load_org k
               ON k.id = g.school_id WHERE g.kind = 'administrative' AND g.closed_on IS NULL) r ON r.ref = o.ref
           WHERE o.in_scope"""
    ):
        if grades in GRADES:
            stages[school].add(stage_of(grades, schooling))
    return {school for school, found in stages.items() if len(found) > 1}


def _resolve_courses(run: Run) -> None:
    """``load_course``: references to courses, by key of this source."""
    references = sorted({value for value in run.prepared.frame["course_ref"].unique() if value})
    run.table(
        "load_course",
        """SELECT k.ref, l.entity_uuid AS id FROM unnest(%(refs)s::text[], %(digests)s::uuid[]) AS k(ref, digest)
             JOIN registry_sourcelink l ON l.source_id = %(source_id)s AND l.kind = 'courses' AND l.key_hash =
             k.digest""",
        refs=references, digests=key_digests("courses", references),
    )  # fmt: skip


def _match_classes(run: Run) -> None:
    """``load_work``: rows with the class they are (``class_id``), first row of each class only.

    A class is known by this source's key, else by its spelling in the school, else by grades and serial where exactly
    one class of another source, or one opened by hand, has them: 一年一班 and 一年级1班 are one class.
    """
    run.table(
        "load_work",
        """SELECT q.*, COALESCE(q.found, uuidv7()) AS class_id, q.found IS NULL AS is_new FROM (
             SELECT s.row_id, s.key_hash, s.row_hash, s.linked, s.pass, o.id AS org_id, n.year, n.name, n.grade_list,
               CASE WHEN s.kind IN ('administrative', 'teaching', 'multigrade') THEN s.kind END AS kind, s.entry_year,
               s.serial, s.written_name, s.local_name, s.campus, s.room, c.id AS course_id, s.session_refs,
               s.course_ref IS NOT NULL AND c.id IS NULL AS again,
               COALESCE((SELECT g.id FROM registry_classgroup g WHERE g.id = s.linked AND g.school_year_id = n.year),
                 (SELECT g.id FROM registry_classgroup g WHERE g.school_id = o.id AND g.school_year_id = n.year
                    AND g.written_name = s.written_name ORDER BY g.id LIMIT 1),
                 (SELECT (array_agg(g.id))[1] FROM registry_classgroup g WHERE g.school_id = o.id
                    AND g.school_year_id = n.year AND g.source <> %(source)s AND g.closed_on IS NULL
                    AND g.grades = n.grade_list AND g.serial = s.serial
                    AND (g.source = 'local' OR COALESCE(s.local_name, '') = '')
                    AND g.kind = COALESCE(s.kind, 'administrative') HAVING count(*) = 1)) AS found
             FROM load_stage s JOIN load_org o ON o.ref = s.school_ref JOIN load_name n USING (row_id)
               LEFT JOIN load_course c ON c.ref = s.course_ref ORDER BY s.row_id OFFSET 0) q""",
    )
    run.do(
        """UPDATE load_work w SET class_id = f.class_id, is_new = false FROM (
             SELECT org_id, year, written_name, (array_agg(class_id ORDER BY row_id))[1] AS class_id, min(row_id) AS
             first
             FROM load_work WHERE is_new GROUP BY 1, 2, 3 HAVING count(*) > 1) f
           WHERE w.is_new AND w.org_id = f.org_id AND w.year = f.year AND w.written_name = f.written_name
             AND w.row_id > f.first"""
    )
    for (row_id,) in run.rows("SELECT row_id FROM load_work WHERE again"):
        run.note(row_id, "reference.course", "course_ref", "review")


def _write_classes(run: Run) -> None:
    made = run.log(
        "registry.class_group",
        """INSERT INTO registry_classgroup (id, school_id, school_year_id, kind, grades, entry_year, serial, name,
        written_name,
             local_name, campus, room, course_id, size, source)
           SELECT class_id, org_id, year, COALESCE(kind, 'administrative'), COALESCE(grade_list, '{}'), entry_year,
           serial,
             name, written_name, COALESCE(local_name, ''), COALESCE(campus, ''), COALESCE(room, ''), course_id, 0,
             %(source)s
           FROM load_work WHERE is_new RETURNING id""",
    )
    theirs = "g.source NOT IN (%(source)s, 'local')"
    said = {
        name: f"CASE WHEN {theirs} THEN g.{name} ELSE w.{name} END" if name in SPELLINGS else f"w.{name}"
        for name in VALUES
    }
    sets = ", ".join(f"{name} = COALESCE({value}, g.{name})" for name, value in said.items())
    differs = " OR ".join(f"COALESCE({value}, g.{name}) IS DISTINCT FROM g.{name}" for name, value in said.items())
    changed = run.log(
        "registry.class_group",
        f"""UPDATE registry_classgroup g SET {sets},
              grades = CASE WHEN cardinality(w.grade_list) > 0 THEN w.grade_list ELSE g.grades END, updated_at = now()
            FROM load_work w WHERE g.id = w.class_id AND NOT w.is_new
              AND ({differs} OR (cardinality(w.grade_list) > 0 AND w.grade_list <> g.grades)) RETURNING g.id""",  # noqa: S608
        "u",
    )
    total = run.rows("SELECT count(*) FROM load_work")[0][0]
    run.outcome.created["classes"] += made
    run.outcome.updated["classes"] += changed
    run.outcome.unchanged["classes"] += total - made - changed


def _write_terms(run: Run) -> None:
    """Sessions of a class, then the links of the rows: a row with an unknown session is looked at again next time."""
    wanted = {row["row_id"]: [part for part in (row["session_refs"] or "").split(",") if part]
              for row in run.prepared.frame.select("row_id", "session_refs").iter_rows(named=True)}  # fmt: skip
    references = sorted({reference for refs in wanted.values() for reference in refs})
    digests = key_digests("sessions", references)
    found = dict(
        run.rows(
            """SELECT encode(uuid_send(key_hash), 'hex'), entity_uuid FROM registry_sourcelink
               WHERE source_id = %(source_id)s AND kind = 'sessions' AND key_hash = ANY(%(digests)s::uuid[])""",
            digests=digests,
        )
    )
    terms = {reference: found.get(digest or "") for reference, digest in zip(references, digests, strict=True)}
    present = dict(run.rows("SELECT row_id, class_id FROM load_work"))
    pairs = [(present[i], terms[r]) for i, refs in wanted.items() if i in present for r in refs if terms[r]]
    unknown = sorted({i for i, refs in wanted.items() if i in present for r in refs if not terms[r]})
    run.do(
        """INSERT INTO registry_classgroup_terms (classgroup_id, term_id)
           SELECT * FROM unnest(%(classes)s::uuid[], %(terms)s::uuid[]) ON CONFLICT DO NOTHING""",
        classes=[c for c, _t in pairs], terms=[t for _c, t in pairs],
    )  # fmt: skip
    for row_id in unknown:
        run.note(row_id, "reference.session", "session_refs", "review")
    run.do(
        """INSERT INTO registry_sourcelink (source_id, kind, key_hash, row_hash, entity_uuid)
           SELECT DISTINCT ON (key_hash) %(source_id)s, 'classes', key_hash, CASE WHEN again OR row_id =
           ANY(%(unknown)s)
             THEN '00000000-0000-0000-0000-000000000000'::uuid ELSE row_hash END, class_id FROM load_work ORDER BY
             key_hash
           ON CONFLICT (source_id, kind, key_hash) DO UPDATE SET row_hash = EXCLUDED.row_hash,
             entity_uuid = EXCLUDED.entity_uuid""",
        unknown=unknown,
    )
