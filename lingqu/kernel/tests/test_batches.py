"""Lines of many requests reach the database together, also after a time without it and at the end of the process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest
from django.db import IntegrityError, OperationalError

from lingqu.kernel import batches
from lingqu.kernel.batches import Batch


@pytest.fixture
def written() -> list[list[int]]:
    return []


def test_without_a_pause_each_line_is_written_at_once(written: list[list[int]]) -> None:
    batch = Batch[int]("test", lambda lines: written.append(list(lines)))
    batch.add(1)
    batch.add(2)
    assert written == [[1], [2]]


def test_lines_are_written_together(written: list[list[int]], settings: object) -> None:
    settings.LINGQU_BATCH_SECONDS = 3600  # type: ignore[attr-defined]
    batch = Batch[int]("test", lambda lines: written.append(list(lines)))
    for line in range(3):
        batch.add(line)
    assert written == []
    batch.flush()
    batch.flush()
    assert written == [[0, 1, 2]]


def test_lines_wait_for_the_database_and_the_oldest_are_given_up(
    settings: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LINGQU_BATCH_SECONDS = 3600  # type: ignore[attr-defined]
    monkeypatch.setattr(batches, "MOST_WAITING", 3)
    kept: list[int] = []
    is_away = True

    def write(lines: Sequence[int]) -> None:
        if is_away:
            raise OperationalError
        kept.extend(lines)

    batch = Batch[int]("test", write)
    for line in range(5):
        batch.add(line)
    batch.flush()
    assert "2 lines are given up" in caplog.text
    is_away = False
    batch.flush()
    assert kept == [2, 3, 4]


def test_a_line_that_the_database_refuses_holds_nothing_up(
    settings: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LINGQU_BATCH_SECONDS = 3600  # type: ignore[attr-defined]
    monkeypatch.setattr(batches, "MOST_AT_ONCE", 1)
    kept: list[int] = []

    def write(lines: Sequence[int]) -> None:
        if 1 in lines:
            raise IntegrityError
        kept.extend(lines)

    batch = Batch[int]("test", write)
    for line in range(3):
        batch.add(line)
    batch.flush()
    assert kept == [0, 2]
    assert "cannot be written" in caplog.text


def test_what_waits_is_written_when_the_process_ends() -> None:
    """Also of a forked child, as the web server's are."""
    program = """
import multiprocessing
from django.conf import settings
settings.configure(LINGQU_BATCH_SECONDS=3600)
from lingqu.kernel.batches import Batch
def work():
    Batch("test", lambda lines: print("written", list(lines), flush=True)).add(7)
child = multiprocessing.get_context("fork").Process(target=work)
child.start()
child.join()
work()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.splitlines() == ["written [7]", "written [7]"]
