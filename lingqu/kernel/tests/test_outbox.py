from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import connection, transaction

from lingqu.kernel import events, outbox
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Forbidden, NotFound
from lingqu.kernel.lags import outbox_lag
from lingqu.kernel.models import AuditEntry, OutboxCursor, OutboxEvent, OutboxRetry
from lingqu.kernel.testing import actor_with, deliver_events
from lingqu.kernel.tests.things import ThingLost, ThingMoved

KEEPER = Actor.system("test")


@pytest.fixture(autouse=True)
def own_handlers(monkeypatch):
    from collections import defaultdict

    monkeypatch.setattr(events, "HANDLERS", defaultdict(list))
    monkeypatch.setattr(events, "EVENT_TYPES", {})


def test_an_event_comes_back_as_it_was(db):
    got = []
    events.on(ThingMoved)(got.append)
    sent = ThingMoved(thing_id=uuid4(), at=datetime(2026, 1, 2, tzinfo=UTC), tags=("a", "b"), weight=3)
    events.publish(sent)
    assert OutboxEvent.objects.get().kind == "kernel.ThingMoved"
    assert deliver_events() == 1
    assert got == [sent]


def test_only_instances_of_dataclasses_are_events(db):
    for wrong in ({"thing_id": 1}, ThingLost, "text"):
        with pytest.raises(TypeError):
            events.publish(wrong)


def test_unknown_fields_are_ignored_and_missing_ones_take_defaults(db):
    events.on(ThingLost)(lambda event: None)
    assert events.restore("kernel.ThingLost", {"thing_id": 4, "gone": True}) == ThingLost(thing_id=4)


def test_the_handler_runs_after_commit_and_once(settle):
    got: list[int] = []

    @events.on(ThingLost)
    def note(event: ThingLost) -> None:
        got.append(event.thing_id)

    with transaction.atomic():
        events.publish(ThingLost(thing_id=1))
        assert outbox.deliver_all() == 0
    with pytest.raises(RuntimeError), transaction.atomic():
        events.publish(ThingLost(thing_id=2))
        raise RuntimeError
    settle()
    assert outbox_lag().waiting == 1
    assert outbox.deliver_all() == 1
    assert outbox.deliver_all() == 0
    assert got == [1]
    assert outbox_lag().waiting == 0


def test_every_handler_gets_every_event_of_its_kind(settle):
    got: list[str] = []
    for number, handler in enumerate((lambda e: got.append("first"), lambda e: got.append("second"))):
        handler.__name__ = f"handler_{number}"
        events.on(ThingLost)(handler)
    events.on(ThingMoved)(lambda e: got.append("never"))
    for thing in range(3):
        events.publish(ThingLost(thing_id=thing))
    settle()
    assert outbox.deliver_all() == 6
    assert sorted(got) == ["first"] * 3 + ["second"] * 3


def test_one_function_may_handle_two_kinds(settle):
    got: list[type] = []

    @events.on(ThingLost)
    @events.on(ThingMoved)
    def both(event: object) -> None:
        got.append(type(event))

    events.publish(ThingMoved(thing_id=uuid4()))
    events.publish(ThingLost(thing_id=1))
    settle()
    outbox.deliver_all()
    assert set(got) == {ThingLost, ThingMoved} and len(got) == 2


def test_a_handler_that_dies_midway_leaves_nothing_and_gets_the_event_again(settle):
    """SystemExit stands for the kill: it passes every ``except Exception`` and no line runs after it."""
    attempts: list[int] = []

    @events.on(ThingLost)
    def fragile(event: ThingLost) -> None:
        attempts.append(event.thing_id)
        OutboxEvent.objects.create(kind="kernel.Trace", payload={})
        if len(attempts) < 3:
            raise SystemExit

    events.publish(ThingLost(thing_id=7))
    settle()
    for _death in range(2):
        with pytest.raises(SystemExit):
            outbox.deliver_all()
        assert OutboxEvent.objects.filter(kind="kernel.Trace").count() == 0
    assert outbox.deliver_all() == 1
    assert attempts == [7, 7, 7]
    assert OutboxEvent.objects.filter(kind="kernel.Trace").count() == 1
    assert OutboxRetry.objects.count() == 0


def test_an_event_that_kills_its_worker_ten_times_is_parked_and_the_next_one_arrives(settle):
    got: list[int] = []

    @events.on(ThingLost)
    def deadly(event: ThingLost) -> None:
        if event.thing_id == 1:
            raise SystemExit
        got.append(event.thing_id)

    events.publish(ThingLost(thing_id=1))
    events.publish(ThingLost(thing_id=2))
    settle()
    for _death in range(10):
        with pytest.raises(SystemExit):
            outbox.deliver_all()
    outbox.deliver_all()
    assert got == [2]
    letter = outbox.list_dead()[0]
    assert (letter.handler, letter.kind, letter.error) == (
        "kernel.deadly < kernel.ThingLost",
        "kernel.ThingLost",
        "the worker died 10 times",
    )


def test_a_failing_event_waits_ten_tries_with_growing_pauses_then_lies_dead(settle, monkeypatch):
    tries: list[datetime] = []

    @events.on(ThingLost)
    def broken(event: ThingLost) -> None:
        tries.append(now())
        raise ValueError("13800000000")

    events.publish(ThingLost(thing_id=1))
    settle()
    outbox.deliver_all()
    pauses = []
    for _try in range(9):
        letter = OutboxRetry.objects.get()
        assert letter.state == "waiting"
        pauses.append((letter.next_at - now()).total_seconds())
        assert outbox.deliver_all() == 0
        OutboxRetry.objects.update(next_at=now() - timedelta(seconds=1))
        assert outbox.deliver_all() == 1
    assert len(tries) == 10
    assert all(later > sooner for sooner, later in pairwise(pauses))
    assert 1 < pauses[0] < 3 and 350 < pauses[-1] < 700
    dead = outbox.list_dead()
    assert [(letter.attempts, letter.kind) for letter in dead] == [(10, "kernel.ThingLost")]
    assert "ValueError" in dead[0].error and "13800000000" not in dead[0].error
    OutboxRetry.objects.update(next_at=now() - timedelta(seconds=1))
    assert outbox.deliver_all() == 0


def dead_letter() -> OutboxRetry:
    events.publish(ThingLost(thing_id=5))
    event = OutboxEvent.objects.latest("id")
    return OutboxRetry.objects.create(
        event=event, handler="kernel.mend < kernel.ThingLost", state="dead", attempts=10, next_at=now(), error="x"
    )


def test_a_dead_letter_is_retried_by_hand(settle):
    got: list[int] = []

    @events.on(ThingLost)
    def mend(event: ThingLost) -> None:
        got.append(event.thing_id)

    letter = dead_letter()
    outbox.retry_dead(actor=actor_with("kernel.health.view"), letter_id=letter.pk)
    OutboxCursor.objects.all().delete()
    settle()
    outbox.deliver_all()
    assert got == [5, 5]  # once from the feed, once from the retry: at least once, never never
    assert OutboxRetry.objects.count() == 0
    assert AuditEntry.objects.get().action == "kernel.dead_letter_retried"


def test_a_dead_letter_is_dropped_by_hand(db):
    letter = dead_letter()
    outbox.drop_dead(actor=KEEPER, letter_id=letter.pk)
    assert outbox.list_dead() == ()
    assert AuditEntry.objects.get().data == {"handler": "kernel.mend < kernel.ThingLost", "event": letter.event_id}
    with pytest.raises(NotFound):
        outbox.drop_dead(actor=KEEPER, letter_id=letter.pk)


def test_dead_letters_are_for_those_who_see_the_health_page(db):
    letter = dead_letter()
    for refused in (Actor.anonymous(), actor_with("kernel.audit.view")):
        for act in (outbox.retry_dead, outbox.drop_dead):
            with pytest.raises(Forbidden):
                act(actor=refused, letter_id=letter.pk)
    assert OutboxRetry.objects.get().state == "dead"
    assert not AuditEntry.objects.exists()


def test_a_handler_that_is_gone_ends_as_a_dead_letter(db):
    letter = dead_letter()
    OutboxRetry.objects.filter(pk=letter.pk).update(state="waiting", attempts=9)
    assert outbox._retry(letter.pk, {}) == 1
    assert outbox.list_dead()[0].error.startswith("lingqu.kernel.outbox.HandlerGone")


WRITERS, EVENTS_EACH = 6, 25


def test_nothing_is_lost_under_concurrent_writers_with_long_transactions(settle):
    """Writers take ids early and commit late, in any order, while the dispatcher reads.

    The same test reads the table a second time the obvious way, ``WHERE id > last``, and shows what that loses: rows
    whose id is below one that was already visible, because their transactions commit later.
    """
    delivered: list[int] = []
    naive: list[int] = []
    done = threading.Event()

    @events.on(ThingLost)
    def collect(event: ThingLost) -> None:
        delivered.append(event.thing_id)

    def write(writer: int) -> None:
        chance = random.Random(writer)
        for number in range(0, EVENTS_EACH, 5):
            with transaction.atomic():
                for step in range(5):
                    events.publish(ThingLost(thing_id=writer * 1000 + number + step))
                    time.sleep(chance.uniform(0, 0.01))
                time.sleep(chance.uniform(0, 0.08))
        connection.close()

    def read_naively() -> None:
        last = 0
        while not done.is_set():
            for row in OutboxEvent.objects.filter(id__gt=last).order_by("id"):
                naive.append(row.payload["thing_id"])
                last = row.pk
            time.sleep(0.005)
        connection.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    reader = threading.Thread(target=read_naively)
    for thread in (*writers, reader):
        thread.start()
    dispatcher = outbox.Dispatcher()
    while any(thread.is_alive() for thread in writers):
        dispatcher.run_round()
    time.sleep(0.05)
    done.set()
    reader.join()
    settle()
    while dispatcher.run_round():
        pass
    expected = sorted(writer * 1000 + number for writer in range(WRITERS) for number in range(EVENTS_EACH))
    assert sorted(delivered) == expected
    assert len(naive) < len(expected), "the obvious way should have lost rows here"


def test_two_dispatchers_share_the_work_without_doubling_it(settle):
    delivered: list[int] = []

    @events.on(ThingLost)
    def collect(event: ThingLost) -> None:
        time.sleep(0.002)
        delivered.append(event.thing_id)

    for thing in range(40):
        events.publish(ThingLost(thing_id=thing))
    settle()

    def work() -> None:
        dispatcher = outbox.Dispatcher()
        for _round in range(200):
            dispatcher.run_round()
            if len(delivered) >= 40:
                break
        connection.close()

    threads = [threading.Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(delivered) == list(range(40))
