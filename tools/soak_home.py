"""A home that ``make soak`` starts, kills and looks into from outside, as an operator and an attacker of processes would."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from lingqu.config.places import Places
from lingqu.config.postgres import url_of
from lingqu.config.processes import read_pid

ROOT = Path(__file__).resolve().parents[1]
LINGQU = [sys.executable, "-m", "lingqu.config.cli"]
FOREIGN = (
    "DATABASE_URL",
    "CONTENT_ORIGIN",
    "LINGQU_PUBLIC_URL",
    "DJANGO_SETTINGS_MODULE",
    "LINGQU_HOME",
    "LINGQU_ROLE",
)
CHILDREN = ("postgres", "web", "live", "worker", "front")
START_SECONDS, COMMAND_SECONDS = 180.0, 600.0
UPLOAD = """
import sys
from pathlib import Path
from lingqu.config.env import use_settings
use_settings()
import django
django.setup()
from lingqu.foundation.intake.applying.services import Upload, create_import, start_import
from lingqu.foundation.registry import api as registry
from lingqu.kernel import files
from lingqu.kernel.actor import Actor
actor, uploads = Actor.system("soak"), []
for path in map(Path, sys.argv[1:]):
    stored = files.put(path.open("rb"))
    uploads.append(Upload(name=path.name, digest=stored.digest, size=stored.size))
place = str(registry.root_organisation().path)
record = create_import(actor=actor, scope=place, uploads=uploads, source="soak")
start_import(actor=actor, number=record.number)
print(record.number)
"""


class SoakFailed(Exception):
    """Something acknowledged was lost, or the platform did not heal."""


@dataclass(slots=True)
class Home:
    """One home. ``chunk`` rows go into one transaction, so that kills find many places to hit."""

    folder: Path
    chunk: int = 120
    supervisor: subprocess.Popen[bytes] | None = None
    importing: subprocess.Popen[bytes] | None = field(default=None)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        own = {"LINGQU_HOME": str(self.folder), "LINGQU_PORT": "0", "LINGQU_IMPORT_CHUNK": str(self.chunk)}
        return {**kept, **own, "LINGQU_WEB_WORKERS": "1", **self.settings}

    @property
    def places(self) -> Places:
        return Places(self.folder)

    @property
    def log(self) -> Path:
        return self.folder.with_suffix(".log")

    def python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False,
            timeout=COMMAND_SECONDS,
        )  # fmt: skip
        if done.returncode != 0:
            raise SoakFailed(f"python {arguments[:2]} ended with {done.returncode}: {done.stderr[-800:]}")
        return done.stdout.strip()

    def verb(self, *arguments: str) -> tuple[int, Any]:
        """Exit code and JSON result of a command; None when it gave none."""
        done = subprocess.run(
            [*LINGQU, *arguments, "--json"], env=self.environment, cwd=ROOT, capture_output=True, text=True,
            timeout=COMMAND_SECONDS, check=False,
        )  # fmt: skip
        with suppress(ValueError):
            return done.returncode, json.loads(done.stdout)
        return done.returncode, done.stderr[-800:]

    # ---- the platform -------------------------------------------------------------------------------------------

    def start(self) -> float:
        """Seconds until everything answers."""
        begun = time.monotonic()
        with self.log.open("ab") as log:
            self.supervisor = subprocess.Popen(
                [*LINGQU, "run", "--no-demo"],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until(self.is_well, START_SECONDS, "the platform did not start")
        return time.monotonic() - begun

    def stop(self) -> None:
        if self.importing is not None and self.importing.poll() is None:
            self.importing.kill()
            self.importing.wait()
        if self.supervisor is None:
            return
        if self.supervisor.poll() is None:
            self.supervisor.send_signal(signal.SIGTERM)
        try:
            self.supervisor.wait(150)
        finally:
            self.verb("stop")
            self.supervisor = None

    def is_well(self) -> bool:
        """Every child lives and the platform says that it is ready."""
        if self.supervisor is not None and self.supervisor.poll() is not None:
            raise SoakFailed(f"the supervisor ended with {self.supervisor.returncode}; see {self.log}")
        if any(read_pid(self.places.pid_of(name)) is None for name in CHILDREN):
            return False
        try:
            port = json.loads(self.places.state.read_text())["port"]
            asked = urllib.request.Request(f"http://127.0.0.1:{port}/readyz", headers={"Host": f"localhost:{port}"})
            with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310 - fixed scheme and host
                return bool(answer.status == 200)
        except (OSError, ValueError, KeyError):
            return False

    def wait_until(self, condition: Callable[[], bool], seconds: float, told: str) -> float:
        """Seconds until the condition holds; :class:`SoakFailed` when it never does."""
        begun = time.monotonic()
        while not condition():
            if time.monotonic() - begun > seconds:
                raise SoakFailed(f"{told} within {seconds:.0f} s")
            time.sleep(0.2)
        return time.monotonic() - begun

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(url_of(self.folder), connect_timeout=5, application_name="soak")

    def postmaster(self) -> psutil.Process:
        record = read_pid(self.places.pid_of("postgres"))
        if record is None:
            raise psutil.NoSuchProcess(0)
        return psutil.Process(record.pid)

    # ---- the import ---------------------------------------------------------------------------------------------

    def upload(self, files: list[Path]) -> str:
        """Hand the files to the worker as a page does; the import's number."""
        return self.python("-c", UPLOAD, *map(str, files))

    def begin_command(self, files: list[Path], *, resume: bool = False) -> None:
        words = ["roster", "import", *map(str, files), "--source", "soak", "--json"]
        with self.log.open("ab") as log:
            self.importing = subprocess.Popen(
                [*LINGQU, *words, *(["--resume"] if resume else [])], env=self.environment, cwd=ROOT, stdout=log,
                stderr=log,
            )  # fmt: skip

    # ---- killing ------------------------------------------------------------------------------------------------

    def victims(self, target: str, chance: random.Random) -> list[int]:
        """Pids that stand for a target; none when it is not there just now."""
        try:
            if target == "import":
                return [self.importing.pid] if self.importing is not None and self.importing.poll() is None else []
            if target == "postmaster":
                return [self.postmaster().pid]
            if target == "backend":
                return self._backend(chance)
            if target == "everything":
                named = [self.postmaster().pid, *self._pids("worker", "web", "live", "front")]
                return named + [child.pid for child in self.postmaster().children()]
        except psutil.NoSuchProcess:
            return []
        return self._pids(target)

    def _pids(self, *names: str) -> list[int]:
        found = (read_pid(self.places.pid_of(name)) for name in names)
        return [record.pid for record in found if record is not None]

    def _backend(self, chance: random.Random) -> list[int]:
        """One process of PostgreSQL: mostly a session of the import, now and then checkpointer, writer or another."""
        children = {child.pid: " ".join(child.cmdline()) for child in self.postmaster().children()}
        with suppress(psycopg.Error):
            if chance.random() < 0.6:
                with self.connect() as connection:
                    found = connection.execute(
                        "SELECT pid FROM pg_stat_activity WHERE application_name IN ('lingqu-worker', 'lingqu-command')"
                    )
                    children = {row[0]: "" for row in found} or children
        return [chance.choice(sorted(children))] if children else []

    def kill(self, pids: list[int]) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
