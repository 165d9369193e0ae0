"""Counting what came in, day by day, from the statements themselves."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.db import connection

from lingqu.kernel.clock import now

from ..types.marks import seq_at

COUNTED_DAYS = 2
_SQL = """INSERT INTO records_volume (tenant_id, day, statements)
SELECT t.id, %s, c.n FROM records_tenant t
CROSS JOIN LATERAL (SELECT count(*) AS n FROM records_statement s
  WHERE s.tenant_id = t.id AND s.seq >= %s AND s.seq < %s) c WHERE c.n > 0
ON CONFLICT (tenant_id, day) DO UPDATE SET statements = excluded.statements"""


def count_volumes(days: int = COUNTED_DAYS) -> None:
    """Today and the days before; repeating changes nothing."""
    today = now().astimezone(UTC).date()
    for back in range(days):
        day = today - timedelta(days=back)
        begin = datetime.combine(day, time(), UTC)
        with connection.cursor() as cursor:
            cursor.execute(_SQL, [day, seq_at(begin), seq_at(begin + timedelta(days=1))])
