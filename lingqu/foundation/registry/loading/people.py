"""Who a row is: matching by the rules of the register, new persons, and changes of known ones with their history."""

from __future__ import annotations

from lingqu.kernel import crypto

from ..models import FieldDefinition
from .run import Acquainted, Run
from .staging import ATTRIBUTES

STRONG_RULES: dict[str, str] = {
    "link": """SELECT s.row_id, l.entity_uuid AS person, 1 AS rule FROM load_row s JOIN registry_sourcelink l
        ON l.source_id = %(source_id)s AND l.kind = %(kind)s AND l.key_hash = s.key_hash WHERE s.linked IS NULL""",
    "linked": "SELECT s.row_id, s.linked AS person, 1 AS rule FROM load_row s WHERE s.linked IS NOT NULL",
    "register": """SELECT s.row_id, e.person_id AS person, 2 AS rule FROM load_row s
        JOIN registry_registerentry e ON e.number_blind = s.number_blind WHERE s.number_blind IS NOT NULL""",
    "id": """SELECT s.row_id, p.id AS person, 3 AS rule FROM load_row s
        JOIN registry_person p ON p.id_blind = s.id_blind WHERE s.id_blind IS NOT NULL""",
}
"""Rules that name one person by a number: source link, 学籍号, ID number. Two of them must not name two people."""
WEAK_RULES: dict[str, tuple[str, ...]] = {
    "students": (
        """SELECT s.row_id, e.person_id AS person, 4 AS rule FROM load_row s JOIN registry_enrolment e
           ON e.school_id = s.org_id AND e.school_number = s.school_number AND e.valid_to IS NULL AND e.school_number
           <> ''""",
        """SELECT s.row_id, m.person_id AS person, 5 AS rule FROM load_row s
           JOIN registry_classmembership m ON m.class_group_id = s.class_id AND m.valid_to IS NULL
           JOIN registry_person p ON p.id = m.person_id AND p.name = s.name AND p.sex = s.sex AND p.birth_date =
           s.birth_date""",
    ),
    "staff": (
        """SELECT s.row_id, a.person_id AS person, 4 AS rule FROM load_row s JOIN registry_appointment a
           ON a.organisation_id = s.org_id AND a.staff_number = s.staff_number AND a.valid_to IS NULL
             AND a.staff_number <> ''""",
        """SELECT s.row_id, a.person_id AS person, 5 AS rule FROM load_row s
           JOIN registry_appointment a ON a.path = s.org_path AND a.valid_to IS NULL
           JOIN registry_person p ON p.id = a.person_id AND p.name = s.name AND p.sex = s.sex AND p.birth_date =
           s.birth_date""",
    ),
    "guardians": (
        """SELECT s.row_id, p.id AS person, 4 AS rule FROM load_row s
           JOIN registry_guardianship g ON g.child_id = s.child_id AND g.valid_to IS NULL
           JOIN registry_person p ON p.id = g.guardian_id AND p.name = s.name AND p.phone_blind = s.phone_blind""",
        """SELECT s.row_id, p.id AS person, 6 AS rule FROM load_row s
           JOIN registry_person p ON p.phone_blind = s.phone_blind AND p.name = s.name
           WHERE EXISTS (SELECT 1 FROM registry_guardianship g WHERE g.guardian_id = p.id)
             AND (p.id_blind IS NULL OR s.id_blind IS NULL OR p.id_blind = s.id_blind)""",
    ),
}
"""Rules for rows that no number decides: school + number, then school (class) + name + sex + birth; a guardian's
name and
phone within one child's family. Rule 6, the same name and phone in another family, is never more than a suspicion."""


def match_people(run: Run) -> None:
    """``load_hit``: the person of each row of ``load_row`` that is known; rows for a human leave the staging table."""
    kind = run.prepared.batch.kind
    strong = ["linked", "id", *(["register"] if kind == "students" else [])]
    if run.values["pass"] > 1:
        strong.append("link")
    union = " UNION ALL ".join(STRONG_RULES[name] for name in strong)
    run.table("load_hit", f"SELECT h.row_id, COALESCE(p.canonical_id, p.id) AS person, h.rule FROM ({union}) h"  # noqa: S608
              " JOIN registry_person p ON p.id = h.person")  # fmt: skip
    for rule in WEAK_RULES[kind] if _may_know(run, kind) else ():
        run.do(
            f"""INSERT INTO load_hit SELECT h.row_id, COALESCE(p.canonical_id, p.id), h.rule FROM ({rule}) h
                JOIN registry_person p ON p.id = h.person
                WHERE NOT EXISTS (SELECT 1 FROM load_hit k WHERE k.row_id = h.row_id)"""  # noqa: S608
        )
    if run.ahead and run.rows(
        "SELECT 1 FROM load_hit h WHERE NOT EXISTS (SELECT 1 FROM load_people p WHERE p.person_id = h.person) LIMIT 1"
    ):
        raise Acquainted
    gone = run.reject(_doubtful(run))
    if gone:
        run.do("DELETE FROM load_row WHERE row_id = ANY(%(gone)s)", gone=list(gone))
    _postpone_repeated(run)


def _may_know(run: Run, kind: str) -> bool:
    """Whether the weak rules can find anybody: a school that is still empty knows nobody."""
    if kind == "guardians":
        return bool(run.rows("SELECT 1 FROM registry_guardianship LIMIT 1"))
    table = "registry_enrolment" if kind == "students" else "registry_appointment"
    return bool(
        run.rows(
            f"""SELECT 1 FROM load_org o WHERE EXISTS (SELECT 1 FROM {table} e WHERE e.path = o.path AND e.valid_to
              IS NULL)
                LIMIT 1"""  # noqa: S608
        )
    )


def _doubtful(run: Run) -> list[tuple[int, str, str]]:
    """Rows that a human must decide: several people fit, or what the row says contradicts the person found."""
    found = run.rows(
        """WITH best AS (SELECT row_id, min(rule) AS rule FROM load_hit GROUP BY row_id),
             hits AS (SELECT h.row_id, b.rule, (array_agg(h.person))[1] AS person, count(DISTINCT h.person) AS n,
                count(DISTINCT h.person) FILTER (WHERE h.rule = b.rule) AS same
              FROM load_hit h JOIN best b USING (row_id) WHERE h.rule = b.rule OR (h.rule <= 3 AND b.rule <= 3)
              GROUP BY h.row_id, b.rule)
           SELECT h.row_id, CASE WHEN h.same > 1 OR h.rule = 6 THEN 'person.suspect' ELSE 'person.contradiction' END
           FROM hits h JOIN load_row s USING (row_id) JOIN registry_person p ON p.id = h.person
           WHERE h.n > 1 OR h.rule = 6 OR (h.rule = 4 AND p.name <> s.name)
             OR (h.rule IN (4, 5) AND p.id_blind <> s.id_blind)"""
    )
    return [(row_id, rule, "name") for row_id, rule in found]


def _postpone_repeated(run: Run) -> None:
    """Two rows of one pass that found the same person: the later one goes through the next pass."""
    run.do("DELETE FROM load_hit h USING load_hit k WHERE h.row_id = k.row_id AND h.rule > k.rule")
    again = run.rows(
        """SELECT row_id FROM (SELECT row_id, row_number() OVER (PARTITION BY person ORDER BY row_id) AS nth
             FROM (SELECT DISTINCT row_id, person FROM load_hit) d) n WHERE nth > 1"""
    )
    if again:
        rows = [row[0] for row in again]
        run.do("UPDATE load_stage SET pass = %(pass)s + 1 WHERE row_id = ANY(%(rows)s)", rows=rows)
        run.do("DELETE FROM load_row WHERE row_id = ANY(%(rows)s)", rows=rows)
        run.do("DELETE FROM load_hit WHERE row_id = ANY(%(rows)s)", rows=rows)


def settle_people(run: Run) -> bool:
    """``load_work``: the rows with ``person_id``, ``is_new`` and the new persons' numbers. True when some were
    known."""
    known = bool(run.rows("SELECT 1 FROM load_hit LIMIT 1"))
    run.table(
        "load_work",
        """SELECT q.*, CASE WHEN q.is_new THEN registry_person_number(%(node)s, q.serial) END AS number
           FROM (SELECT s.*, COALESCE(h.person, uuidv7()) AS person_id, h.person IS NULL AS is_new,
                   CASE WHEN h.person IS NULL THEN nextval('registry_person_serial') END AS serial
                 FROM load_row s LEFT JOIN (SELECT DISTINCT ON (row_id) row_id, person FROM load_hit ORDER BY row_id) h
                   USING (row_id) ORDER BY s.row_id OFFSET 0) q""",
    )
    run.do("ANALYZE load_work")
    return known


def create_people(run: Run) -> int:
    created = run.do(
        f"""INSERT INTO registry_person (id, number, organisation_id, path, name, name_key, name_initials, sex,
        birth_date,
             ethnicity, nationality, id_type, id_blind, phone_blind, sealed, email, attributes, synthetic)
           SELECT person_id, number, org_id, org_path, name, name_key, name_initials, COALESCE(sex, '0'), birth_date,
             COALESCE(ethnicity, ''), COALESCE(nationality, ''), COALESCE(id_type, ''), id_blind, phone_blind, sealed,
             COALESCE(email, ''), {_stated_attributes(run)}, COALESCE(synthetic, false)
           FROM load_work WHERE is_new AND person_id IS NOT NULL"""  # noqa: S608
    )
    run.do("INSERT INTO load_people SELECT person_id, number FROM load_work WHERE is_new AND person_id IS NOT NULL")
    run.do(
        """INSERT INTO kernel_change (entity, entity_id, operation)
           SELECT 'registry.person', person_id::text, 'c' FROM load_work WHERE is_new AND person_id IS NOT NULL"""
    )
    run.outcome.created["people"] += created
    return created


def _stated_attributes(run: Run) -> str:
    """SQL of the attributes that a row states; an empty object when it states none."""
    names = ATTRIBUTES[run.prepared.batch.kind]
    pairs = ", ".join(f"'{name}', {name}" for name in names)
    return (
        f"CASE WHEN num_nonnulls({', '.join(names)}) = 0 THEN '{{}}' ELSE jsonb_strip_nulls(jsonb_build_object({pairs})) END"
        if names
        else "'{}'::jsonb"
    )


PLAIN = ("name", "sex", "birth_date", "ethnicity", "nationality", "id_type", "email")
"""Fields that a row may change; ``id_number``, ``phone`` and ``address`` change inside the sealed map."""


def owned_fields() -> frozenset[str]:
    """Fields of persons that a national system owns."""
    owners = ("national_pupil", "national_staff")
    return frozenset(FieldDefinition.objects.filter(entity="person", owner__in=owners).values_list("field", flat=True))


def _is_held(run: Run, person: str = "w.person_id") -> str:
    """Whether a national system has spoken about the person and this source is not one."""
    if run.source.kind.startswith("national_"):
        return "false"
    return (
        "EXISTS (SELECT 1 FROM registry_sourcelink l JOIN registry_source o ON o.id = l.source_id"  # noqa: S608
        f" WHERE l.entity_uuid = {person} AND o.kind IN ('national_pupil', 'national_staff'))"
    )


def change_people(run: Run) -> int:
    """Bring known persons up to what the rows state; what they said before goes into the history. Returns how many."""
    owned = owned_fields()
    _merge_sealed(run, owned)
    _compare(run, owned)
    for row_id, fields in run.rows("SELECT row_id, refused FROM load_change WHERE cardinality(refused) > 0"):
        for name in fields:
            run.note(row_id, "person.national", name, "review")
    run.do("DELETE FROM load_change WHERE before = '{}' AND NOT is_resealed")
    changed = run.do(
        """INSERT INTO registry_personhistory (person_id, before, sealed_before, source, actor_name, import_id)
           SELECT c.person_id, c.before || CASE WHEN c.is_resealed THEN jsonb_build_object('sealed', c.names) ELSE
           '{}' END,
             CASE WHEN c.is_resealed THEN p.sealed END, %(source)s, %(actor)s, %(import_id)s
           FROM load_change c JOIN registry_person p ON p.id = c.person_id"""
    )
    if not changed:
        return 0
    attributes = ATTRIBUTES[run.prepared.batch.kind]
    stated = "".join(
        f" || CASE WHEN c.before ? '{n}' THEN jsonb_build_object('{n}', w.{n}) ELSE '{{}}' END" for n in attributes
    )
    sets = ", ".join(f"{n} = CASE WHEN c.before ? '{n}' THEN w.{n} ELSE p.{n} END" for n in PLAIN)
    run.do(
        f"""UPDATE registry_person p SET {sets},
              name_key = CASE WHEN c.before ? 'name' THEN w.name_key ELSE p.name_key END,
              name_initials = CASE WHEN c.before ? 'name' THEN w.name_initials ELSE p.name_initials END,
              attributes = p.attributes{stated},
              sealed = CASE WHEN c.is_resealed THEN m.sealed ELSE p.sealed END,
              id_blind = CASE WHEN 'id_number' = ANY(c.names) THEN w.id_blind ELSE p.id_blind END,
              phone_blind = CASE WHEN 'phone' = ANY(c.names) THEN w.phone_blind ELSE p.phone_blind END, updated_at =
              now()
            FROM load_change c JOIN load_work w USING (row_id) LEFT JOIN load_sealed m USING (row_id)
            WHERE p.id = c.person_id"""  # noqa: S608
    )
    _carry_names(run)
    run.do(
        """INSERT INTO kernel_change (entity, entity_id, operation)
           SELECT 'registry.person', person_id::text, 'u' FROM load_change"""
    )
    return changed


def _compare(run: Run, owned: frozenset[str]) -> None:
    """``load_change``: former values of the fields that a row changes (``before``), and national ones it may not."""
    empty = {"birth_date": "''"}
    tests = {n: f"w.{n} IS NOT NULL AND w.{n} IS DISTINCT FROM p.{n}" for n in PLAIN}
    tests["sex"] += " AND w.sex <> '0'"
    held = ATTRIBUTES[run.prepared.batch.kind]
    tests |= {n: f"w.{n} IS NOT NULL AND w.{n} IS DISTINCT FROM p.attributes ->> '{n}'" for n in held}
    former = {n: f"COALESCE(p.{n}::text, {empty.get(n, chr(39) * 2)})" for n in PLAIN}
    former |= {n: f"COALESCE(p.attributes ->> '{n}', '')" for n in held}
    parts = [
        f"'{n}', CASE WHEN {test}{' AND NOT h.held' if n in owned else ''} THEN {former[n]} END"
        for n, test in tests.items()
    ]
    refused = [f"CASE WHEN h.held AND {tests[n]} THEN '{n}' END" for n in sorted(owned & set(tests))] or ["NULL::text"]
    run.table(
        "load_change",
        f"""SELECT w.row_id, w.person_id, jsonb_strip_nulls(jsonb_build_object({", ".join(parts)})) AS before,
              COALESCE(cardinality(m.names) > 0, false) AS is_resealed, COALESCE(m.names, ARRAY[]::text[]) AS names,
              array_remove(ARRAY[{", ".join(refused)}], NULL) || COALESCE(m.refused, ARRAY[]::text[]) AS refused
            FROM load_work w JOIN registry_person p ON p.id = w.person_id
              CROSS JOIN LATERAL (SELECT {_is_held(run)} AS held OFFSET 0) h
              LEFT JOIN load_sealed m ON m.row_id = w.row_id
            WHERE NOT w.is_new""",  # noqa: S608
    )


def _merge_sealed(run: Run, owned: frozenset[str]) -> None:
    """``load_sealed``: maps of known persons in which a row changes something. Values not stated are kept."""
    run.do("DROP TABLE IF EXISTS load_sealed")
    run.do("""CREATE TEMP TABLE load_sealed (row_id int, sealed bytea, names text[], refused text[]) ON COMMIT DROP""")
    frame, merged = run.prepared.frame, []
    found = run.rows(
        f"""SELECT w.row_id, p.sealed, {_is_held(run)} FROM load_work w JOIN registry_person p ON p.id = w.person_id
            WHERE NOT w.is_new"""  # noqa: S608
    )
    stated = frame.select("id_number", "phone", "address")
    for row_id, sealed, held in found:
        wanted = {name: value for name, value in stated.row(row_id, named=True).items() if value}
        if not wanted:
            continue
        known = crypto.unseal_fields(sealed)
        names = [name for name, value in wanted.items() if known.get(name) != value]
        refused = [name for name in names if held and name in owned and known.get(name)]
        names = [name for name in names if name not in refused]
        if names or refused:
            news = {name: wanted[name] for name in names}
            merged.append((row_id, crypto.seal_fields({**known, **news}) if names else None, names, refused))
    run.copy("load_sealed", ("row_id", "sealed", "names", "refused"), merged)


def _carry_names(run: Run) -> None:
    """Lists sort by the name key that open episodes repeat."""
    for table in ("registry_enrolment", "registry_appointment"):
        run.do(
            f"""UPDATE {table} e SET name_key = w.name_key FROM load_change c JOIN load_work w USING (row_id)
                WHERE c.before ? 'name' AND e.person_id = c.person_id AND e.valid_to IS NULL"""  # noqa: S608
        )


def link_rows(run: Run, entity: str = "person_id") -> None:
    """Remember which entity each applied row stands for. Rows with an open doubt (``again``) are looked at next time
    too."""
    digest = "CASE WHEN again THEN '00000000-0000-0000-0000-000000000000'::uuid ELSE row_hash END"
    if run.rows("SELECT 1 FROM load_work WHERE linked IS NOT NULL OR pass > 1 LIMIT 1"):
        run.do(
            f"""UPDATE registry_sourcelink l SET row_hash = w.row_hash, entity_uuid = w.entity
                FROM (SELECT key_hash, {digest} AS row_hash, {entity} AS entity FROM load_work
                      WHERE linked IS NOT NULL OR pass > 1) w
                WHERE l.source_id = %(source_id)s AND l.kind = %(kind)s AND l.key_hash = w.key_hash"""  # noqa: S608
        )
    once = ""
    if run.values["pass"] > 1:
        once = (
            " AND NOT EXISTS (SELECT 1 FROM registry_sourcelink l WHERE l.source_id = %(source_id)s"
            " AND l.kind = %(kind)s AND l.key_hash = w.key_hash)"
        )
    run.do(
        f"""INSERT INTO registry_sourcelink (source_id, kind, key_hash, row_hash, entity_uuid)
            SELECT DISTINCT ON (key_hash) %(source_id)s, %(kind)s, key_hash, {digest}, {entity} FROM load_work w
            WHERE linked IS NULL{once} ORDER BY key_hash"""  # noqa: S608
    )
