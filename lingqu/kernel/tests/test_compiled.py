"""A query whose SQL is made once answers like the ORM, with whatever values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from lingqu.kernel.clock import now
from lingqu.kernel.compiled import Compiled
from lingqu.kernel.models import WorkerBeat

pytestmark = pytest.mark.django_db
LATER = Compiled(
    lambda name, at: WorkerBeat.objects.filter(Q(name=name) & Q(beat_at__gt=at)).values_list("name", "beat_at"),
    name="an example", at=datetime(2000, 1, 1, tzinfo=UTC),
)  # fmt: skip


def test_values_take_their_places_each_time() -> None:
    at = now()
    for name in ("甲", "乙"):
        WorkerBeat.objects.create(name=name, pid=1, host="h", started_at=at, beat_at=at)
    before, after = at - timedelta(minutes=1), at + timedelta(minutes=1)
    with CaptureQueriesContext(connection) as queries:
        found = [LATER.rows(name=name, at=when) for name in ("甲", "丙") for when in (before, after)]
    assert found == [[("甲", at)], [], [], []]
    assert LATER.row(name="乙", at=before) == ("乙", at)
    assert LATER.row(name="乙", at=after) is None
    assert len(queries) == 4


def test_an_example_that_is_changed_on_its_way_is_refused() -> None:
    wrong = Compiled(lambda part: WorkerBeat.objects.filter(name__contains=part).values_list("name"), part="x")
    with pytest.raises(ValueError, match="stand in the query"):
        wrong.rows(part="y")
