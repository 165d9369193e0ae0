"""``lingqu roster import`` goes on by itself when the database was away, and only then."""

from __future__ import annotations

import psycopg
import pytest
from django.db import OperationalError

from lingqu.foundation.intake import cli


class Record:
    id, chunks_done = 1, 0

    def refresh_from_db(self) -> None:
        self.chunks_done += self.step

    def __init__(self, step: int) -> None:
        self.step = step


def failing(monkeypatch, error: psycopg.Error, times: int) -> list[int]:
    """``run_import`` raises ``error`` so often, then succeeds; the list counts its calls."""
    calls: list[int] = []

    def run(**_arguments):
        calls.append(1)
        if len(calls) <= times:
            raise OperationalError() from error
        return "done"

    monkeypatch.setattr(cli, "run_import", run)
    monkeypatch.setattr(cli, "_is_back", lambda seconds: True)
    return calls


@pytest.mark.parametrize(
    "error", [psycopg.OperationalError(), psycopg.errors.AdminShutdown(), psycopg.errors.CannotConnectNow()]
)
def test_a_lost_connection_is_waited_for(monkeypatch, error):
    calls = failing(monkeypatch, error, 2)
    assert cli._run_through_outages(None, Record(0), []) == "done"
    assert len(calls) == 3


@pytest.mark.parametrize("error", [psycopg.errors.DiskFull(), psycopg.errors.QueryCanceled()])
def test_a_refused_statement_is_an_error(monkeypatch, error):
    calls = failing(monkeypatch, error, 1)
    with pytest.raises(OperationalError):
        cli._run_through_outages(None, Record(0), [])
    assert len(calls) == 1


@pytest.mark.parametrize(("step", "tries"), [(0, cli.MOST_OUTAGES + 1), (1, 31)])
def test_outages_count_only_without_a_chunk_between(monkeypatch, step, tries):
    calls = failing(monkeypatch, psycopg.OperationalError(), 30)
    try:
        assert cli._run_through_outages(None, Record(step), []) == "done"
    except OperationalError:
        assert step == 0
    assert len(calls) == tries
