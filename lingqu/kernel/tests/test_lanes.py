"""Two connections share the items; inside a transaction there is one."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from lingqu.kernel.lanes import spread


def session() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_both_connections_work_and_outcomes_keep_their_order() -> None:
    meet, told = threading.Barrier(2, timeout=20), []

    def work(item: int) -> tuple[int, int]:
        if item < 2:
            meet.wait()  # passes only when two items are under way at once
        return item, session()

    found = spread(range(12), work, lambda done, of: told.append((done, of)))
    assert [item for item, _pid in found] == list(range(12))
    assert len({pid for _item, pid in found}) == 2
    assert told[-1] == (12, 12)


@pytest.mark.django_db
def test_inside_a_transaction_everything_is_done_by_its_own_connection() -> None:
    assert set(spread(range(12), lambda item: session())) == {session()}


@pytest.mark.django_db(transaction=True)
def test_an_error_of_either_lane_is_raised_and_ends_the_other() -> None:
    done: list[int] = []

    def work(item: int) -> None:
        if item == 3:
            raise ValueError(item)
        done.append(item)

    with pytest.raises(ValueError, match="3"):
        spread(range(10_000), work)
    assert len(done) < 9_999
