"""The kernel's own scheduled work. Cron lines are UTC: 18:00 is two in the morning on the platform's clock."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.db import connection
from psycopg import sql

from . import files, limits, retention, rotation
from .jobs import job


@job(every="17 * * * *", queue="maintenance")
def purge_limits() -> None:
    limits.purge()


@job(every="40 18 * * *", queue="maintenance")
def collect_orphan_files() -> None:
    files.collect_orphans()


@job(every="10 18 * * *", queue="maintenance")
def purge_trail() -> None:
    retention.purge_outbox()
    retention.purge_changes()
    retention.purge_audit()


@job(every="*/10 * * * *", queue="maintenance", lock="reseal")
def reseal_values() -> None:
    """After a new key or cipher: one statement when there is nothing to do."""
    if rotation.has_to_reseal():
        rotation.reseal_all()


@job(queue="maintenance")
def settle_tables() -> None:
    """VACUUM (ANALYZE) of tables that grew or changed by a tenth since the last time, as a big import leaves them:
    statistics for the planner and the visibility map for index-only scans, without waiting for autovacuum."""
    with connection.cursor() as cursor:
        cursor.execute(_GROWN)
        for schema, table in cursor.fetchall():
            cursor.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(schema, table)))


_GROWN = """
    SELECT s.schemaname, s.relname FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
     WHERE greatest(n_ins_since_vacuum, n_mod_since_analyze, n_dead_tup) >= greatest(1000, n_live_tup / 10)
       AND pg_has_role(c.relowner, 'USAGE') ORDER BY s.relname
"""


@job(every="25 18 * * *", queue="maintenance")
def purge_tools() -> None:
    retention.purge_jobs()
    retention.purge_messages()
    retention.purge_beats()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
