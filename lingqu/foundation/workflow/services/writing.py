"""The statements of one step (``kernel.statements``)."""

from __future__ import annotations

GENERIC_SQL = "SET LOCAL plan_cache_mode = force_generic_plan"
"""Every statement of a step finds its rows by key: to plan one again for its values takes ten times as long as to run it."""
LOCK_SQL = """
SELECT id FROM workflow_case WHERE id = (SELECT case_id FROM workflow_task WHERE id = %s) AND parent_id IS NULL FOR UPDATE
"""
READ_SQL = """
SELECT t.id, t.case_id, t.token, t.node, t.name, t.kind, t.addresses, t.holder_id, t.asked_by_id, t.state, t.actor_name,
  t.opened_at, t.due_at, t.yellow_at, c.version_id, c.number, c.title, c.organisation_id, c.path::text, c.starter_id,
  c.starter_name, c.subject_id, c.state, c.was, c.reason, c.decision, c.engine::text, c.revision, c.saved, c.started_at,
  c.due_at, c.yellow_at, c.paused_at, c.ended_at, c.archived_at, d.fields::text,
  EXISTS (SELECT FROM workflow_task o WHERE o.case_id = t.case_id AND o.asked_by_id = t.id AND o.state = 'open')
FROM workflow_task t JOIN workflow_case c ON c.id = t.case_id JOIN workflow_casedata d ON d.case_id = c.id
WHERE t.id = %s AND c.parent_id IS NULL
"""
"""Sent after the lock, so that it sees what whoever held it before has written."""
CLOSE_SQL = """
UPDATE workflow_task SET state = 'done', decision = %s, comment = %s, actor_id = %s, actor_name = %s, ended_at = %s,
  days_used = %s WHERE id = %s AND state = 'open'
"""
BEGIN_SQL = """
INSERT INTO workflow_case (id, version_id, number, title, organisation_id, path, starter_id, starter_name, subject_id, state, was,
  reason, decision, engine, revision, parent_id, parent_token, saved, started_at, due_at, yellow_at, paused_at, ended_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
NEW_DATA_SQL = "INSERT INTO workflow_casedata (case_id, fields) VALUES (%s, %s)"
MOVED = """
moved AS (
  UPDATE workflow_case SET engine = %s, revision = %s, state = %s, reason = %s, decision = %s, ended_at = %s, paused_at = %s,
    due_at = %s, yellow_at = %s WHERE id = %s RETURNING id)
INSERT INTO kernel_change (entity, entity_id, operation) SELECT 'workflow.case', id::text, 'u' FROM moved
"""
CASE_SQL = f"WITH {MOVED}"
CASE_AND_DATA_SQL = f"WITH told AS (UPDATE workflow_casedata SET fields = %s WHERE case_id = %s), {MOVED}"  # noqa: S608
TASK_SQL = """
INSERT INTO workflow_task (id, case_id, token, node, name, kind, addresses, holder_id, asked_by_id, state, decision, comment,
  actor_name, opened_at, due_at, yellow_at) VALUES (%s, %s, %s, %s, %s, %s, %s, NULL, %s, 'open', '', '', '', %s, %s, %s)
"""
LOG_SQL = """
INSERT INTO workflow_caselog (case_id, at, act, node, task, person_id, name, decision, comment, data)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
TIMER_SQL = 'INSERT INTO workflow_timer (case_id, token, node, due_at, "left", attempts) VALUES (%s, %s, %s, %s, %s, 0)'
UNHOOK_SQL = """
WITH quiet AS (DELETE FROM workflow_subscription WHERE case_id = %s AND token = ANY(%s))
DELETE FROM workflow_timer WHERE case_id = %s AND token = ANY(%s)
"""
