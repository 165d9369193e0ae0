"""Replication slots: what PostgreSQL keeps until the archive has it."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql

from lingqu.config.postgres import superuser_url

from .state import state_path

SLOTS = "lingqu_archive_"


def drop_slots(session: psycopg.Connection, *, but: str = "") -> None:
    """Drop the archive's slots that nobody reads, so that they hold back no WAL."""
    found = session.execute(
        "SELECT slot_name FROM pg_replication_slots WHERE starts_with(slot_name, %s) AND slot_name <> %s AND NOT active",
        [SLOTS, but],
    ).fetchall()
    for (name,) in found:
        session.execute(sql.SQL("SELECT pg_drop_replication_slot({})").format(sql.Literal(name)))


def forget_archive(home: Path) -> None:
    """The archive was switched off: nothing may be kept for it any longer."""
    state_path(home).unlink(missing_ok=True)
    with psycopg.connect(superuser_url(home), autocommit=True) as session:
        drop_slots(session)
