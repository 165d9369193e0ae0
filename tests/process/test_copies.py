"""Backup, restore into another home, upgrade, and the refusal to go back."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from lingqu.config.backup import read_facts
from lingqu.config.home import changed, read_mark, write_mark
from lingqu.config.postgres import Cluster, url_of

from .conftest import LINGQU, Platform, wait_for

pytestmark = pytest.mark.process
TEXT = b"a stored file"
DIGEST = hashlib.sha256(TEXT).hexdigest()


def put_content(platform: Platform) -> None:
    """A row and a stored file, as a module would leave them."""
    with psycopg.connect(url_of(platform.home), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO kernel_file (digest, size, stored_at) VALUES (%s, %s, now())", [DIGEST, len(TEXT)]
        )
    target = platform.home / "files" / DIGEST[:2] / DIGEST[2:4] / DIGEST
    target.parent.mkdir(parents=True)
    target.write_bytes(TEXT)


def stored_files(platform: Platform) -> list[tuple[str, int]]:
    with psycopg.connect(url_of(platform.home)) as connection:
        return connection.execute("SELECT digest, size FROM kernel_file").fetchall()


def test_backup_restores_into_an_empty_home(platform: Platform, second_platform: Platform, folder: Path) -> None:
    platform.run()
    put_content(platform)
    made = platform.command("backup", str(folder / "copy"), "--with-key", "--json")
    result = json.loads(made.stdout)
    assert (made.returncode, result["ok"], result["files"], result["file_bytes"]) == (0, True, 1, len(TEXT))
    assert "lingqu_backup_age_seconds -1.0" not in platform.get("/metrics")[1]

    shutil.rmtree(second_platform.home)
    restored = second_platform.command("restore", str(folder / "copy"), "--json")
    assert (restored.returncode, json.loads(restored.stdout)["files"]) == (0, 1), restored.stderr
    second_platform.run()
    assert stored_files(second_platform) == [(DIGEST, len(TEXT))]
    assert (second_platform.home / "files" / DIGEST[:2] / DIGEST[2:4] / DIGEST).read_bytes() == TEXT
    first, second = read_mark(platform.home), read_mark(second_platform.home)
    assert first is not None and second is not None
    assert (first.id, first.kind) == (second.id, second.kind)
    verdict = second_platform.command("audit", "verify", "--json")
    assert json.loads(verdict.stdout)["ok"] is True


@pytest.mark.deep
def test_backup_without_key_needs_the_key_file(platform: Platform, second_platform: Platform, folder: Path) -> None:
    platform.run()
    platform.command("backup", str(folder / "copy"))
    assert not (folder / "copy" / "keys.json").exists()
    shutil.rmtree(second_platform.home)
    refused = second_platform.command("restore", str(folder / "copy"))
    assert refused.returncode == 1
    assert "home.keys" in refused.stderr
    shutil.copy(platform.home.with_name("home.keys"), second_platform.home.with_name("home.keys"))
    assert second_platform.command("restore", str(folder / "copy")).returncode == 0


@pytest.mark.deep
def test_restore_never_overwrites_unasked(platform: Platform, folder: Path) -> None:
    """Nor takes half a backup, nor leaves half a restore unsaid."""
    platform.run()
    killed_backup(platform, folder / "half")
    platform.command("backup", str(folder / "copy"), "--with-key")
    drill = json.loads(platform.command("drill", "--json").stdout)
    assert (drill["ok"], drill["kind"], drill["audit"]["ok"]) == (True, "backup", True), drill
    assert drill["rpo_seconds"] < 120
    put_content(platform)
    assert platform.command("restore", str(folder / "copy"), "--apply").returncode == 1  # it is running
    platform.command("stop")
    assert platform.command("restore", str(folder / "copy")).returncode == 1  # it has content
    killed_restore(platform, folder / "copy")
    assert platform.command("restore", str(folder / "copy"), "--apply").returncode == 0
    platform.run()
    assert stored_files(platform) == []


def killed_backup(platform: Platform, target: Path) -> None:
    """Killed while the dump waits for a locked table."""
    half = target.with_name(target.name + ".part")
    with psycopg.connect(url_of(platform.home)) as session:
        session.execute("LOCK TABLE kernel_file IN ACCESS EXCLUSIVE MODE")
        command = [*LINGQU, "backup", str(target)]
        process = subprocess.Popen(command, env=platform.environment, stdout=subprocess.DEVNULL)
        wait_for(half.exists, 20)
        process.kill()
        process.wait()
    refused = platform.command("restore", str(half), "--apply")
    assert (refused.returncode, target.exists()) == (1, False)
    wait_for(lambda: not any("pg_dump" in process.name() for process in platform.processes()), 10)


def killed_restore(platform: Platform, copy: Path) -> None:
    command = [*LINGQU, "restore", str(copy), "--apply"]
    process = subprocess.Popen(command, env=platform.environment, stdout=subprocess.DEVNULL)
    wait_for((platform.home / "restoring.json").exists, 20)
    process.kill()
    process.wait()
    wait_for(lambda: platform.processes() == [], 10)
    refused = platform.command("run", seconds=60)
    assert (refused.returncode, "没有完成" in refused.stderr) == (1, True)


def test_damaged_backup_is_refused(platform: Platform, folder: Path) -> None:
    platform.run()
    platform.command("backup", str(folder / "copy"), "--with-key")
    platform.command("stop")
    damaged = sorted((folder / "copy" / "database").glob("*.gz"))[0]
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    refused = platform.command("restore", str(folder / "copy"), "--apply")
    assert refused.returncode == 1
    assert "损坏" in refused.stderr


def test_newer_database_is_refused(platform: Platform) -> None:
    platform.run()
    with psycopg.connect(url_of(platform.home), autocommit=True) as connection:
        connection.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('kernel', '9999_later', now())")
    refused = platform.command("upgrade", seconds=60)
    assert (refused.returncode, "更新的灵渠版本" in refused.stderr) == (1, True)
    assert platform.is_ready()  # refused before anything was stopped
    platform.command("stop")
    refused = platform.command("run", seconds=60)
    assert refused.returncode == 1
    assert "更新的灵渠版本" in refused.stderr
    assert platform.processes() == []

    mark = read_mark(platform.home)
    assert mark is not None
    write_mark(platform.home, changed(mark, version="99.0"))
    before = tree_of(platform.home)
    for verb in ("run", "upgrade"):
        refused = platform.command(verb, seconds=60)
        assert (refused.returncode, "99.0" in refused.stderr) == (1, True)
    assert tree_of(platform.home) == before


def tree_of(home: Path) -> dict[str, int]:
    """Every file of the home but the lock and pid files, with the time of its last change."""
    found = (path for path in home.rglob("*") if path.is_file() and "run" not in path.relative_to(home).parts)
    return {str(path): path.stat().st_mtime_ns for path in found}


OLD_STATE = """
from lingqu.config.env import use_settings
use_settings()
import django
django.setup()
from django.core.management import call_command
for app in ("quality", "statistics", "timetable", "sessions"):
    call_command("migrate", app, "zero", verbosity=0)
"""
"""Modules that an earlier version did not have; their migrations are taken back."""


@pytest.mark.deep
def test_upgrade_of_an_old_home(platform: Platform) -> None:
    """An older home, with content, under its older version: backed up, migrated, started; and the way back."""
    platform.run()
    put_content(platform)
    taken = subprocess.run([sys.executable, "-c", OLD_STATE], env=platform.environment, capture_output=True, text=True)
    assert taken.returncode == 0, taken.stderr
    mark = read_mark(platform.home)
    assert mark is not None
    write_mark(platform.home, changed(mark, version="0.0.9"))
    before = platform.state["began"]
    done = json.loads(platform.command("upgrade", "--json", seconds=120).stdout)
    assert (done["ok"], done["from"]) == (True, "0.0.9")
    assert platform.state["began"] > before
    wait_for(platform.is_ready, 30)
    assert stored_files(platform) == [(DIGEST, len(TEXT))]
    with psycopg.connect(url_of(platform.home)) as connection:
        tables = "SELECT to_regclass('django_session') IS NOT NULL, to_regclass('timetable_lesson') IS NOT NULL"
        assert connection.execute(tables).fetchone() == (True, True)
    [copy] = (platform.home / "backups").iterdir()
    assert read_facts(copy).version == "0.0.9"
    platform.command("stop")
    assert platform.command("restore", str(copy), "--apply").returncode == 0  # the way back
    back = read_mark(platform.home)
    assert back is not None and back.version == "0.0.9"
    with database_of(platform) as connection:
        assert connection.execute("SELECT to_regclass('django_session')").fetchone() == (None,)


@contextmanager
def database_of(platform: Platform) -> Iterator[psycopg.Connection]:
    """The database of a stopped platform."""
    cluster = Cluster(platform.home)
    cluster.start()
    try:
        with psycopg.connect(url_of(platform.home)) as connection:
            yield connection
    finally:
        cluster.stop()


def test_doctor_finds_a_lost_key_file(platform: Platform) -> None:
    platform.run()
    platform.command("stop")
    assert "fault" not in {entry["level"] for entry in doctor(platform)["findings"] if entry["name"] != "front_end"}
    platform.home.with_name("home.keys").unlink()
    assert ("keys", "fault") in {(entry["name"], entry["level"]) for entry in doctor(platform)["findings"]}


def doctor(platform: Platform) -> dict[str, list[dict[str, str]]]:
    return json.loads(platform.command("doctor", "--json").stdout)
