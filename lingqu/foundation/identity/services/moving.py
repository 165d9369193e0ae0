"""What a moved subtree changes for accounts."""

from __future__ import annotations

from django.db import connection

_RAISE = """
    UPDATE identity_account a SET epoch = epoch + 1
     WHERE a.state = 'active' AND (
       EXISTS (SELECT 1 FROM identity_roleassignment r JOIN registry_organisation o ON o.id = r.organisation_id
                WHERE r.account_id = a.id AND r.ended_at IS NULL AND o.path >= %(p)s::ltree AND o.path < %(q)s::ltree)
       OR a.person_id IN (
         SELECT person_id FROM registry_appointment
          WHERE valid_to IS NULL AND path >= %(p)s::ltree AND path < %(q)s::ltree
         UNION SELECT person_id FROM registry_duty
          WHERE valid_to IS NULL AND path >= %(p)s::ltree AND path < %(q)s::ltree
         UNION SELECT person_id FROM registry_enrolment
          WHERE valid_to IS NULL AND path >= %(p)s::ltree AND path < %(q)s::ltree
         UNION SELECT g.guardian_id FROM registry_guardianship g JOIN registry_enrolment e ON e.person_id = g.child_id
          WHERE g.valid_to IS NULL AND e.valid_to IS NULL AND e.path >= %(p)s::ltree AND e.path < %(q)s::ltree))
"""


def refresh_after_move(path: str) -> int:
    """Raise the epoch of every account in use whose rights stand at or below ``path``, the place after the move.

    One statement, however large the subtree; returns how many accounts there were. Repeating it costs a look-up each.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, {"p": path, "q": f"{path}-"})
        return int(cursor.rowcount)
