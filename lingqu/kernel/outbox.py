"""Delivery of events to their handlers, after commit, at least once.

Each handler has a cursor in the feed (see ``feeds``). An event is noted as tried, then the handler runs in one
transaction with the step of its cursor: what it writes and the note that it is done commit together. A handler that
raises does not hold up the others: its event moves to the retry table, is tried again with growing pauses, and after
ten tries becomes a dead letter that a person retries or drops. An event that kills its worker ten times is parked the
same way.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from . import audit, events, feeds, rights
from .actor import Actor, require
from .clock import now
from .errors import NotFound
from .feeds import Cursor
from .jobs import wait_before
from .models import OutboxCursor, OutboxEvent, OutboxRetry

log = logging.getLogger("lingqu.outbox")
MOST_TRIES = 10
BATCH = 100
SAVE_IDLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An event that a handler could not take. ``error`` names the exception and its place, never a value."""

    id: int
    handler: str
    kind: str
    event_id: int
    attempts: int
    error: str
    failed_at: datetime


@dataclass(slots=True)
class Dispatcher:
    """One delivering loop's memory: how far each handler's part of the feed is known to be empty."""

    _seen: dict[str, Cursor] = field(default_factory=dict)
    _saved_at: dict[str, float] = field(default_factory=dict)

    def run_round(self) -> int:
        """Deliver what is settled and what is due again; returns how many deliveries were tried."""
        handlers = list(_registered())
        head = feeds.head_of("kernel_outbox")
        tried = sum(self._advance(kind, handler, head) for kind, handler in handlers)
        return tried + _run_due({events.name_of(kind, handler): handler for kind, handler in handlers})

    def _advance(self, kind: str, handler: events.Handler, head: Cursor) -> int:
        name = events.name_of(kind, handler)
        at = self._seen.get(name)
        if at is None or at.era != head.era:
            at = self._seen[name] = _stored_cursor(name, head.era)
        if at >= head:
            return 0
        rows = feeds.read_rows(
            "kernel_outbox", ("payload::text",), after=at, limit=BATCH, where="kind = %s", values=[kind]
        )
        for done, (xid, event_id, payload) in enumerate(rows):
            place = Cursor(head.era, xid, event_id)
            if not _deliver(name, handler, kind, place, payload):
                return done
            self._seen[name] = place
        if not rows:
            self._seen[name] = head
            self._save_idle(name, head)
        return len(rows)

    def _save_idle(self, name: str, place: Cursor) -> None:
        """Store now and then that nothing was there, so that a restart and the purge need not look again."""
        if monotonic() - self._saved_at.get(name, 0.0) < SAVE_IDLE_SECONDS:
            return
        self._saved_at[name] = monotonic()
        with transaction.atomic():
            if (held := _hold(name)) is not None and _place_of(held, place.era) < place:
                _move(name, place)


def deliver_all() -> int:
    """Rounds until nothing is left that can be delivered now; for commands and tests."""
    dispatcher, total = Dispatcher(), 0
    while tried := dispatcher.run_round():
        total += tried
    return total


def list_dead(limit: int = 100) -> tuple[DeadLetter, ...]:
    """The latest dead letters, newest first."""
    rows = OutboxRetry.objects.filter(state="dead").select_related("event").order_by("-id")[:limit]
    return tuple(
        DeadLetter(
            id=row.pk,
            handler=row.handler,
            kind=row.event.kind,
            event_id=row.event_id,
            attempts=row.attempts,
            error=row.error,
            failed_at=row.failed_at,
        )
        for row in rows
    )


@transaction.atomic
def retry_dead(*, actor: Actor, letter_id: int) -> None:
    """Give a dead letter ten new tries, the first at once."""
    letter = _dead_letter(actor, letter_id)
    letter.state, letter.attempts, letter.next_at = "waiting", 0, now()
    letter.save(update_fields=["state", "attempts", "next_at"])
    audit.record(actor, "kernel.dead_letter_retried", subject_kind="kernel.dead_letter", subject_id=letter_id)


@transaction.atomic
def drop_dead(*, actor: Actor, letter_id: int) -> None:
    """Give a dead letter up for good."""
    letter = _dead_letter(actor, letter_id)
    data = {"handler": letter.handler, "event": letter.event_id}
    letter.delete()
    audit.record(
        actor, "kernel.dead_letter_dropped", subject_kind="kernel.dead_letter", subject_id=letter_id, data=data
    )


def least_cursor() -> Cursor | None:
    """The place that every registered handler has passed, None without handlers or before their first step."""
    names = {events.name_of(kind, handler) for kind, handler in _registered()}
    era = feeds.current_era()
    places = [_place_of(row, era) for row in OutboxCursor.objects.filter(handler__in=names)]
    return min(places) if places and len(places) == len(names) else None


def _registered() -> Iterator[tuple[str, events.Handler]]:
    for kind, handlers in sorted(events.HANDLERS.items()):
        for handler in handlers:
            yield kind, handler


def _dead_letter(actor: Actor, letter_id: int) -> OutboxRetry:
    require(actor.has(rights.HEALTH_VIEW))
    letter = OutboxRetry.objects.select_for_update().filter(pk=letter_id, state="dead").first()
    if letter is None:
        raise NotFound()
    return letter


def _stored_cursor(name: str, era: int) -> Cursor:
    OutboxCursor.objects.bulk_create([OutboxCursor(handler=name, era=era)], ignore_conflicts=True)
    return _place_of(OutboxCursor.objects.get(handler=name), era)


def _place_of(row: OutboxCursor, era: int) -> Cursor:
    return feeds.in_this_era(Cursor(row.era, int(row.xid), row.event_id), era)


def _hold(name: str) -> OutboxCursor | None:
    """The cursor row, locked; None while another worker runs this handler."""
    return OutboxCursor.objects.select_for_update(skip_locked=True).filter(handler=name).first()


def _move(name: str, place: Cursor) -> None:
    OutboxCursor.objects.filter(handler=name).update(
        era=place.era, xid=RawSQL("%s::text::xid8", [str(place.xid)]), event_id=place.id, moved_at=now()
    )


def _note_try(name: str, event_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_outbox_cursor SET tries = CASE WHEN trying_id = %s THEN tries + 1 ELSE 1 END, trying_id = %s"
            " WHERE handler = %s RETURNING tries",
            [event_id, event_id, name],
        )
        return int(cursor.fetchone()[0])


def _deliver(name: str, handler: events.Handler, kind: str, place: Cursor, payload: str) -> bool:
    """One first delivery; false while another worker is at it."""
    tries = _note_try(name, place.id)
    error = "" if tries <= MOST_TRIES else f"the worker died {MOST_TRIES} times"
    if not error:
        try:
            with transaction.atomic():
                held = _hold(name)
                if held is None:
                    return False
                if _place_of(held, place.era) >= place:
                    return True
                handler(events.restore(kind, _loads(payload)))
                _move(name, place)
                return True
        except Exception as raised:  # noqa: BLE001  whatever a handler raises is its event's failure, recorded below
            error = _told(raised)
    with transaction.atomic():
        held = _hold(name)
        if held is None or _place_of(held, place.era) >= place:
            return held is not None
        OutboxRetry.objects.create(
            event_id=place.id, handler=name, attempts=tries, error=error, failed_at=now(),
            state="dead" if tries > MOST_TRIES else "waiting", next_at=now() + timedelta(seconds=wait_before(1)),
        )  # fmt: skip
        _move(name, place)
    log.warning("event %d of %s failed in %s: %s", place.id, kind, name, error)
    return True


def _run_due(handlers: dict[str, events.Handler]) -> int:
    tried = 0
    due = OutboxRetry.objects.filter(state="waiting", next_at__lte=now()).order_by("next_at")
    for letter_id in list(due.values_list("pk", flat=True)[:BATCH]):
        tried += _retry(letter_id, handlers)
    return tried


def _retry(letter_id: int, handlers: dict[str, events.Handler]) -> int:
    """One more try of a failed event, counted before it runs: a handler that kills its worker comes to an end too."""
    due = OutboxRetry.objects.filter(pk=letter_id, state="waiting", next_at__lte=now())
    with transaction.atomic():
        letter = due.select_for_update(skip_locked=True).first()
        if letter is None:
            return 0
        letter.attempts += 1
        letter.next_at = now() + timedelta(seconds=wait_before(letter.attempts))
        letter.save(update_fields=["attempts", "next_at"])
    try:
        if letter.attempts > MOST_TRIES:
            raise WorkerDied(f"{MOST_TRIES} times")
        handler = _known(handlers, letter.handler)
        with transaction.atomic():
            if not OutboxRetry.objects.select_for_update(skip_locked=True).filter(pk=letter_id).exists():
                return 0
            event = OutboxEvent.objects.get(pk=letter.event_id)
            handler(events.restore(event.kind, event.payload))
            OutboxRetry.objects.filter(pk=letter_id).delete()
    except Exception as raised:  # noqa: BLE001  recorded with the event
        state = "dead" if letter.attempts >= MOST_TRIES else "waiting"
        error = _told(raised)
        OutboxRetry.objects.filter(pk=letter_id).update(state=state, error=error, failed_at=now())
        log.warning("event %d failed in %s, try %d: %s", letter.event_id, letter.handler, letter.attempts, error)
    return 1


class WorkerDied(Exception):
    """The process ended while this event was being handled."""


class HandlerGone(Exception):
    """No installed module registers this handler any more."""


def _known(handlers: dict[str, events.Handler], name: str) -> Callable[[Any], None]:
    if name not in handlers:
        raise HandlerGone(name)
    return handlers[name]


def _told(error: BaseException) -> str:
    """Exception type and innermost place in code; its text may quote personal values and is left out."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno} {frames[-1].name}" if frames else ""
    return f"{type(error).__module__}.{type(error).__qualname__}{where}"


def _loads(payload: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(payload)
    return found
