from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from lingqu.kernel import limits
from lingqu.kernel.errors import TooMany
from lingqu.kernel.models import Limit


def test_the_limit_holds_and_tells_when_to_come_back(db):
    assert [limits.hit("door:1", 3, 60) for _try in range(3)] == [2, 1, 0]
    with pytest.raises(TooMany) as refusal:
        limits.hit("door:1", 3, 60)
    assert 1 <= refusal.value.details["retry_after"] <= 60
    assert limits.hit("door:2", 3, 60) == 2
    assert limits.count_hits("door:1") == 4


def test_a_window_that_is_over_starts_again(db):
    limits.hit("door", 1, 60)
    Limit.objects.update(ends_at="2020-01-01T00:00Z")
    assert limits.count_hits("door") == 0
    assert limits.hit("door", 1, 60) == 0


def test_clear_and_purge(db):
    limits.hit("a", 1, 60)
    limits.hit("b", 1, 60)
    limits.clear("a")
    assert limits.hit("a", 1, 60) == 0
    Limit.objects.update(ends_at="2020-01-01T00:00Z")
    assert limits.purge() == 2


def test_a_hit_is_one_statement_and_stores_no_key(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        limits.hit("phone:13800000000", 3, 60)
    assert "13800000000" not in str(Limit.objects.values().get())


def test_the_table_is_unlogged(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'kernel_limit'")
        assert cursor.fetchone() == ("u",)


def test_many_at_once_are_counted_exactly(transactional_db):
    def attempt(_number: int) -> bool:
        try:
            limits.hit("rush", 5, 60)
        except TooMany:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(40))) == 5
