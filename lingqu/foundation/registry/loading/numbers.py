"""Numbers of other platforms in a delivery: who is meant is found here, what becomes of them decides the module above.

A row states one number of one person. Rows whose person is unknown, ambiguous or outside the scope are refused.
"""

from __future__ import annotations

from lingqu.kernel.actor import Actor

from ..types.slots import NUMBERS_FOUND, NumbersFound
from .people import link_rows
from .run import Run, resolve_organisations

FOUND_BY = (
    """SELECT s.row_id, l.entity_uuid FROM load_stage s JOIN registry_sourcelink l
         ON l.source_id = %(source_id)s AND l.kind = 'students' AND l.key_hash = s.student_hash""",
    """SELECT s.row_id, l.entity_uuid FROM load_stage s JOIN registry_sourcelink l
         ON l.source_id = %(source_id)s AND l.kind = 'staff' AND l.key_hash = s.staff_hash""",
    "SELECT s.row_id, p.id FROM load_stage s JOIN registry_person p ON p.number = s.person_number",
    "SELECT s.row_id, e.person_id FROM load_stage s JOIN registry_registerentry e ON e.number_blind = s.number_blind",
    "SELECT s.row_id, p.id FROM load_stage s JOIN registry_person p ON p.id_blind = s.id_blind",
    """SELECT s.row_id, a.person_id FROM load_stage s JOIN load_org o ON o.ref = s.school_ref
         JOIN registry_appointment a ON a.organisation_id = o.id AND a.staff_number = s.staff_number
           AND a.valid_to IS NULL AND a.staff_number <> ''""",
)
"""Ways that name one person. Two of them must not name two people."""
WITHIN = """(p.path >= %(scope)s::ltree AND p.path < %(scope_end)s::ltree
  OR EXISTS (SELECT 1 FROM registry_enrolment e WHERE e.person_id = p.id AND e.valid_to IS NULL
    AND e.path >= %(scope)s::ltree AND e.path < %(scope_end)s::ltree)
  OR EXISTS (SELECT 1 FROM registry_appointment a WHERE a.person_id = p.id AND a.valid_to IS NULL
    AND a.path >= %(scope)s::ltree AND a.path < %(scope_end)s::ltree))"""


def apply_numbers(run: Run) -> None:
    resolve_organisations(run, "school_ref")
    if not _find_people(run):
        return
    found = NumbersFound(
        cursor=run.cursor, table="load_work", scope=run.prepared.batch.scope, as_of=run.as_of, source=run.source.code
    )
    for taken in NUMBERS_FOUND.collect(Actor.system(run.actor_name), found):
        run.outcome.created["numbers"] += taken.created
        run.outcome.updated["numbers"] += taken.updated
        run.outcome.unchanged["numbers"] += taken.unchanged
        run.outcome.rejected += len(taken.refused)
        for row_id, rule, message in taken.refused:
            row = run.prepared.frame.row(row_id, named=True)
            run.note(row_id, rule, row["issuer"], "block", message=message, value=row["value"])
        run.do(
            "UPDATE load_work SET again = true WHERE row_id = ANY(%(rows)s)",
            rows=[row for row, *_rest in taken.refused],
        )
    link_rows(run)


def _find_people(run: Run) -> int:
    """``load_work``: the rows whose person is known, lives and belongs to the scope; the others are refused."""
    run.table(
        "load_hit",
        "SELECT DISTINCT h.row_id, COALESCE(p.canonical_id, p.id) AS person FROM ("  # noqa: S608
        + " UNION ALL ".join(FOUND_BY)
        + ") h(row_id, person) JOIN registry_person p ON p.id = h.person",
    )
    run.table(
        "load_named",
        """SELECT row_id, count(*) AS n, (array_agg(person))[1] AS person_id FROM load_hit GROUP BY row_id""",
    )
    run.do("ANALYZE load_named")
    run.reject(
        run.rows(
            f"""SELECT s.row_id, CASE WHEN h.n IS NULL OR p.deceased_on IS NOT NULL THEN 'reference.person'
                 WHEN h.n > 1 THEN 'person.contradiction' WHEN s.name IS NOT NULL AND p.name <> s.name
                 THEN 'number.other_name' ELSE 'scope.outside' END, s.issuer
               FROM load_stage s LEFT JOIN load_named h USING (row_id) LEFT JOIN registry_person p ON p.id = h.person_id
               WHERE h.n IS DISTINCT FROM 1 OR p.deceased_on IS NOT NULL OR p.name <> s.name OR NOT {WITHIN}"""  # noqa: S608
        )
    )
    return run.table(
        "load_work", "SELECT s.*, h.person_id, false AS again FROM load_stage s JOIN load_named h USING (row_id)"
    )
