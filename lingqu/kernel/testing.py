"""For tests of every module: actors, and the worker's part done inside the test's transaction."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db import connection

from . import events
from .actor import Actor, Right
from .ids import uuid7
from .jobs import JOBS
from .models import OutboxEvent


def actor_with(*codes: str, path: str = "1", role: str = "tester", name: str = "测试者", **facts: Any) -> Actor:
    """A signed-in actor who holds ``codes`` at ``path``."""
    account_id: UUID = facts.pop("account_id", None) or uuid7()
    rights = tuple(Right(code, path) for code in codes)
    return Actor(kind="account", name=name, account_id=account_id, role=role, path=path, rights=rights, **facts)


def deliver_events() -> int:
    """Hand every event published so far to its handlers, then forget it; returns the number of calls.

    Stands in for the worker, which cannot see rows of a test's open transaction. Events that handlers publish follow.
    """
    calls = 0
    while rows := list(OutboxEvent.objects.order_by("id")):
        for row in rows:
            for handler in events.HANDLERS.get(row.kind, ()):
                handler(events.restore(row.kind, row.payload))
                calls += 1
            row.delete()
    return calls


def run_jobs(*names: str) -> list[str]:
    """Run waiting jobs (all, or those named) here and now, also those for later; returns their names in order."""
    ran: list[str] = []
    while job := _take_job(names):
        name, arguments = job
        JOBS[name].run(**arguments)
        ran.append(name)
    return ran


def waiting_jobs() -> list[tuple[str, dict[str, Any]]]:
    """Names and arguments of the jobs that wait, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args::text FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        return [(name, json.loads(arguments)) for name, arguments in cursor.fetchall()]


def _take_job(names: tuple[str, ...]) -> tuple[str, dict[str, Any]] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = (SELECT id FROM procrastinate_jobs WHERE"
            " status = 'todo' AND (%s OR task_name = ANY(%s)) ORDER BY id LIMIT 1) RETURNING task_name, args::text",
            [not names, list(names)],
        )
        row = cursor.fetchone()
    return (row[0], json.loads(row[1])) if row else None
