"""``lingqu run``: starts the children in order, restarts what falls, and leaves no process behind.

Runs in one thread and does not load Django's apps, so it keeps going when they cannot. The kernel ends the children if
the supervisor itself is killed; a later start ends whatever is left by pid file (pid and start time) before it begins.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import IO

import psutil

from lingqu import __version__
from lingqu.config import logfiles
from lingqu.config.archive.slots import forget_archive
from lingqu.config.children import ChildSpec, child_specs
from lingqu.config.env import Env
from lingqu.config.front import write_configuration
from lingqu.config.places import Places
from lingqu.config.postgres import Cluster
from lingqu.config.processes import end_session, end_sessions, read_pid, spawn, write_pid
from lingqu.config.words import gettext as _

TICK = 0.2
PROBE_EVERY, PROBE_FAILURES = 10.0, 9
LONGEST_PAUSE, CALM_SECONDS = 15.0, 10.0
FRONT_PATIENCE, INNER_PATIENCE, ARCHIVE_PATIENCE = 2.0, 7.0, 5.0
"""Seconds between the polite signal and SIGKILL: Ctrl-C ends within ten, whatever is being worked on."""
CHILD_NAMES = ("front", "worker", "live", "web", "archive", "postgres")


def child_names(env: Env) -> tuple[str, ...]:
    """The children that run with these settings, in stopping order."""
    absent = {"postgres" if env.database_url else "", "" if env.wal_archive else "archive"}
    return tuple(name for name in CHILD_NAMES if name not in absent)


class StartError(Exception):
    """The platform cannot start; the message says why and what to do."""


class Stopping(BaseException):
    """A stop signal arrived while starting."""


@dataclass(slots=True)
class Child:
    """A running (or resting) child of the supervisor."""

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    spec: ChildSpec | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    next_start: float = 0.0
    restarts: int = 0
    pause: float = 0.5
    failed_probes: int = 0
    next_probe: float = 0.0


def pick_port(env: Env) -> tuple[int, tuple[str, ...]]:
    """The public port and the wanted addresses that exist here. Port 0 asks for any free one."""
    usable: list[str] = []
    port = env.port
    for address in env.bind:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
                port = probe.getsockname()[1]
        except OSError as error:
            if family == socket.AF_INET6:
                continue
            raise StartError(
                _("端口 %(port)d 无法使用（%(reason)s）。请另设 LINGQU_PORT。")
                % {"port": port, "reason": error.strerror or str(error)}
            ) from error
        usable.append(address)
    return port, tuple(usable)


class Supervisor:
    def __init__(self, env: Env, places: Places, *, say: Callable[[str], None]) -> None:
        self.env, self.places, self.say = env, places, say
        self.cluster = None if env.database_url else Cluster(places.home, pg_bin=env.pg_bin)
        self.children: list[Child] = []
        self.is_stopping = False
        self.begins_again = False
        self.may_interrupt = False
        self.lock: IO[str] | None = None
        self.port, self.public_url = env.port, env.public_url
        self.began = time.time()

    # ---- taking and leaving the home ----------------------------------------------------------------------------

    def take_home(self) -> None:
        """Lock the home (one supervisor each) and end what a killed one left behind."""
        self.places.make()
        self.lock = self.places.lock.open("a+")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StartError(_("这个目录的平台已在运行：%(home)s") % {"home": self.places.home}) from error
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR2):
            signal.signal(number, self._on_signal)
        write_pid(self.places.supervisor_pid, os.getpid())
        end_orphans(self.places, say=self.say)
        if self.cluster:
            self.cluster.end_leftover()
        for stale in self.places.sockets.glob("*.sock"):
            stale.unlink(missing_ok=True)
        shutil.rmtree(self.places.metrics, ignore_errors=True)
        self.places.metrics.mkdir(mode=0o700)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.is_stopping = True
        self.begins_again = number == signal.SIGUSR2
        if self.may_interrupt:
            self.may_interrupt = False
            raise Stopping

    # ---- starting -------------------------------------------------------------------------------------------------

    def start_database(self) -> None:
        """Embedded PostgreSQL, answering; nothing when ``DATABASE_URL`` names another."""
        if self.cluster is None:
            return
        if self.cluster.ensure_made():
            self.say(_("已建立数据库。"))
        self.cluster.start()
        if not self.env.wal_archive:
            forget_archive(self.places.home)
        child = Child("postgres", self.cluster.launch, process=self.cluster.process, started=time.monotonic())
        self.children.append(child)
        assert child.process is not None
        write_pid(self.places.pid_of("postgres"), child.process.pid)

    def choose_address(self) -> None:
        self.port, bind = pick_port(self.env)
        if self.env.port != self.port:
            self.public_url = f"http://localhost:{self.port}"
        changes = {"port": self.port, "bind": bind, "public_url": self.public_url}
        if self.env.content_origin.endswith(f":{self.env.port}"):
            changes["content_origin"] = f"http://127.0.0.1:{self.port}"
        self.env = replace_env(self.env, **changes)

    def start_children(self) -> None:
        front_file = write_configuration(self.env, self.places, port=self.port)
        specs = child_specs(self.env, self.places, port=self.port, public_url=self.public_url, front_file=front_file)
        for spec in specs:
            child = Child(spec.name, self._launcher(spec), spec=spec)
            self.children.append(child)
            self._start(child)
        self.write_state()

    def _launcher(self, spec: ChildSpec) -> Callable[[], subprocess.Popen[bytes]]:
        def launch() -> subprocess.Popen[bytes]:
            if spec.socket is not None:
                spec.socket.unlink(missing_ok=True)
            return spawn(
                spec.command,
                log=self.places.log / f"{spec.name}.log",
                environment=spec.environment,
                death_signal=spec.death_signal,
            )

        return launch

    def _start(self, child: Child) -> None:
        child.process = child.launch()
        child.started = time.monotonic()
        child.failed_probes, child.next_probe = 0, child.started + PROBE_EVERY
        with suppress(psutil.NoSuchProcess):  # gone already; the next tick sees that
            write_pid(self.places.pid_of(child.name), child.process.pid)

    def wait_ready(self, *, seconds: float) -> bool:
        """Keep watch until every probe answers."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.is_stopping:
            self.tick()
            if all(child.spec is None or child.spec.probe is None or child.spec.probe() for child in self.children):
                return True
            time.sleep(TICK)
        return False

    # ---- watching -------------------------------------------------------------------------------------------------

    def watch(self) -> None:
        next_trim = 0.0
        while not self.is_stopping:
            self.tick()
            if time.monotonic() > next_trim:
                next_trim = time.monotonic() + 60
                logfiles.tend(self.places.log, days=self.env.log_days)
            time.sleep(TICK)

    def tick(self) -> None:
        """One look at every child: restart the fallen after a pause, kill the ones that no longer answer."""
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is None:
                self._probe(child, now)
            elif child.process is not None:
                self._has_ended(child, now)
            elif now >= child.next_start:
                child.restarts += 1
                self._start(child)
                self.write_state()

    def _has_ended(self, child: Child, now: float) -> None:
        assert child.process is not None
        code, session = child.process.returncode, child.process.pid
        child.pause = 0.5 if now - child.started > CALM_SECONDS else min(child.pause * 2, LONGEST_PAUSE)
        child.next_start = now + child.pause
        child.process = None
        self.say(_("%(name)s 已退出（%(code)s），正在重新启动。") % {"name": child.name, "code": code})
        if child.spec is not None:
            end_session(session, first=signal.SIGKILL)

    def _probe(self, child: Child, now: float) -> None:
        if child.spec is None or child.spec.probe is None or now < child.next_probe:
            return
        child.next_probe = now + PROBE_EVERY
        child.failed_probes = 0 if child.spec.probe() else child.failed_probes + 1
        if child.failed_probes >= PROBE_FAILURES and child.process is not None:
            self.say(_("%(name)s 没有应答，正在重新启动。") % {"name": child.name})
            end_session(child.process.pid, first=signal.SIGKILL)

    def write_state(self) -> None:
        """What ``lingqu status`` reads: address, version, start time and restarts of each child."""
        stored = {
            "url": self.public_url,
            "port": self.port,
            "version": __version__,
            "began": self.began,
            "restarts": {child.name: child.restarts for child in self.children},
        }
        fresh = self.places.state.with_name("state.json.new")
        fresh.write_text(json.dumps(stored))
        fresh.replace(self.places.state)

    # ---- stopping -------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Front first, so that nobody is answered by half a platform; PostgreSQL last, by fast shutdown. It hands its
        last WAL to the archive, which therefore ends after it, but is not waited for long."""
        self.is_stopping, self.may_interrupt = True, False
        running = {child.name: child.process for child in self.children if child.spec and child.process}
        front, archive = ([process for name, process in running.items() if name == one] for one in ("front", "archive"))
        inner = [process for name, process in running.items() if name not in ("front", "archive")]
        end_all(front, FRONT_PATIENCE)
        end_all(inner, INNER_PATIENCE)
        if self.cluster and archive:
            self.cluster.begin_to_stop(patience=ARCHIVE_PATIENCE)
        end_all(archive, ARCHIVE_PATIENCE)
        if self.cluster:
            self.cluster.stop()
        for name in (*CHILD_NAMES, "supervisor"):
            self.places.pid_of(name).unlink(missing_ok=True)
        self.places.state.unlink(missing_ok=True)
        shutil.rmtree(self.places.sockets, ignore_errors=True)

    def begin_again(self) -> None:
        """Become a new supervisor with the code that lies here now (the lock goes with the old program)."""
        os.execv(sys.executable, [sys.executable, "-m", "lingqu.config.cli", "run"])  # noqa: S606


def end_all(processes: list[subprocess.Popen[bytes]], patience: float) -> None:
    """End the sessions of some children together."""
    end_sessions([process.pid for process in processes], patience=patience)
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)


def replace_env(env: Env, **changes: object) -> Env:
    return replace(env, **changes)  # type: ignore[arg-type]


def end_orphans(places: Places, *, say: Callable[[str], None]) -> None:
    """End the sessions of children that outlived their supervisor (PostgreSQL is left to its own runner)."""
    for name in CHILD_NAMES:
        path = places.pid_of(name)
        if name == "postgres":
            path.unlink(missing_ok=True)
            continue
        record = read_pid(path, alive_only=False)
        if record is None:
            continue
        if record.is_alive():
            say(_("正在结束上次遗留的进程 %(name)s。") % {"name": name})
        end_session(record.pid, patience=5.0, is_ours=lambda process: serves_home(process, places.home))
        path.unlink(missing_ok=True)


def serves_home(process: psutil.Process, home: Path) -> bool:
    """Whether a supervisor of this home started it: every child carries the home in its environment."""
    try:
        return process.environ().get("LINGQU_HOME") == str(home)
    except (psutil.Error, OSError):
        return False
