"""How long rows of growing tables stay. Every table that grows has a rule here or in its module's ``contributions.py``.

    retention.declare("intake_finding", keep="with its import", by="intake.purge_imports")

``days_of`` reads ``LINGQU_RETENTION`` (a mapping from rule name to days) over the defaults below.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from . import audit, outbox, sealing
from .actor import Actor
from .clock import now
from .feeds import Cursor
from .models import Message, WorkerBeat

DAYS = {"audit": 1096, "outbox": 14, "changes": 180, "jobs": 14, "failed_jobs": 60, "messages": 90}
LEAST_DAYS = {"audit": 180}
CHUNK = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``keep`` is for people; ``by`` names the job that clears the table, empty when it is bounded by itself."""

    table: str
    keep: str
    by: str


RULES: dict[str, Rule] = {}


def declare(table: str, *, keep: str, by: str = "") -> None:
    RULES[table] = Rule(table=table, keep=keep, by=by)


def days_of(name: str) -> int:
    """Raises ``ValueError`` for a trail that would be kept for less than the law asks (网络安全法 第二十一条)."""
    days = int(getattr(settings, "LINGQU_RETENTION", {}).get(name, DAYS[name]))
    if days < LEAST_DAYS.get(name, 0):
        raise ValueError(f"LINGQU_RETENTION: {name} stays at least {LEAST_DAYS[name]} days")
    return days


def _limit(name: str) -> datetime:
    return now() - timedelta(days=days_of(name))


def purge_outbox() -> int:
    """Events that every handler has passed and that are old enough; what still waits or is dead stays."""
    least = outbox.least_cursor() or Cursor()
    return _delete_in_chunks(
        "kernel_outbox",
        "at < %s AND (xid, id) <= (%s::text::xid8, %s)"
        " AND NOT EXISTS (SELECT 1 FROM kernel_outbox_retry r WHERE r.event_id = kernel_outbox.id)",
        [_limit("outbox"), str(least.xid), least.id],
    )


def purge_changes() -> int:
    """A consumer that was away longer than this compares counts and checksums anew."""
    return _delete_in_chunks("kernel_change", "at < %s", [_limit("changes")])


def purge_jobs() -> int:
    """Finished jobs; failed ones stay longer, for a person to look at."""
    ended = (
        "status::text = ANY(%s) AND NOT EXISTS"
        " (SELECT 1 FROM procrastinate_events e WHERE e.job_id = procrastinate_jobs.id AND e.at >= %s)"
    )
    return sum(
        _delete_in_chunks("procrastinate_jobs", ended, [states, _limit(rule)])
        for states, rule in ((["succeeded", "cancelled", "aborted"], "jobs"), (["failed"], "failed_jobs"))
    )


def purge_messages() -> int:
    return Message.objects.filter(created_at__lt=_limit("messages")).exclude(state="queued").delete()[0]


def purge_beats() -> int:
    return WorkerBeat.objects.filter(beat_at__lt=now() - timedelta(days=1)).delete()[0]


def purge_audit() -> int:
    """Whole sealed batches; their seals stay, so the chain still verifies. The purge is itself on the trail."""
    limit = min(_limit("audit"), now() - sealing.LEAST_AGE)
    numbers = sealing.purge_before(limit)
    if numbers:
        data = {"from_batch": numbers[0], "to_batch": numbers[-1]}
        audit.record(Actor.system("retention"), "kernel.audit_purged", data=data)
    return len(numbers)


def _delete_in_chunks(table: str, condition: str, values: list[Any]) -> int:
    """Delete in transactions of bounded size, so that nobody waits long."""
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE id = ANY(ARRAY(SELECT id FROM {table} WHERE {condition} LIMIT {CHUNK}))",  # noqa: S608
                values,
            )
            total += cursor.rowcount
            if cursor.rowcount < CHUNK:
                return total


for _table, _keep, _by in (
    ("kernel_audit", "three years, never under six months", "kernel.purge_trail"),
    ("kernel_audit_seal", "for ever: one row a batch", ""),
    ("kernel_outbox", "14 days after every handler has passed", "kernel.purge_trail"),
    ("kernel_outbox_retry", "until delivered or dropped", ""),
    ("kernel_outbox_cursor", "one row a handler", ""),
    ("kernel_change", "180 days", "kernel.purge_trail"),
    ("kernel_limit", "until its window ends", "kernel.purge_limits"),
    ("kernel_file", "a day after the last reference", "kernel.collect_orphan_files"),
    ("kernel_file_reference", "as long as its owner", ""),
    ("kernel_message", "90 days", "kernel.purge_tools"),
    ("kernel_worker_beat", "one day", "kernel.purge_tools"),
    ("kernel_home_state", "one row", ""),
    ("kernel_key_state", "one row", ""),
    ("kernel_key_step", "one row a sealed column and key", ""),
    ("procrastinate_jobs", "14 days, failed 60", "kernel.purge_tools"),
    ("procrastinate_events", "with their job", "kernel.purge_tools"),
    ("procrastinate_periodic_defers", "the latest of each job", ""),
    ("procrastinate_workers", "until stalled", ""),
    ("django_session", "until it ends", "kernel.purge_tools"),
):
    declare(_table, keep=_keep, by=_by)
