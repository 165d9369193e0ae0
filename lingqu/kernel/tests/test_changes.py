from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from lingqu.kernel import changes, feeds, home
from lingqu.kernel.changes import Cursor
from lingqu.kernel.models import Change, HomeState

NUMBERS = st.integers(0, 2**63)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_cursor_survives_its_text(era, xid, row_id):
    assert Cursor.parse(str(Cursor(era, xid, row_id))) == Cursor(era, xid, row_id)


@pytest.mark.parametrize("text", ["", "1.2", "1.2.3.4", "a.b.c", "1.-2.3", "1.2.3;"])
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(ValueError):
        Cursor.parse(text)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=2))
def test_cursors_sort_like_the_feed(places):
    one, two = (Cursor(*place) for place in places)
    assert (one < two) == (places[0] < places[1])


def test_changes_are_read_in_order_and_in_portions(settle):
    changes.log("test.thing", range(5), "c")
    changes.log("test.other", ["x"], "d")
    settle()
    first = changes.read(limit=4)
    rest = changes.read(first.cursor, limit=4)
    found = [(entry.entity, entry.entity_id, entry.operation) for entry in (*first.entries, *rest.entries)]
    assert found == [("test.thing", str(n), "c") for n in range(5)] + [("test.other", "x", "d")]
    end = changes.read(rest.cursor)
    assert (end.entries, end.cursor) == ((), rest.cursor)
    assert [entry.entity_id for entry in changes.read(entities=["test.other"]).entries] == ["x"]


def test_a_row_with_a_lower_id_that_commits_later_is_not_skipped(settle):
    """The case that ``id > last`` loses: the open transaction took its id first and commits last."""
    has_written, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            changes.log("test.thing", ["slow"])
            has_written.set()
            may_commit.wait(10)
        connection.close()

    slow = threading.Thread(target=write_slowly)
    slow.start()
    has_written.wait(10)
    changes.log("test.thing", ["quick"])
    visible = list(Change.objects.order_by("id").values_list("entity_id", flat=True))
    held_back = changes.read()
    may_commit.set()
    slow.join()
    assert visible == ["quick"]  # a naive reader would now remember this row's id and never see the other
    assert held_back.entries == ()
    settle()
    assert [entry.entity_id for entry in changes.read(held_back.cursor).entries] == ["slow", "quick"]


@pytest.mark.parametrize("look", [lambda: changes.read(limit=10), lambda: feeds.head_of("kernel_change")])
def test_reading_uses_the_index(settle, look):
    """The very statement that is sent, and in the order of the index: nothing is sorted."""
    changes.log("test.thing", range(2000))
    settle()
    with CaptureQueriesContext(connection) as asked:
        look()
    sent = next(query["sql"] for query in asked if "kernel_change" in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE kernel_change")
        cursor.execute("EXPLAIN " + sent)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "kernel_change_feed" in plan and "Sort" not in plan


def test_after_a_move_to_another_cluster_cursors_start_over(settle):
    home.set_up(kind="real", node_code="001", version="1")
    changes.log("test.thing", ["before"])
    settle()
    old = changes.read().cursor
    assert changes.read(old).entries == ()
    Change.objects.update(xid="9000000000000000000")  # as restored rows look: ids of a cluster that was much older
    assert changes.read().entries == ()
    HomeState.objects.update(cluster="another")
    assert feeds.adopt_cluster() is True
    assert feeds.adopt_cluster() is False
    settle()
    again = changes.read(old)
    assert [entry.entity_id for entry in again.entries] == ["before"]
    assert again.cursor.era == 1
