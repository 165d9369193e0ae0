"""The kernel's own scheduled work."""

from __future__ import annotations

import pytest
from django.db import connection

from lingqu.kernel import maintenance


@pytest.mark.django_db(transaction=True)
def test_tables_that_grew_are_analysed_and_their_pages_marked_visible() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) kernel_change")
        cursor.execute(
            "INSERT INTO kernel_change (entity, entity_id, operation) SELECT 'x', n::text, 'c' FROM generate_series(1, 5000) n"
        )
        cursor.execute("SELECT pg_stat_force_next_flush()")
    maintenance.settle_tables()
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples, relallvisible > 0 FROM pg_class WHERE oid = 'kernel_change'::regclass")
        assert cursor.fetchone() == (5000, True)
