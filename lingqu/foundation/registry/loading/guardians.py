"""Guardians: a person or an organisation, and the dated link to the child."""

from __future__ import annotations

from lingqu.kernel import crypto

from .people import change_people, create_people, link_rows, match_people, settle_people
from .run import Run, resolve_organisations, touch


def apply_guardians(run: Run) -> None:
    resolve_organisations(run, "organisation_ref")
    _find_children(run)
    for number in range(1, run.prepared.passes + 1):
        run.values["pass"] = number
        _apply_pass(run)
    run.reject([(row[0], "person.repeated", "name") for row in
                run.rows("SELECT row_id FROM load_stage WHERE pass > %(pass)s")])  # fmt: skip


def _find_children(run: Run) -> None:
    """``load_child``: the child of each row, by its key in this source, else by 学籍号 or ID number."""
    run.table(
        "load_child",
        """SELECT s.row_id, l.entity_uuid AS child_id FROM load_stage s JOIN registry_sourcelink l
             ON l.source_id = %(source_id)s AND l.kind = 'students' AND l.key_hash = s.child_hash""",
    )
    open_rows = [row[0] for row in run.rows(
        "SELECT s.row_id FROM load_stage s LEFT JOIN load_child c USING (row_id) WHERE c.row_id IS NULL")]  # fmt: skip
    if open_rows:
        stated = run.prepared.frame["child_ref"].gather(open_rows).to_list()
        run.do(
            """INSERT INTO load_child SELECT f.row_id, (array_agg(f.person_id))[1] FROM (
                 SELECT k.row_id, e.person_id FROM unnest(%(rows)s::int[], %(numbers)s::uuid[]) AS k(row_id, digest)
                   JOIN registry_registerentry e ON e.number_blind = k.digest
                 UNION SELECT k.row_id, p.id FROM unnest(%(rows)s::int[], %(ids)s::uuid[]) AS k(row_id, digest)
                   JOIN registry_person p ON p.id_blind = k.digest) f
               GROUP BY f.row_id HAVING count(DISTINCT f.person_id) = 1""",
            rows=open_rows, numbers=crypto.blind_all("register", stated), ids=crypto.blind_all("id", stated),
        )  # fmt: skip
    run.reject(
        run.rows(
            """SELECT s.row_id, CASE WHEN p.id IS NULL THEN 'reference.child' ELSE 'scope.outside' END, 'child_ref'
               FROM load_stage s LEFT JOIN load_child c USING (row_id) LEFT JOIN registry_person p ON p.id = c.child_id
               WHERE (p.path >= %(scope)s::ltree AND p.path < %(scope_end)s::ltree) IS NOT TRUE"""
        )
    )
    for (row_id,) in run.rows(
        """SELECT s.row_id FROM load_stage s LEFT JOIN load_org o ON o.ref = s.organisation_ref
           WHERE s.organisation_ref IS NOT NULL AND o.id IS NULL"""
    ):
        run.note(row_id, "reference.organisation", "organisation_ref", "review")


def _apply_pass(run: Run) -> None:
    made = run.table(
        "load_row",
        """SELECT s.*, COALESCE(c.canonical_id, c.id) AS child_id, c.organisation_id AS org_id, c.path AS org_path,
             o.id AS guardian_organisation_id, s.organisation_ref IS NOT NULL AND o.id IS NULL AS again
           FROM load_stage s JOIN load_child k USING (row_id) JOIN registry_person c ON c.id = k.child_id
             LEFT JOIN load_org o ON o.ref = s.organisation_ref
           WHERE s.pass = %(pass)s ORDER BY s.row_id""",
    )
    if not made:
        return
    _bind_organisations(run)
    match_people(run)
    has_known = settle_people(run)
    create_people(run)
    if has_known:
        changed = change_people(run)
        known = run.rows("SELECT count(*) FROM load_work WHERE NOT is_new")[0][0]
        run.outcome.updated["people"] += changed
        run.outcome.unchanged["people"] += known - changed
    _bind(run, has_known)
    link_rows(run)
    touch(run, "SELECT DISTINCT org_id FROM load_work")


GUARDIANSHIP = """INSERT INTO registry_guardianship (child_id, guardian_id, guardian_organisation_id, relation, kind,
  is_primary,
  lives_with, proof, confirmed_by_school, source, valid_from)"""


def _bind_organisations(run: Run) -> None:
    """Institutions that care for a child: linked, never made a person."""
    if not run.rows("SELECT 1 FROM load_row WHERE guardian_organisation_id IS NOT NULL LIMIT 1"):
        return
    run.outcome.created["guardianships"] += run.log(
        "registry.guardianship",
        f"""{GUARDIANSHIP} SELECT DISTINCT ON (w.child_id, w.guardian_organisation_id) w.child_id, NULL::uuid,
              w.guardian_organisation_id, COALESCE(w.relation, ''), COALESCE(w.kind, 'institution'),
              COALESCE(w.is_primary, false), w.lives_with, COALESCE(w.proof, ''), false, %(source)s, %(as_of)s
            FROM load_row w WHERE w.guardian_organisation_id IS NOT NULL AND NOT EXISTS (
              SELECT 1 FROM registry_guardianship g WHERE g.child_id = w.child_id AND g.valid_to IS NULL
                AND g.guardian_organisation_id = w.guardian_organisation_id) RETURNING id""",  # noqa: S608
    )
    run.do(
        """INSERT INTO registry_sourcelink (source_id, kind, key_hash, row_hash, entity_uuid)
           SELECT DISTINCT ON (key_hash) %(source_id)s, %(kind)s, key_hash, row_hash, guardian_organisation_id FROM
           load_row
           WHERE guardian_organisation_id IS NOT NULL ORDER BY key_hash
           ON CONFLICT (source_id, kind, key_hash) DO UPDATE SET row_hash = EXCLUDED.row_hash"""
    )
    run.do("DELETE FROM load_row WHERE guardian_organisation_id IS NOT NULL")


def _bind(run: Run, has_known: bool) -> None:
    """``load_bond``: known persons' rows with the open link to this child."""
    if has_known:
        _change_bonds(run)
    known = (
        """LEFT JOIN load_bond b USING (row_id) LEFT JOIN registry_guardianship g ON g.id = b.id
           WHERE w.is_new OR b.opens"""
        if has_known
        else "CROSS JOIN (SELECT NULL::text AS relation, NULL::text AS kind, NULL::boolean AS is_primary, "
        "NULL::boolean AS lives_with, NULL::text AS proof) g"
    )
    made = run.log(
        "registry.guardianship",
        f"""{GUARDIANSHIP} SELECT w.child_id, w.person_id, NULL::uuid, COALESCE(w.relation, g.relation, ''),
              COALESCE(w.kind, g.kind, 'legal'), COALESCE(w.is_primary, g.is_primary, false),
              COALESCE(w.lives_with, g.lives_with), COALESCE(w.proof, g.proof, ''), false, %(source)s, %(as_of)s
            FROM load_work w {known} RETURNING id""",  # noqa: S608
    )
    if has_known:
        again = run.rows("SELECT count(*) FROM load_bond WHERE opens AND id IS NOT NULL")[0][0]
        made -= again
    run.outcome.created["guardianships"] += made


def _change_bonds(run: Run) -> None:
    run.table(
        "load_bond",
        """SELECT w.row_id, g.id, g.valid_from, g.id IS NULL AS opens,
             COALESCE(w.relation <> g.relation, false) OR COALESCE(w.kind <> g.kind, false) AS is_state,
             COALESCE(w.is_primary <> g.is_primary, false) OR COALESCE(w.proof <> g.proof, false)
               OR (g.id IS NOT NULL AND w.lives_with IS NOT NULL AND w.lives_with IS DISTINCT FROM g.lives_with) AS
               is_detail
           FROM load_work w LEFT JOIN LATERAL (SELECT x.* FROM registry_guardianship x WHERE x.child_id = w.child_id
             AND x.guardian_id = w.person_id AND x.valid_to IS NULL ORDER BY x.id LIMIT 1) g ON true
           WHERE NOT w.is_new""",
    )
    run.log(
        "registry.guardianship",
        """UPDATE registry_guardianship g SET is_primary = COALESCE(w.is_primary, g.is_primary),
             lives_with = COALESCE(w.lives_with, g.lives_with), proof = COALESCE(w.proof, g.proof),
             relation = CASE WHEN b.valid_from >= %(as_of)s THEN COALESCE(w.relation, g.relation) ELSE g.relation END,
             kind = CASE WHEN b.valid_from >= %(as_of)s THEN COALESCE(w.kind, g.kind) ELSE g.kind END
           FROM load_bond b JOIN load_work w USING (row_id)
           WHERE g.id = b.id AND (b.is_detail OR (b.is_state AND b.valid_from >= %(as_of)s)) RETURNING g.id""",
        "u",
    )
    run.log(
        "registry.guardianship",
        """UPDATE registry_guardianship g SET valid_to = %(as_of)s FROM load_bond b
           WHERE g.id = b.id AND b.is_state AND b.valid_from < %(as_of)s RETURNING g.id""",
        "u",
    )
    run.do("UPDATE load_bond SET opens = true WHERE is_state AND valid_from < %(as_of)s")
    changed, same = run.rows(
        """SELECT count(*) FILTER (WHERE id IS NOT NULL AND (is_state OR is_detail)),
             count(*) FILTER (WHERE id IS NOT NULL AND NOT is_state AND NOT is_detail) FROM load_bond"""
    )[0]
    run.outcome.updated["guardianships"] += changed
    run.outcome.unchanged["guardianships"] += same
