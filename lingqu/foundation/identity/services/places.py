"""Rights that name a place follow the place: when the tree changes, what was read of it is read anew."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

FOLLOW_SQL = """
UPDATE identity_account a SET epoch = a.epoch + 1 WHERE a.id IN (
  SELECT r.account_id FROM identity_roleassignment r JOIN registry_organisation o ON o.id = r.organisation_id
    WHERE r.ended_at IS NULL AND o.path >= %(p)s::ltree AND o.path < %(q)s::ltree
  UNION SELECT x.id FROM identity_account x WHERE x.person_id IN (
    SELECT person_id FROM registry_enrolment WHERE valid_to IS NULL AND path >= %(p)s::ltree AND path < %(q)s::ltree
    UNION SELECT person_id FROM registry_appointment
      WHERE valid_to IS NULL AND path >= %(p)s::ltree AND path < %(q)s::ltree
    UNION SELECT person_id FROM registry_duty WHERE valid_to IS NULL AND path >= %(p)s::ltree AND path < %(q)s::ltree
    UNION SELECT g.guardian_id FROM registry_enrolment e JOIN registry_guardianship g ON g.child_id = e.person_id
      WHERE e.valid_to IS NULL AND g.valid_to IS NULL AND e.path >= %(p)s::ltree AND e.path < %(q)s::ltree))
"""
HEAD_SQL = """
UPDATE identity_account a SET epoch = a.epoch + 1 WHERE a.id IN (
  SELECT account_id FROM identity_roleassignment WHERE ended_at IS NULL AND organisation_id = %(id)s
  UNION SELECT x.id FROM identity_account x JOIN registry_duty d ON d.person_id = x.person_id
    WHERE d.valid_to IS NULL AND d.organisation_id = %(id)s)
"""


def refresh_rights_at(path: str) -> int:
    """Cached rights of everybody who holds a role, works, sits or guards a child below ``path`` end within one request.

    Repeating it does no harm. Returns the number of accounts.
    """
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW_SQL, {"p": path, "q": f"{path}-"})
        return int(cursor.rowcount)


def refresh_rights_of_organisation(organisation_id: UUID) -> int:
    """The same for everybody with a role or duty at one organisation."""
    with connection.cursor() as cursor:
        cursor.execute(HEAD_SQL, {"id": organisation_id})
        return int(cursor.rowcount)
