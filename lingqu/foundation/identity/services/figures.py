"""Counting how far accounts are in use: one set-based statement over the whole node, each hour."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction

from lingqu.kernel.clock import now

from ..models import SignInFigures
from ..selectors.figures import ACTIVE_DAYS, DORMANT_DAYS

_COUNT = """
    WITH there AS (
        SELECT DISTINCT school_id AS organisation_id, 'pupil' AS part, person_id
          FROM registry_enrolment WHERE valid_to IS NULL
        UNION ALL
        SELECT DISTINCT organisation_id, 'staff', person_id
          FROM registry_appointment WHERE valid_to IS NULL AND relation = 'works_at'
        UNION ALL
        SELECT DISTINCT seat.school_id, 'guardian', care.guardian_id
          FROM registry_guardianship care
          JOIN registry_enrolment seat ON seat.person_id = care.child_id AND seat.valid_to IS NULL
         WHERE care.valid_to IS NULL AND care.guardian_id IS NOT NULL
    )
    INSERT INTO identity_signinfigures
           (organisation_id, part, people, opened, activated, phone, email, active, dormant, counted_at)
    SELECT there.organisation_id, there.part, count(*), count(held.id),
           count(*) FILTER (WHERE held.activated_at IS NOT NULL),
           count(*) FILTER (WHERE held.verified_phone_blind IS NOT NULL),
           count(*) FILTER (WHERE held.verified_email <> ''),
           count(*) FILTER (WHERE held.last_login >= %(active)s),
           count(*) FILTER (WHERE coalesce(held.last_login, held.activated_at) < %(dormant)s),
           %(now)s
      FROM there
      JOIN registry_person person ON person.id = there.person_id AND person.deceased_on IS NULL
      LEFT JOIN identity_account held ON held.person_id = there.person_id AND held.state <> 'closed'
     GROUP BY there.organisation_id, there.part
"""


def count_sign_ins() -> int:
    """Replace all figures by those of this moment; returns how many rows there are. Readers see the old or the new ones."""
    at = now()
    with transaction.atomic(), connection.cursor() as cursor:
        SignInFigures.objects.all().delete()
        cursor.execute(
            _COUNT,
            {"now": at, "active": at - timedelta(days=ACTIVE_DAYS), "dormant": at - timedelta(days=DORMANT_DAYS)},
        )
        return int(cursor.rowcount)
