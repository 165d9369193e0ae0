"""Who leaves loses what was granted for the work there, and every session, the same minute: staff and pupils alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import connection

from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today

from ..models import RoleAssignment
from ..types.words import SessionEnd
from . import roles
from .signing_in import end_sessions

SYSTEM = Actor.system("identity")
OUTSIDE = ("reviewer", "expert", "vendor")
"""Roles that people hold who work elsewhere: they end by their own day, not with a post."""
SEAT_REMEMBERED = timedelta(days=400)
"""A seat that ended before is childhood: it says nothing about what somebody was granted since."""
LEFT_SQL = """
WITH asked AS (SELECT DISTINCT COALESCE(canonical_id, id) AS id FROM registry_person WHERE id = ANY(%(people)s)),
ids AS (SELECT id AS whole, id FROM asked
  UNION ALL SELECT p.canonical_id, p.id FROM registry_person p JOIN asked a ON a.id = p.canonical_id),
been AS (SELECT i.whole, e.valid_to FROM ids i JOIN registry_enrolment e ON e.person_id = i.id
    WHERE e.valid_to IS NULL OR e.valid_to > %(since)s
  UNION ALL SELECT i.whole, a.valid_to FROM ids i JOIN registry_appointment a ON a.person_id = i.id
    WHERE a.relation = 'works_at'),
known AS (SELECT whole, bool_or(valid_to IS NULL) AS is_here FROM been GROUP BY whole)
SELECT c.id, k.whole IS NOT NULL FROM identity_account c JOIN ids i ON i.id = c.person_id
LEFT JOIN known k ON k.whole = i.whole
WHERE k.is_here IS NOT TRUE AND (k.whole IS NOT NULL OR NOT EXISTS (
  SELECT 1 FROM ids o JOIN registry_guardianship g ON g.guardian_id = o.id AND g.valid_to IS NULL WHERE o.whole = i.whole
  UNION ALL SELECT 1 FROM ids o JOIN registry_duty d ON d.person_id = o.id AND d.valid_to IS NULL WHERE o.whole = i.whole))
"""
"""Accounts of those who neither sit nor work anywhere, and whether they did; without that, a child or a duty is a tie."""


def end_after_leaving(person_ids: Iterable[UUID]) -> int:
    """End granted roles and sessions of people who have left every school and place of work. Returns how many accounts.

    Graduates sign in again and find their own account and record, without any place. Whoever still sits or works
    somewhere keeps what was granted, because a role at an office may be held by somebody who works at a school. The last
    tie of a guardian ends sessions only. May run twice; set-based, for a school that graduates or a whole file.
    """
    with connection.cursor() as cursor:
        cursor.execute(LEFT_SQL, {"people": list(person_ids), "since": today() - SEAT_REMEMBERED})
        rows: list[tuple[UUID, bool]] = cursor.fetchall()
    left = [account_id for account_id, has_been in rows if has_been]
    grants = RoleAssignment.objects.filter(ended_at=None, account_id__in=left).exclude(role__in=OUTSIDE)
    for grant in grants.values_list("id", flat=True):
        roles.end_role(actor=SYSTEM, assignment_id=grant)
    end_sessions([account_id for account_id, _has_been in rows], SessionEnd.LEFT)
    return len(rows)
