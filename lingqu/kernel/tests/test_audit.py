from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.audit import Filter
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.testing import actor_with
from lingqu.kernel.tests.things import ThingLost

VIEW = "kernel.audit.view"


@pytest.fixture
def trail(db) -> None:
    for number, path in enumerate(["1", "1.2", "1.2.5", "1.3", None, "1.20"]):
        audit.record(
            Actor.system("test"), f"test.step_{number % 2}", subject_kind="thing", subject_id=number, path=path
        )


@pytest.mark.parametrize(
    ("actor", "seen"),
    [
        (actor_with(VIEW, path="1"), "543210"),
        (actor_with(VIEW, path="1.2"), "21"),
        (actor_with(VIEW, path="1.2.5"), "2"),
        (actor_with(VIEW, path="2.1"), ""),
        (Actor(kind="account", name="x", rights=(Right(VIEW, "1.3"), Right(VIEW, "1.2"))), "321"),
        (Actor.system("test"), "543210"),
    ],
)
def test_a_reader_sees_the_places_of_the_right(trail, actor, seen):
    assert "".join(row.subject_id for row in audit.list_entries(actor)) == seen


@pytest.mark.parametrize("actor", [Actor.anonymous(), actor_with("kernel.health.view"), actor_with()])
def test_without_the_right_there_is_nothing_to_read(trail, actor):
    with pytest.raises(Forbidden):
        audit.list_entries(actor)


def test_a_right_that_ended_shows_nothing(trail):
    ended = Actor(kind="account", name="x", rights=(Right(VIEW, "1", until=now() - timedelta(seconds=1)),))
    with pytest.raises(Forbidden):
        audit.list_entries(ended)


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        (Filter(action="test.step_1"), "531"),
        (Filter(action="test.*"), "543210"),
        (Filter(subject_kind="thing", subject_id="4"), "4"),
        (Filter(path="1.2"), "21"),
        (Filter(since=now() + timedelta(hours=1)), ""),
        (Filter(until=now() + timedelta(hours=1)), "543210"),
        (Filter(account_id=uuid4()), ""),
    ],
)
def test_filters(trail, wanted, seen):
    assert "".join(row.subject_id for row in audit.list_entries(Actor.system("test"), wanted)) == seen


def test_the_trail_is_paged_by_key(trail):
    reader = actor_with(VIEW)
    first = audit.list_entries(reader, limit=4)
    second = audit.list_entries(reader, limit=4, cursor=first.next)
    assert [row.subject_id for row in (*first, *second)] == list("543210")
    assert (first.total_text, second.next) == ("6", None)


def test_one_subject_has_its_own_trail(trail):
    page = audit.list_for_subject("thing", 2)
    assert [(row.action, row.path) for row in page] == [("test.step_0", "1.2.5")]
    assert audit.list_for_subject("thing", 99).items == ()


def test_an_audited_write_costs_three_statements(transactional_db, django_assert_num_queries):
    """Audit row, outbox row, change row."""
    with transaction.atomic(), django_assert_num_queries(3):
        audit.record(actor_with(VIEW), "test.done", subject_kind="thing", subject_id=1)
        events.publish(ThingLost(thing_id=1))
        changes.log("test.thing", [1])
