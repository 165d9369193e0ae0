"""Imports whose worker was killed are taken up again, but not for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lingqu.foundation.intake.applying import services
from lingqu.foundation.intake.models import Import, ImportFile
from lingqu.foundation.registry import api as registry
from lingqu.kernel.clock import now
from lingqu.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(minutes=10)


def left_behind(state: str, *, stored: str = "a" * 64, chunks_done: int = 0, ago: timedelta = LONG_AGO) -> Import:
    root = registry.ensure_root()
    record = Import.objects.create(
        number=f"IM-{Import.objects.count()}", source=registry.source_of("test"), organisation=root, path=str(root.path),
        state=state, chunks_done=chunks_done, created_by="甲", heartbeat_at=now() - ago,
    )  # fmt: skip
    ImportFile.objects.create(owner=record, name="学生.csv", size=1, digest="d", stored=stored)
    return record


def later(record: Import, **changes: Any) -> None:
    Import.objects.filter(id=record.id).update(heartbeat_at=now() - LONG_AGO, **changes)


def test_only_uploads_without_a_sign_of_life_are_taken_up() -> None:
    wanted = {left_behind("reading").id, left_behind("applying").id}
    left_behind("applying", ago=timedelta(seconds=5))
    left_behind("applying", stored="")
    left_behind("checked")
    assert set(services.take_up_stale()) == wanted
    assert services.take_up_stale() == []


@pytest.mark.parametrize(("state", "chunks", "end"), [("reading", 0, "refused"), ("applying", 3, "cancelled")])
def test_files_that_end_the_worker_every_time_are_given_up(state: str, chunks: int, end: str) -> None:
    record = left_behind(state, chunks_done=chunks)
    for _time in range(services.MOST_TAKEN_UP):
        assert services.take_up_stale() == [record.id]
        later(record)
    assert services.take_up_stale() == []
    record.refresh_from_db()
    assert (record.state, bool(record.refusal)) == (end, True)
    assert AuditEntry.objects.filter(action="intake.import.given_up", subject_id=record.number).count() == 1


def test_a_chunk_between_counts_as_getting_on() -> None:
    record = left_behind("applying")
    for done in range(services.MOST_TAKEN_UP * 2):
        later(record, chunks_done=done)
        assert services.take_up_stale() == [record.id]
