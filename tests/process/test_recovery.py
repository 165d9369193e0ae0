"""The continuous archive: everything up to the last commit comes back, and the drill proves it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from lingqu.config.archive.layout import Archive
from lingqu.config.home import read_mark
from lingqu.config.postgres import Cluster, url_of
from lingqu.config.unfinished import read_note
from lingqu.kernel.stores import Place, store_at
from lingqu.kernel.tests.bucket_server import KEY_ID, SECRET, running_server

from .conftest import LINGQU, Platform, copy_database, made_once, wait_for
from .test_copies import DIGEST, TEXT, put_content, stored_files

pytestmark = pytest.mark.process


@pytest.fixture
def archived(platform: Platform, folder: Path) -> Platform:
    copy_database(made_once(), platform.home)
    platform.settings["LINGQU_WAL_ARCHIVE"] = str(folder / "archive")
    return platform


def write(platform: Platform, text: str) -> datetime:
    """Commit one row; the moment just after."""
    with psycopg.connect(url_of(platform.home), autocommit=True) as session:
        session.execute("CREATE TABLE IF NOT EXISTS drill_note (text text)")
        session.execute("INSERT INTO drill_note VALUES (%s)", [text])
        row = session.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


def notes(platform: Platform) -> list[str]:
    """Rows of a stopped home."""
    cluster = Cluster(platform.home)
    cluster.start()
    try:
        with psycopg.connect(url_of(platform.home)) as session:
            return [row[0] for row in session.execute("SELECT text FROM drill_note ORDER BY text")]
    finally:
        cluster.stop()


def status(platform: Platform) -> dict[str, Any]:
    return json.loads(platform.command("status", "--json").stdout)


def is_archived(platform: Platform, since: datetime) -> bool:
    """Whether a base is complete and everything until ``since`` is in the archive."""
    told = keeper_says(platform)
    return bool(told and told["base_at"] and not told["problem"] and told["safe_at"] > since.timestamp())


def keeper_says(platform: Platform) -> dict[str, Any]:
    try:
        return json.loads((platform.home / "run" / "archive.json").read_text())
    except (OSError, ValueError):
        return {}


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_archive_and_drill_bring_everything_back(archived: Platform, second_platform: Platform, folder: Path) -> None:
    archived.run()
    put_content(archived)
    last = write(archived, "first")
    wait_for(lambda: is_archived(archived, last), 30)
    wait_for(lambda: (folder / "archive" / "files" / DIGEST[:2] / DIGEST[2:4] / DIGEST).exists(), 10)
    told = status(archived)["archive"]
    assert (told["ok"], told["bases"]) == (True, 1)
    assert told["rpo_seconds"] <= 60

    drill = answer(archived.command("drill", "--json"))
    assert (drill["ok"], drill["kind"], drill["audit"]["ok"]) == (True, "archive", True)
    assert drill["files"] == {"in_bucket": False, "known": 1, "missing": 0, "read": 1, "damaged": 0}
    assert drill["rpo_seconds"] <= 60
    assert 0 < drill["rto_seconds"] < 120
    assert drill["counts"]["kernel_file"] == [1, 1, 1]
    assert drill["signed_in"].startswith("drill.")
    assert [path.name for path in archived.home.parent.iterdir() if path.name.startswith("lingqu-drill")] == []
    assert status(archived)["drill"]["rto_seconds"] == drill["rto_seconds"]
    assert "lingqu_drill_ok 1.0" in archived.get("/metrics")[1]

    keeper = archived.pid("archive")
    os.kill(keeper, signal.SIGKILL)
    moment = write(archived, "while the keeper was away")
    wait_for(lambda: archived.pid("archive") != keeper and is_archived(archived, moment), 30)
    write(archived, "last")
    assert archived.command("stop").returncode == 0
    assert archived.processes() == []

    shutil.rmtree(second_platform.home)
    shutil.copy(archived.home.with_name("home.keys"), second_platform.home.with_name("home.keys"))
    restored = answer(second_platform.command("restore", str(folder / "archive"), "--json"))
    assert restored["files"] == 1
    assert notes(second_platform) == ["first", "last", "while the keeper was away"]
    first, second = read_mark(archived.home), read_mark(second_platform.home)
    assert first is not None and second is not None
    assert (first.id, first.kind, second.filled) == (second.id, second.kind, True)
    second_platform.run()
    assert stored_files(second_platform) == [(DIGEST, 13)]
    assert answer(second_platform.command("audit", "verify", "--json"))["ok"] is True


@pytest.mark.deep
def test_a_drill_looks_into_the_bucket_and_says_what_it_did_not_prove(archived: Platform) -> None:
    """The archive has no files then. One is there, later gone, later another one's content; the copy writes nothing there."""
    with running_server() as server:
        archived.settings |= {
            "LINGQU_FILES": server.url("files"), "LINGQU_FILES_KEY_ID": KEY_ID, "LINGQU_FILES_SECRET": SECRET,
        }  # fmt: skip
        place = Place(root=archived.home / "files", url=server.url("files"), key_id=KEY_ID, secret=SECRET)
        archived.run()
        put_content(archived)
        store = store_at(place)
        store.take_in(archived.home / "files" / DIGEST[:2] / DIGEST[2:4] / DIGEST, DIGEST)
        last = write(archived, "first")
        wait_for(lambda: is_archived(archived, last), 30)
        told = archived.command("drill")
        assert told.returncode == 0, told.stderr
        assert (
            "文件在平台自己的桶里。登记 1 个，桶里缺 0 个；读出核对 1 个，损坏 0 个。桶丢失的情形没有演练。"
            in told.stdout
        )
        assert list(store.list_all()) == [(DIGEST, len(TEXT))]
        store.remove(DIGEST)
        drill = archived.command("drill", "--json")
        seen = json.loads(drill.stdout)["files"]
        assert (drill.returncode, seen["missing"], seen["read"]) == (1, 1, 0)
        (aside := archived.home / "files" / "aside").write_bytes(TEXT[::-1])
        store.take_in(aside, DIGEST)
        drill = archived.command("drill", "--json")
        seen = json.loads(drill.stdout)["files"]
        assert (drill.returncode, seen["missing"], seen["damaged"]) == (1, 0, 1)


@pytest.mark.deep
def test_any_moment_comes_back_and_a_cut_off_restore_says_so(archived: Platform, folder: Path) -> None:
    archived.run()
    first = write(archived, "first")
    wait_for(lambda: is_archived(archived, first), 30)
    time.sleep(1)
    write(archived, "regretted")
    archived.command("stop")
    assert archived.command("restore").returncode == 1  # it has content
    late = archived.command("restore", "--to-time", "2999-01-01 00:00", "--apply")
    assert (late.returncode, "--latest" in late.stderr) == (1, True)
    early = archived.command("restore", "--to-time", "2001-01-01 00:00", "--apply")
    assert (early.returncode, "最早" in early.stderr) == (1, True)
    assert notes(archived) == ["first", "regretted"]

    process = subprocess.Popen(
        [*LINGQU, "restore", "--to-time", first.astimezone(UTC).isoformat(), "--apply"],
        env=archived.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for(lambda: (archived.home / "pg" / "data.restoring").exists(), 20)
    process.kill()
    process.wait()
    wait_for(lambda: archived.processes() == [], 10)
    refused = archived.command("run")
    assert (refused.returncode, "没有完成" in refused.stderr) == (1, True)
    assert read_note(archived.home) is not None
    assert archived.command("restore", "--abandon").returncode == 0
    assert notes(archived) == ["first", "regretted"]

    answer(archived.command("restore", "--to-time", first.astimezone(UTC).isoformat(), "--apply", "--json"))
    assert notes(archived) == ["first"]
    archived.run()  # a new line begins in the same archive, with a base of its own
    again = write(archived, "new future")
    wait_for(lambda: is_archived(archived, again), 30)
    assert len(Archive(folder / "archive").lines()) == 2
    with psycopg.connect(url_of(archived.home)) as session:
        assert session.execute("SELECT feed_era FROM kernel_home_state").fetchone() == (1,)


@pytest.fixture
def small_archive(folder: Path) -> Iterator[Path]:
    place = folder / "archive"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "lingqu-test", place], check=True)
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.mark.deep
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_archive_is_told_and_stops_nothing(archived: Platform, small_archive: Path) -> None:
    archived.run()
    begin = write(archived, "begin")
    wait_for(lambda: is_archived(archived, begin), 30)
    free = os.statvfs(small_archive)
    with (small_archive / "filler").open("wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, free.f_bavail * free.f_frsize - (20 << 20))
    with psycopg.connect(url_of(archived.home), autocommit=True) as session:
        session.execute(
            "CREATE TABLE bulk AS SELECT n, repeat(md5(n::text), 30) AS text FROM generate_series(1, 60000) n"
        )
    wait_for(lambda: keeper_says(archived)["problem"] == "full", 30)
    assert "已满" in status(archived)["archive"]["problem"]
    assert archived.get("/readyz")[0] == 200
    assert "lingqu_archive_ok 0.0" in archived.get("/metrics")[1]
    during = write(archived, "during")
    (small_archive / "filler").unlink()
    wait_for(lambda: is_archived(archived, during), 60)
    assert status(archived)["archive"]["ok"] is True
    assert len(Archive(small_archive).lines()) == 1  # nothing was lost
    drill = answer(archived.command("drill", "--json"))
    assert drill["ok"] is True
    assert all(process.name() != "pg_receivewal" or process.ppid() != 1 for process in psutil.process_iter())
