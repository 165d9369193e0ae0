"""One home's PostgreSQL cluster: made once, started as our child, healed after a crash, stopped by SIGINT."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from lingqu.config.env import child_environment
from lingqu.config.processes import ServiceUser, spawn, wait_until

from .addresses import DATABASE, OWNER, SUPERUSER, socket_folder, superuser_url
from .programs import SYSTEM_FOLDER, Programs, can_reach, find_programs, service_user
from .tuning import write_settings

START_SECONDS = 600.0
MOST_REFUSALS = 12
STOP_SECONDS = 120.0


class ClusterError(Exception):
    """The cluster cannot be made or started; the message names the log to read."""


def forgotten_clusters() -> list[Path]:
    """Clusters in the system folder whose home was removed."""
    found = []
    for note in SYSTEM_FOLDER.glob("home-*/home"):
        link = Path(note.read_text()) / "pg"
        if not link.is_symlink() or link.resolve() != note.parent.resolve():
            found.append(note.parent)
    return sorted(found)


class Cluster:
    """The cluster of ``home``. Its files lie in ``home/pg``, or behind that name in a system folder when the service
    user cannot walk into the home (root's own checkout, for instance)."""

    def __init__(
        self, home: Path, *, pg_bin: Path | None = None, settings: Mapping[str, str] | None = None, folder: str = "data"
    ) -> None:
        self.home, self.folder = home, folder
        self.settings = dict(settings or {})
        self.user: ServiceUser | None = service_user()
        self.programs: Programs = find_programs(pg_bin, self.user)
        self.sockets = socket_folder(home)
        self.process: subprocess.Popen[bytes] | None = None

    # ---- places ------------------------------------------------------------------------------------------------

    @property
    def root(self) -> Path:
        return (self.home / "pg").resolve()

    @property
    def data(self) -> Path:
        return self.root / self.folder

    @property
    def log(self) -> Path:
        return self.home / "log" / "postgres.log"

    def _own(self, path: Path) -> None:
        if self.user:
            os.chown(path, self.user.uid, self.user.gid)

    def prepare_places(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        place = self.home / "pg"
        if not place.exists():
            if place.is_symlink():
                raise ClusterError(f"{place} points to {os.readlink(place)}, which is gone.")
            if can_reach(self.home, self.user):
                place.mkdir(mode=0o700)
            else:
                SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
                outside = SYSTEM_FOLDER / f"home-{uuid.uuid4().hex[:12]}"
                outside.mkdir(mode=0o700)
                (outside / "home").write_text(str(self.home.resolve()))
                place.symlink_to(outside)
            self._own(self.root)
        self.sockets.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        status = self.sockets.lstat()
        trusted = {os.geteuid(), self.user.uid if self.user else os.geteuid()}
        if self.sockets.is_symlink() or status.st_uid not in trusted:
            raise ClusterError(f"{self.sockets} belongs to somebody else; remove it.")
        self.sockets.chmod(0o700)
        self._own(self.sockets)

    # ---- making ------------------------------------------------------------------------------------------------

    def ensure_made(self) -> bool:
        """Make the cluster when it is absent; True if it was made now. A half-made one never takes its place."""
        self.prepare_places()
        if (self.data / "PG_VERSION").is_file():
            return False
        fresh = self.root / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        command: list[str | Path] = [
            *(self.programs["initdb"], "-D", fresh, "-U", SUPERUSER, "--encoding=UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=trust", "--data-checksums"),
        ]
        if self.settings.get("fsync") == "off":
            command.append("--no-sync")
        child = spawn(command, log=self.log, environment=self._environment(), user=self.user, folder=Path("/"))
        if child.wait() != 0:
            raise ClusterError(f"initdb failed; see {self.log}")
        with (fresh / "postgresql.conf").open("a") as settings:
            settings.write("\ninclude 'lingqu.conf'\n")
        write_settings(fresh, self.sockets, self.settings)
        self._own(fresh / "lingqu.conf")
        fresh.rename(self.data)
        return True

    def _environment(self) -> dict[str, str]:
        unset = dict.fromkeys(("PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS", "DATABASE_URL"), "")
        return child_environment(**unset, LC_ALL="C", HOME="/")

    # ---- running -----------------------------------------------------------------------------------------------

    def running_pid(self) -> int | None:
        """The pid of a live postmaster of *this* data folder. A stale pid file, also one whose pid now belongs to
        another program, counts as not running."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return pid if str(self.data) in process.cmdline() else None
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None

    def _clear_stale_locks(self) -> None:
        if self.running_pid() is None:
            for lock in (self.data / "postmaster.pid", *self.sockets.glob(".s.PGSQL.*")):
                lock.unlink(missing_ok=True)

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server once, without waiting. A postmaster left over from a killed supervisor is ended first."""
        self.ensure_made()
        self.end_leftover()
        self._clear_stale_locks()
        write_settings(self.data, self.sockets, self.settings)
        for name in ("lingqu.conf", "pg_hba.conf"):
            self._own(self.data / name)
        self.process = spawn(
            [self.programs["postgres"], "-D", self.data],
            log=self.log,
            environment=self._environment(),
            user=self.user,
            death_signal=signal.SIGINT,
            folder=Path("/"),
        )
        return self.process

    def start(self, *, seconds: float = START_SECONDS, tries: int = MOST_REFUSALS) -> None:
        """Start and wait until it answers. Retries, because just after a crash the old server's children may still hold
        its shared memory for a moment, and crash recovery takes as long as it takes. A server that keeps ending at
        once will not start by waiting."""
        end = time.monotonic() + seconds
        pause = 0.2
        for _try in range(tries):
            process = self.launch()
            while process.poll() is None and time.monotonic() < end:
                if self.answers():
                    self.ensure_database()
                    return
                time.sleep(0.05)
            if time.monotonic() >= end:
                break
            time.sleep(pause)
            pause = min(pause * 2, 5.0)
        self.stop()
        raise ClusterError(f"PostgreSQL did not start; see {self.log}")

    def answers(self) -> bool:
        try:
            psycopg.connect(superuser_url(self.home), connect_timeout=3).close()
        except psycopg.Error:
            return False
        return True

    def ensure_database(self) -> None:
        """The platform's role (no superuser) and its database; safe to repeat."""
        with psycopg.connect(superuser_url(self.home), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(OWNER)))
                connection.execute(sql.SQL("GRANT pg_monitor TO {}").format(sql.Identifier(OWNER)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                name, owner = sql.Identifier(DATABASE), sql.Identifier(OWNER)
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))

    def end_leftover(self) -> None:
        """End a postmaster of this data folder that is not our child."""
        pid = self.running_pid()
        if pid is None or (self.process is not None and pid == self.process.pid):
            return
        for number, patience in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            if wait_until(lambda: self.running_pid() != pid, seconds=patience):
                return

    def begin_to_stop(self, *, patience: float) -> None:
        """Ask for a fast shutdown and wait for at most ``patience`` seconds."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, buffers written."""
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait()
