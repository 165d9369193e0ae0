"""A whole platform in a temporary folder, driven by its own commands as an operator would."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil
import pytest

from lingqu.config.home import REAL, new_mark, write_mark
from lingqu.config.places import Places

LINGQU = [sys.executable, "-m", "lingqu.config.cli"]
FOREIGN = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "LINGQU_TEST_DB", "LINGQU_PUBLIC_URL", "CONTENT_ORIGIN")


@dataclass
class Platform:
    """One home and the commands that act on it."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def places(self) -> Places:
        return Places(self.home)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        return {**kept, "LINGQU_HOME": str(self.home), "LINGQU_PORT": "0", "LC_ALL": "C.UTF-8", **self.settings}

    @property
    def state(self) -> dict[str, Any]:
        return json.loads(self.places.state.read_text())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.state['port']}"

    def command(self, *arguments: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*LINGQU, *arguments], env=self.environment, capture_output=True, text=True, timeout=seconds, check=False
        )

    def run(self, *arguments: str, seconds: float = 180, fresh: bool = False) -> psutil.Process:
        """Start and wait until ready; the supervisor's process. ``fresh``: the database is made now, not copied."""
        if not (fresh or self.settings or (self.home / "pg").exists()):
            copy_database(made_once(), self.home)
        log = (self.home.parent / "run.log").open("ab")
        process = subprocess.Popen([*LINGQU, "run", *arguments], env=self.environment, stdout=log, stderr=log)
        self.started.append(process)
        wait_for(lambda: process.poll() is not None or self.is_ready(), seconds)
        assert process.poll() is None, (self.home.parent / "run.log").read_text()
        return psutil.Process(process.pid)

    def get(self, path: str, *, host: str = "localhost", seconds: float = 10) -> tuple[int, str, dict[str, str]]:
        request = urllib.request.Request(self.url + path, headers={"Host": f"{host}:{self.state['port']}"})
        opener = urllib.request.build_opener(StayHere)
        try:
            with opener.open(request, timeout=seconds) as answer:
                return answer.status, answer.read().decode(), dict(answer.headers)
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), dict(error.headers)

    def is_ready(self) -> bool:
        try:
            return self.get("/readyz", seconds=5)[0] == 200
        except (OSError, ValueError):
            return False

    def pid(self, name: str) -> int:
        return int(json.loads(self.places.pid_of(name).read_text())["pid"])

    def processes(self) -> list[psutil.Process]:
        """Everything that belongs to this home: by command line or by a child's session."""
        found = []
        for process in psutil.process_iter():
            try:
                line = " ".join(process.cmdline())
                if (
                    str(self.home) in line
                    or str(self.places.sockets) in line
                    or process.environ().get("LINGQU_HOME") == str(self.home)
                ):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return [process for process in found if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


@lru_cache
def made_once() -> Path:
    """A home that came up once and was stopped: what a test of processes needs of it is copied, not made again."""
    folder = Path(tempfile.mkdtemp(prefix="lingqu-process-made-")).resolve()
    folder.chmod(0o711)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for platform in one_platform(folder / "made"):
        platform.run(fresh=True)
    return platform.home


def copy_database(source: Path, target: Path) -> None:
    """Cluster and key file; the mark of the target stays."""
    shutil.copy2(source.with_suffix(".keys"), target.with_suffix(".keys"))
    subprocess.run(["cp", "-a", str(source / "pg"), str(target / "pg")], check=True)


class StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object) -> None:
        return None


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.1)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own temporary folder: that one is closed to PostgreSQL's system user."""
    made = Path(tempfile.mkdtemp(prefix="lingqu-process-")).resolve()
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def platform(folder: Path) -> Iterator[Platform]:
    yield from one_platform(folder / "one")


@pytest.fixture
def second_platform(folder: Path) -> Iterator[Platform]:
    yield from one_platform(folder / "two")


def one_platform(folder: Path) -> Iterator[Platform]:
    """A real home: these tests are about processes, not about a demo city."""
    folder.mkdir(mode=0o711)
    home = folder / "home"
    home.mkdir(parents=True, mode=0o711)
    write_mark(home, new_mark(kind=REAL, version="test"))
    platform = Platform(home)
    yield platform
    for process in platform.started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
    for process in platform.processes():
        with suppress(psutil.NoSuchProcess):
            process.kill()
