"""How processes run: on time, how long, where they wait, papers saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, covers, require

from ..models import Case
from ..types import rights
from ..types.views import NodeFigures, ProcessFigures

CASES_SQL = """
SELECT v.key, (array_agg(v.name ORDER BY v.number DESC))[1],
  count(*) FILTER (WHERE c.started_at >= %(since)s), count(*) FILTER (WHERE c.ended_at >= %(since)s),
  count(*) FILTER (WHERE c.ended_at >= %(since)s AND (c.due_at IS NULL OR c.ended_at < c.due_at)),
  count(*) FILTER (WHERE c.ended_at IS NULL),
  count(*) FILTER (WHERE c.ended_at IS NULL AND c.due_at < coalesce(c.paused_at, %(now)s)),
  COALESCE(avg(extract(epoch FROM c.ended_at - c.started_at)) FILTER (WHERE c.ended_at >= %(since)s), 0) / 86400,
  COALESCE(sum(c.saved) FILTER (WHERE c.ended_at >= %(since)s AND c.state = 'done'), 0)
FROM workflow_case c JOIN workflow_definitionversion v ON v.id = c.version_id
WHERE c.path >= %(path)s::ltree AND c.path < %(end)s::ltree AND (c.ended_at IS NULL OR c.ended_at >= %(since)s)
GROUP BY v.key ORDER BY v.key
"""
NODES_SQL = """
SELECT v.key, t.node, (array_agg(t.name ORDER BY t.opened_at DESC))[1],
  count(*) FILTER (WHERE t.state = 'done'), COALESCE(avg(t.days_used) FILTER (WHERE t.state = 'done'), 0),
  count(*) FILTER (WHERE t.due_at < coalesce(t.ended_at, %(now)s)), count(*) FILTER (WHERE t.state = 'open')
FROM workflow_case c JOIN workflow_definitionversion v ON v.id = c.version_id JOIN workflow_task t ON t.case_id = c.id
WHERE c.path >= %(path)s::ltree AND c.path < %(end)s::ltree AND (c.ended_at IS NULL OR c.ended_at >= %(since)s)
  AND t.kind = 'step' AND (t.state = 'open' OR t.ended_at >= %(since)s) AND t.state <> 'withdrawn'
GROUP BY v.key, t.node
"""


def process_figures(actor: Actor, path: str, since: datetime) -> tuple[ProcessFigures, ...]:
    """Every process below a place since a moment, two statements. ``average_days`` of cases are calendar days, of steps
    working days. The slowest step stands first."""
    require(actor.is_system or any(covers(place, path) for place in actor.paths(rights.CASE_VIEW)))
    values: dict[str, Any] = {"path": path, "end": f"{path}-", "since": since, "now": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(NODES_SQL, values)
        nodes = _nodes(cursor.fetchall())
        cursor.execute(CASES_SQL, values)
        return tuple(
            ProcessFigures(
                key=key, name=name, started=started, ended=ended, on_time=on_time, open=open_now, overdue=overdue,
                average_days=round(float(days), 1), papers_saved=int(saved), nodes=nodes.get(key, ()),
            )
            for key, name, started, ended, on_time, open_now, overdue, days, saved in cursor.fetchall()
        )  # fmt: skip


def _nodes(rows: list[Any]) -> Mapping[str, tuple[NodeFigures, ...]]:
    found: dict[str, list[NodeFigures]] = defaultdict(list)
    for key, node, name, done, days, late, open_now in rows:
        found[key].append(
            NodeFigures(node=node, name=name, done=done, average_days=round(float(days), 1), late=late, open=open_now)
        )
    return {
        key: tuple(sorted(nodes, key=lambda one: (-one.average_days, -one.open, one.node)))
        for key, nodes in found.items()
    }


def count_running(path: str, keys: Sequence[str]) -> int:
    """Cases of some processes below a place that are not over; one statement. The caller has decided who may ask."""
    return int(Case.objects.filter(path__within=path, version__key__in=keys, ended_at=None).count())
