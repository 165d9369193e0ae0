"""One demo city of 2,000 people on a whole running platform, made once for all journeys."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lingqu.config.home import read_mark
from tests.process.conftest import Platform, wait_for

from .visitor import Visitor

PEOPLE = 2_000


@dataclass(frozen=True, slots=True)
class DemoCity:
    """``counts`` are those of the fresh city: journeys after it import more. ``address``: how browsers reach it, if not
    by localhost."""

    platform: Platform
    accounts: dict[str, dict[str, str]]
    counts: dict[str, int]
    address: str = ""

    @property
    def url(self) -> str:
        return self.address or f"http://localhost:{self.platform.state['port']}"

    def visitor(self, audience: str = "") -> Visitor:
        """Somebody at the door, or already signed in as an audience."""
        visitor = Visitor(self.url)
        if audience:
            account = self.accounts[audience]
            page = visitor.sign_in(account["login"], account["password"])
            assert page.status == 200 and page.path != "/sign-in", page.words[:400]
        return visitor

    def command(self, *arguments: str, code: int = 0) -> Any:
        done = self.platform.command(*arguments, "--json", seconds=300)
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="session")
def city() -> Iterator[DemoCity]:
    folder = Path(tempfile.mkdtemp(prefix="lingqu-journey-")).resolve()
    folder.chmod(0o711)
    home = folder / "home"
    home.mkdir(mode=0o711)
    platform = Platform(home, {"LINGQU_OUTGOING_ALLOW": "127.0.0.0/8,localhost"})
    try:
        process = platform.run("--demo-people", str(PEOPLE), seconds=120, fresh=True)
        wait_for(lambda: not process.is_running() or (read_mark(home) or _Empty).filled, 300)
        listed = json.loads(platform.command("demo", "accounts", "--json").stdout)
        counts = json.loads(platform.command("roster", "counts", "--json").stdout)
        yield DemoCity(platform, {account["audience"]: account for account in listed}, counts)
    finally:
        stop_platform(platform)
        shutil.rmtree(folder, ignore_errors=True)


class _Empty:
    filled = False


def stop_platform(platform: Platform) -> None:
    for process in platform.started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
    platform.command("stop")


@pytest.fixture(scope="session")
def as_audience(city: DemoCity) -> Callable[[str], Visitor]:
    return city.visitor
