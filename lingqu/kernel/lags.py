"""How far every queue is behind: for ``lingqu status``, ``/readyz``, ``/metrics`` and the health page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from . import events, sealing
from .clock import now
from .models import WorkerBeat

COUNT_UP_TO = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """``waiting`` counts at most to 10,000; ``seconds`` is the age of the oldest, 0.0 when nothing waits."""

    waiting: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue: a query whose rows wait, with the moment ``at`` that each began to."""

    rows: str
    values: tuple[Any, ...] = ()


MESSAGES = Queue("SELECT created_at AS at FROM kernel_message WHERE state = 'queued'")
JOBS = Queue(
    "SELECT coalesce(j.scheduled_at, (SELECT min(e.at) FROM procrastinate_events e WHERE e.job_id = j.id)) AS at"
    " FROM procrastinate_jobs j WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()"
)
SEALER = Queue(sealing.UNSEALED)
DECLARED: dict[str, Queue] = {}
"""Queues of modules, by name."""
TOTALS = {
    "dead_letters": "SELECT count(*) FROM kernel_outbox_retry WHERE state = 'dead'",
    "retrying": "SELECT count(*) FROM kernel_outbox_retry WHERE state = 'waiting'",
    "failed_jobs": "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'",
    "failed_messages": "SELECT count(*) FROM kernel_message WHERE state = 'failed'",
}


def declare(name: str, queue: Queue) -> None:
    """A module's own queue, in its ``contributions.py``: it stands among the figures from then on."""
    DECLARED[name] = queue


def _outbox() -> Queue:
    """Deliveries that wait: events × handlers that have not seen them. An unsettled event counts too."""
    pairs = [(events.name_of(kind, handler), kind) for kind, known in events.HANDLERS.items() for handler in known]
    return Queue(
        "SELECT o.at FROM unnest(%s::text[], %s::text[]) AS h (handler, kind)"
        " LEFT JOIN kernel_outbox_cursor c ON c.handler = h.handler"
        " JOIN kernel_outbox o ON o.kind = h.kind"
        " AND (o.xid, o.id) > (coalesce(c.xid, '0'::xid8), coalesce(c.event_id, 0))",
        ([name for name, _kind in pairs], [kind for _name, kind in pairs]),
    )


def lags() -> dict[str, Any]:
    """JSON-ready figures in one statement: outbox, jobs, sealer, messages, those of modules, each {waiting, seconds};
    dead_letters, retrying, failed_jobs, failed_messages; worker_seconds since the worker's last sign of life (None: never)."""
    queues = {"outbox": _outbox(), "jobs": JOBS, "sealer": SEALER, "messages": MESSAGES, **DECLARED}
    parts = [f"SELECT '{name}', count(*), min(at) FROM ({_limited(queue)}) q" for name, queue in queues.items()]  # noqa: S608
    parts += [f"SELECT '{name}', ({total}), NULL" for name, total in TOTALS.items()]
    parts.append("SELECT 'worker', 0, max(beat_at) FROM kernel_worker_beat WHERE name LIKE 'worker%%'")
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [value for queue in queues.values() for value in queue.values])
        told = {name: (count, moment) for name, count, moment in cursor.fetchall()}
    figures: dict[str, Any] = {name: asdict(Lag(waiting=told[name][0], seconds=_age(told[name][1]))) for name in queues}
    figures |= {name: told[name][0] for name in TOTALS}
    beat = told["worker"][1]
    return figures | {"worker_seconds": _age(beat) if beat else None}


def outbox_lag() -> Lag:
    return _lag_of(_outbox())


def job_lag() -> Lag:
    """Jobs that are due and wait for a worker."""
    return _lag_of(JOBS)


def sealer_lag() -> Lag:
    """Audit rows of the unsealed window."""
    return _lag_of(SEALER)


def worker_age() -> float | None:
    """Seconds since the last sign of life of any worker."""
    last = WorkerBeat.objects.filter(name__startswith="worker").order_by("-beat_at").values_list("beat_at", flat=True)
    beat = last.first()
    return _age(beat) if beat else None


def is_worker_alive(within_seconds: float = 30.0) -> bool:
    age = worker_age()
    return age is not None and age < within_seconds


def _limited(queue: Queue) -> str:
    return f"SELECT at FROM ({queue.rows}) AS waiting LIMIT {COUNT_UP_TO}"  # noqa: S608


def _lag_of(queue: Queue) -> Lag:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), min(at) FROM ({_limited(queue)}) AS q", list(queue.values))  # noqa: S608
        waiting, oldest = cursor.fetchone()
    return Lag(waiting=waiting, seconds=_age(oldest))


def _age(moment: datetime | None) -> float:
    return max(0.0, round((now() - moment).total_seconds(), 1)) if moment else 0.0
