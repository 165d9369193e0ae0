"""A real small disk fills up: the platform says so, and takes no more files, while PostgreSQL still writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from lingqu.config.postgres import url_of

from .conftest import Platform, one_platform, wait_for

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk"),
]
PUT = """
import io
from lingqu.config.env import use_settings
use_settings()
import django
django.setup()
from lingqu.kernel import files
files.put(io.BytesIO(b"a late file"))
"""


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    place = folder / "disk"
    place.mkdir(mode=0o711)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700m,mode=0711", "lingqu-test", place], check=True)
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture
def platform(small_disk: Path) -> Iterator[Platform]:
    yield from one_platform(small_disk / "one")


def disk_check(platform: Platform) -> tuple[int, bool]:
    status, body, _headers = platform.get("/readyz")
    return status, next(check["ok"] for check in json.loads(body)["checks"] if check["name"] == "disk")


def put_file(platform: Platform) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", PUT], env=platform.environment, capture_output=True, text=True)


def test_a_full_disk_is_told_while_the_database_still_writes(platform: Platform, small_disk: Path) -> None:
    platform.run()
    assert disk_check(platform) == (200, True)
    assert put_file(platform).returncode == 0
    free = os.statvfs(small_disk)
    with (small_disk / "filler").open("wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, free.f_bavail * free.f_frsize - (100 << 20))
    wait_for(lambda: disk_check(platform) == (503, False), 10)
    refused = put_file(platform)
    assert refused.returncode == 1
    assert "disk_full" in refused.stderr or "Unavailable" in refused.stderr
    with psycopg.connect(url_of(platform.home), autocommit=True) as connection:
        connection.execute("CREATE TABLE late AS SELECT n, repeat('x', 1000) AS text FROM generate_series(1, 20000) n")
        assert connection.execute("SELECT count(*) FROM late").fetchone() == (20000,)
    (small_disk / "filler").unlink()
    wait_for(platform.is_ready, 10)
