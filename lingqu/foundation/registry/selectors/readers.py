"""Who reads what is addressed to a post, a child or a person: for messages that leave the platform."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from lingqu.kernel.crypto import unseal_fields

from ..models import Person
from .posts import AT_WORK


def _living(row: str) -> str:
    one = f"COALESCE({row}.canonical_id, {row}.id)"
    dead = "NOT EXISTS (SELECT 1 FROM registry_person d WHERE d.%s = %s AND d.deceased_on IS NOT NULL)"
    return " AND ".join(dead % (column, one) for column in ("id", "canonical_id"))


READERS_SQL = f"""reader AS (
  SELECT m.kind, m.subject, COALESCE(o.canonical_id, o.id) AS id FROM missing m
  JOIN registry_post p ON m.kind = 'post' AND p.id = m.subject AND p.closed_on IS NULL
  JOIN registry_postholder h ON h.post_id = p.id AND h.valid_to IS NULL
  JOIN registry_person o ON o.id = h.person_id WHERE {_living("o")} AND {AT_WORK}
  UNION
  SELECT m.kind, m.subject, COALESCE(q.canonical_id, q.id) FROM missing m
  JOIN registry_person c ON m.kind = 'child' AND c.id = m.subject
  CROSS JOIN LATERAL (SELECT c.id UNION ALL SELECT x.id FROM registry_person x WHERE x.canonical_id = c.id) s
  JOIN registry_guardianship w ON w.child_id = s.id AND w.valid_to IS NULL AND w.kind <> 'proxy'
  JOIN registry_person q ON q.id = w.guardian_id
  WHERE {_living("c")} AND {_living("q")} AND EXISTS (
    SELECT 1 FROM registry_enrolment e WHERE e.person_id = c.id AND e.valid_to IS NULL UNION ALL
    SELECT 1 FROM registry_person x JOIN registry_enrolment e ON e.person_id = x.id AND e.valid_to IS NULL
    WHERE x.canonical_id = c.id)
  UNION
  SELECT m.kind, m.subject, m.subject FROM missing m
  JOIN registry_person p ON m.kind = 'person' AND p.id = m.subject WHERE {_living("p")})"""  # noqa: S608
"""``reader(kind, subject, id)`` of a relation ``missing(kind, subject)``: holders of a post who still work there, guardians
of a child that sits somewhere, the person. The silence rules: neither the dead nor guardians whose link has ended nor
代办人, and nobody for a dead child or one that has left."""


def phones_of(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Phones in clear of living people who have one: to send to, never to show; one statement."""
    rows = Person.objects.filter(id__in=list(person_ids), deceased_on=None, phone_blind__isnull=False)
    found = {one.id: unseal_fields(one.sealed).get("phone", "") for one in rows.only("id", "sealed")}
    return {id: phone for id, phone in found.items() if phone}
