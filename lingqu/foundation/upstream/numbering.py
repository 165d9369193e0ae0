"""Numbers that rosters bring: set-based, for a chunk of rows whose people are known.

What is new opens a period, what changed closes the former one on the day the new one begins, a stated end closes it
without a successor. A number stands for one person: when two want one, neither the newcomer nor anybody else gets it, and
the row says who both are. Numbers that change hands within a chunk do so, however long the ring.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor

from .models import Source
from .types import NumberKind

MOST_ROUNDS = 20
"""Refusing one row may leave another's number with its holder: after so many rounds nothing is expected to change hands."""
SAID = """
CREATE TEMP TABLE number_said ON COMMIT DROP AS
SELECT w.row_id, w.person_id, w.issuer, w.value, COALESCE(w.begin_on, %(as_of)s) AS begin_on,
  CASE WHEN w.end_on <= %(as_of)s THEN w.end_on END AS end_on, NULL::text AS refused, NULL::uuid AS other FROM {table} w
"""
TWICE = """
UPDATE number_said s SET refused = 'number.twice' FROM (SELECT person_id, issuer FROM number_said WHERE end_on IS NULL
  GROUP BY 1, 2 HAVING count(DISTINCT value) > 1) t WHERE s.person_id = t.person_id AND s.issuer = t.issuer
"""
SHARED = """
UPDATE number_said s SET refused = 'number.shared', other = CASE WHEN s.person_id = t.one THEN t.two ELSE t.one END
FROM (SELECT issuer, value, (array_agg(DISTINCT person_id))[1] AS one, (array_agg(DISTINCT person_id))[2] AS two
  FROM number_said WHERE end_on IS NULL GROUP BY 1, 2 HAVING count(DISTINCT person_id) > 1) t
WHERE s.issuer = t.issuer AND s.value = t.value AND s.refused IS NULL AND s.end_on IS NULL
"""
HERE = """
CREATE TEMP TABLE number_here ON COMMIT DROP AS
SELECT x.id, p.person_id, x.issuer, x.value, x.valid_from FROM (
    SELECT DISTINCT person_id, person_id AS id FROM number_said
    UNION SELECT s.person_id, m.id FROM number_said s JOIN registry_person m ON m.canonical_id = s.person_id) p
  JOIN upstream_identifier x ON x.person_id = p.id AND x.valid_to IS NULL
WHERE x.issuer = ANY(%(issuers)s)
"""
TAKEN = """
UPDATE number_said s SET refused = 'number.taken', other = COALESCE(h.canonical_id, h.id)
FROM upstream_identifier x JOIN registry_person h ON h.id = x.person_id
WHERE s.refused IS NULL AND s.end_on IS NULL AND x.issuer = s.issuer AND x.value = s.value AND x.valid_to IS NULL
  AND COALESCE(h.canonical_id, h.id) <> s.person_id
  AND NOT (%(may_change)s AND EXISTS (SELECT 1 FROM number_said o WHERE o.person_id = COALESCE(h.canonical_id, h.id)
    AND o.issuer = s.issuer AND o.refused IS NULL AND (o.end_on IS NULL) = (o.value <> s.value)
    AND (o.end_on IS NOT NULL OR NOT EXISTS (SELECT 1 FROM number_here y WHERE y.person_id = o.person_id
      AND y.issuer = o.issuer AND y.value = o.value))))
"""
NEXT = """
CREATE TEMP TABLE number_next ON COMMIT DROP AS
SELECT DISTINCT ON (s.person_id, s.issuer) s.*, EXISTS (SELECT 1 FROM number_here h WHERE h.person_id = s.person_id
  AND h.issuer = s.issuer AND h.value = s.value) AS is_same, EXISTS (SELECT 1 FROM number_here h
  WHERE h.person_id = s.person_id AND h.issuer = s.issuer) AS has_one
FROM number_said s WHERE s.refused IS NULL ORDER BY s.person_id, s.issuer, s.end_on NULLS FIRST, s.row_id
"""
CLOSE = """
WITH over AS (UPDATE upstream_identifier x SET valid_to = GREATEST(COALESCE(n.end_on, n.begin_on), x.valid_from)
  FROM number_here h JOIN number_next n ON n.person_id = h.person_id AND n.issuer = h.issuer
  WHERE x.id = h.id AND CASE WHEN n.end_on IS NULL THEN NOT n.is_same ELSE h.value = n.value END
  RETURNING x.id, x.issuer, x.value),
gone AS (INSERT INTO number_gone SELECT issuer, value FROM over)
INSERT INTO kernel_change (entity, entity_id, operation) SELECT 'upstream.identifier', id::text, 'u' FROM over
"""
OPEN = """
WITH made AS (INSERT INTO upstream_identifier (person_id, issuer, value, valid_from, linked_by)
  SELECT person_id, issuer, value, begin_on, %(source)s FROM number_next WHERE end_on IS NULL AND NOT is_same
  ORDER BY row_id RETURNING id)
INSERT INTO kernel_change (entity, entity_id, operation) SELECT 'upstream.identifier', id::text, 'c' FROM made
"""
TOUCHED = """
INSERT INTO kernel_change (entity, entity_id, operation)
SELECT DISTINCT 'registry.person', person_id::text, 'u' FROM number_next WHERE end_on IS NULL AND NOT is_same OR end_on IS NOT NULL AND is_same
"""
COUNTS = """
SELECT count(*) FILTER (WHERE end_on IS NULL AND NOT is_same AND NOT has_one),
  count(*) FILTER (WHERE end_on IS NULL AND NOT is_same AND has_one OR end_on IS NOT NULL AND is_same),
  count(*) FILTER (WHERE (end_on IS NULL) = is_same) FROM number_next
"""
REFUSED = """
SELECT s.row_id, s.refused, s.issuer, s.value, p.name, p.number, o.name, o.number, h.name,
  o.path >= %(scope)s::ltree AND o.path < (%(scope)s || '-')::ltree
FROM number_said s JOIN registry_person p ON p.id = s.person_id LEFT JOIN registry_person o ON o.id = s.other
  LEFT JOIN registry_organisation h ON h.path = o.path
WHERE s.refused IS NOT NULL ORDER BY s.row_id
"""
TABLES = ("number_said", "number_here", "number_next", "number_gone")


def take_numbers(_actor: Actor, found: registry.NumbersFound) -> registry.NumbersTaken:
    """Take over the numbers of a chunk inside the caller's transaction, which leaves its audit row. Sessions that came in by
    a number which is over end."""
    cursor, values = found.cursor, {"as_of": found.as_of, "source": found.source, "scope": found.scope}
    for table in TABLES:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
    cursor.execute(SAID.format(table=found.table), values)
    cursor.execute("CREATE TEMP TABLE number_gone (issuer text, value text) ON COMMIT DROP")
    cursor.execute("CREATE INDEX ON number_said (person_id, issuer); ANALYZE number_said")
    cursor.execute(TWICE)
    cursor.execute(SHARED)
    cursor.execute(HERE, {"issuers": NumberKind.values})
    cursor.execute("CREATE INDEX ON number_here (person_id, issuer); ANALYZE number_here")
    for nth in range(MOST_ROUNDS + 1):
        cursor.execute(TAKEN, {"may_change": nth < MOST_ROUNDS})
        if not cursor.rowcount:
            break
    cursor.execute(NEXT)
    cursor.execute("ANALYZE number_next")
    for statement in (CLOSE, OPEN, TOUCHED):
        cursor.execute(statement, values)
    _end_visits(cursor)
    cursor.execute(REFUSED, values)
    refused = tuple((row[0], row[1], _sentence(*row[1:])) for row in cursor.fetchall())
    cursor.execute(COUNTS)
    created, updated, unchanged = cursor.fetchone()
    return registry.NumbersTaken(created=created, updated=updated, unchanged=unchanged, refused=refused)


def _end_visits(cursor: Any) -> None:
    if not Source.objects.filter(issuer__in=NumberKind.values).exists():
        return
    cursor.execute(
        """SELECT v.session_id FROM number_gone g JOIN upstream_source s ON s.issuer = g.issuer
             JOIN upstream_visit v ON v.source_id = s.id AND v.subject = g.value"""
    )
    identity.end_sso_sessions([row[0] for row in cursor.fetchall()], identity.SessionEnd.UPSTREAM)


def _sentence(
    rule: str, issuer: str, value: str, name: str, number: str, other: str, other_number: str, place: str, is_ours: bool
) -> str:
    """Why a number was not taken, with both people; of somebody outside the importer's reach only where they are."""
    facts = {
        "kind": str(NumberKind(issuer).label),
        "value": value,
        "person": _("%(name)s（%(number)s）") % {"name": name, "number": number},
    }
    if rule == "number.twice":
        return _("给%(person)s写了不止一个“%(kind)s”，没有写入，请核对。") % facts
    if is_ours:
        facts["other"] = _("%(name)s（%(number)s）") % {"name": other, "number": other_number}
    else:
        facts["other"] = _("%(place)s的一个人") % {"place": place or _("别的单位")}
    if rule == "number.shared":
        return _("“%(kind)s”%(value)s 在文件里同时写给%(person)s和%(other)s，两人都没有写入。") % facts
    return _("“%(kind)s”%(value)s 已登记给%(other)s，没有写给%(person)s，请核对是谁的。") % facts
