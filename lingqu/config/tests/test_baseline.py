"""The schema as one text is what the migrations give."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from lingqu.config import baseline

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.django_db
def test_no_migration_of_the_text_has_changed_since() -> None:
    assert baseline.stale(connection) == [], "run: make baseline"


@pytest.mark.django_db
def test_the_text_is_noted_as_applied_and_nothing_is_left_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    applied = MigrationRecorder(connection).applied_migrations()
    assert set(baseline.held(baseline.FILE.read_text())) <= set(applied)
    call_command("migrate", plan=True)
    assert "No planned migration operations" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_database_with_tables_is_not_given_the_text() -> None:
    assert not baseline.is_empty(connection)
    before = set(connection.introspection.table_names())
    call_command("migrate", verbosity=0)
    assert set(connection.introspection.table_names()) == before


@pytest.mark.django_db
def test_an_edited_migration_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = baseline.FILE.read_text()
    (app, name), digest = next(iter(baseline.held(text).items()))
    (tmp_path / "baseline.sql").write_text(text.replace(digest, "0" * 16, 1))
    monkeypatch.setattr(baseline, "FILE", tmp_path / "baseline.sql")
    assert baseline.stale(connection) == [f"{app}.{name}"]


@pytest.mark.deep
def test_migrating_step_by_step_gives_the_same_schema() -> None:
    done = subprocess.run(
        [sys.executable, "tools/baseline.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
