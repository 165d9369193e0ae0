"""Fixtures of the kernel's tests."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.db import connection


@pytest.fixture
def settle(transactional_db) -> Callable[[], None]:
    """Waits until everything committed so far is below the oldest running transaction of the whole cluster.

    Other databases of a shared server hold the feeds back too, so this may take as long as their transactions do.
    """

    def wait() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text")
            mine = cursor.fetchone()[0]
            deadline = time.monotonic() + 180
            while time.monotonic() < deadline:
                cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) > %s::text::xid8", [mine])
                if cursor.fetchone()[0]:
                    return
                time.sleep(0.05)
        pytest.fail("another transaction on this server stays open")

    return wait
