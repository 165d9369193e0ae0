"""How far every queue is behind: for ``lingqu status``, ``/readyz``, ``/metrics`` and the health page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from . import events, sealing
from .clock import now
from .models import OutboxRetry, WorkerBeat

COUNT_UP_TO = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """``waiting`` counts at most to 10,000; ``seconds`` is the age of the oldest, 0.0 when nothing waits."""

    waiting: int
    seconds: float


def lags() -> dict[str, Any]:
    """JSON-ready figures: outbox, jobs, sealer, messages, each {waiting, seconds}; dead_letters, failed_jobs,
    failed_messages; worker_seconds since the worker's last sign of life (None: never)."""
    figures: dict[str, Any] = {
        "outbox": asdict(outbox_lag()),
        "jobs": asdict(job_lag()),
        "sealer": asdict(sealer_lag()),
        "messages": asdict(_lag_of("SELECT created_at AS at FROM kernel_message WHERE state = 'queued'")),
        "dead_letters": OutboxRetry.objects.filter(state="dead").count(),
        "retrying": OutboxRetry.objects.filter(state="waiting").count(),
        "worker_seconds": worker_age(),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'),"
            " (SELECT count(*) FROM kernel_message WHERE state = 'failed')"
        )
        figures["failed_jobs"], figures["failed_messages"] = cursor.fetchone()
    return figures


def outbox_lag() -> Lag:
    """Deliveries that wait: events × handlers that have not seen them. An unsettled event counts too."""
    pairs = [(events.name_of(kind, handler), kind) for kind, known in events.HANDLERS.items() for handler in known]
    if not pairs:
        return Lag(waiting=0, seconds=0.0)
    names, kinds = zip(*pairs, strict=True)
    return _lag_of(
        "SELECT o.at FROM unnest(%s::text[], %s::text[]) AS h (handler, kind)"
        " LEFT JOIN kernel_outbox_cursor c ON c.handler = h.handler"
        " JOIN kernel_outbox o ON o.kind = h.kind"
        " AND (o.xid, o.id) > (coalesce(c.xid, '0'::xid8), coalesce(c.event_id, 0))",
        [list(names), list(kinds)],
    )


def job_lag() -> Lag:
    """Jobs that are due and wait for a worker."""
    return _lag_of(
        "SELECT coalesce(j.scheduled_at, (SELECT min(e.at) FROM procrastinate_events e WHERE e.job_id = j.id)) AS at"
        " FROM procrastinate_jobs j WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()"
    )


def sealer_lag() -> Lag:
    """Audit rows of the unsealed window."""
    waiting, oldest = sealing.count_unsealed(COUNT_UP_TO)
    return Lag(waiting=waiting, seconds=_age(oldest))


def worker_age() -> float | None:
    """Seconds since the last sign of life of any worker."""
    last = WorkerBeat.objects.filter(name__startswith="worker").order_by("-beat_at").values_list("beat_at", flat=True)
    beat = last.first()
    return _age(beat) if beat else None


def is_worker_alive(within_seconds: float = 30.0) -> bool:
    age = worker_age()
    return age is not None and age < within_seconds


def _lag_of(rows: str, values: list[Any] | None = None) -> Lag:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), min(at) FROM ({rows} LIMIT {COUNT_UP_TO}) AS waiting",  # noqa: S608
            values or [],
        )
        waiting, oldest = cursor.fetchone()
    return Lag(waiting=waiting, seconds=_age(oldest))


def _age(moment: datetime | None) -> float:
    return max(0.0, round((now() - moment).total_seconds(), 1)) if moment else 0.0
