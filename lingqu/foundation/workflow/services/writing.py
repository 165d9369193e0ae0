"""The statements of one step, sent together: prepared once for a connection, answered in one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection
from psycopg.types.json import Jsonb

LOCK_SQL = """
SELECT t.id, t.case_id, t.token, t.node, t.name, t.kind, t.addresses, t.holder_id, t.asked_by_id, t.state, t.actor_name,
  t.opened_at, t.due_at, t.yellow_at, c.version_id, c.number, c.title, c.organisation_id, c.path::text, c.starter_id,
  c.starter_name, c.subject_id, c.state, c.was, c.reason, c.decision, c.engine, c.revision, c.saved, c.started_at, c.due_at,
  c.yellow_at, c.paused_at, c.ended_at, c.archived_at, d.fields
FROM workflow_task t JOIN workflow_case c ON c.id = t.case_id JOIN workflow_casedata d ON d.case_id = c.id
WHERE t.id = %s AND c.parent_id IS NULL FOR UPDATE OF c, t, d
"""
CLOSE_SQL = """
UPDATE workflow_task SET state = 'done', decision = %s, comment = %s, actor_id = %s, actor_name = %s, ended_at = %s,
  days_used = %s WHERE id = %s AND state = 'open'
"""
CASE_SQL = """
UPDATE workflow_case SET engine = %s, revision = %s, state = %s, reason = %s, decision = %s, ended_at = %s, paused_at = %s,
  due_at = %s, yellow_at = %s WHERE id = %s
"""
DATA_SQL = "UPDATE workflow_casedata SET fields = %s WHERE case_id = %s"
TASK_SQL = """
INSERT INTO workflow_task (id, case_id, token, node, name, kind, addresses, holder_id, asked_by_id, state, decision, comment,
  actor_name, opened_at, due_at, yellow_at) VALUES (%s, %s, %s, %s, %s, %s, %s, NULL, %s, 'open', '', '', '', %s, %s, %s)
"""
LOG_SQL = """
INSERT INTO workflow_caselog (case_id, at, act, node, task, person_id, name, decision, comment, data)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
CHANGE_SQL = "INSERT INTO kernel_change (entity, entity_id, operation) VALUES ('workflow.case', %s, %s)"


def cursor() -> psycopg.Cursor[Any]:
    """A cursor of the open transaction that binds and prepares on the server."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


class Batch:
    """Statements whose answers nobody needs, run by ``send`` in one round trip."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, Sequence[Any]]] = []

    def add(self, sql: str, values: Sequence[Any]) -> None:
        self.waiting.append((sql, values))

    def send(self) -> None:
        if not self.waiting:
            return
        with connection.wrap_database_errors, connection.connection.pipeline(), cursor() as one:
            for sql, values in self.waiting:
                one.execute(sql, values, prepare=True)
        self.waiting = []


def json(value: Any) -> Jsonb:
    return Jsonb(value)
