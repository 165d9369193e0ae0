"""The child that keeps the archive: receives WAL as it is written, copies new files, takes base copies, clears old ones.

Run as ``python -m lingqu.config.archive.keeper``; loads no apps. A physical slot keeps in PostgreSQL what has not
arrived here, up to ``max_slot_wal_keep_size``; beyond that the platform goes on and a new line begins with a new base.
"""

from __future__ import annotations

import errno
import fcntl
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO

import psycopg

from lingqu.config import home as homes
from lingqu.config.durable import write_json
from lingqu.config.env import child_environment, env
from lingqu.config.postgres import find_programs, superuser_url
from lingqu.config.postgres.addresses import DATABASE
from lingqu.config.processes import spawn

from .basing import BaseCopy
from .layout import (
    SEGMENT_BYTES,
    Archive,
    Line,
    home_of,
    outdated,
    place_of,
    read_bases,
    stamp,
)
from .mirror import FileMirror
from .slots import SLOTS, drop_slots
from .state import ArchiveState, read_state, write_state

TURN = 1.0
PAUSE = 5.0
BASE_EVERY = 24 * 3600.0
LEAST_WAL = 2 * 1024**3
"""A new base before its day when more WAL than this, and than twice the database, would have to be replayed."""
APPLICATION = "lingqu-archive"
FULL = (errno.ENOSPC, errno.EDQUOT)
PLACE = """
SELECT pg_current_wal_lsn()::text, (SELECT flush_lsn::text FROM pg_stat_replication WHERE application_name = %s),
       (SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'kernel_file')
"""


class Trouble(Exception):
    """Something keeps the archive from being whole; ``code`` as in ``state.explain``."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


class Keeper:
    def __init__(self, home: Path, root: Path, *, days: int, pg_bin: Path | None) -> None:
        self.home, self.archive, self.days = home, Archive(root), days
        self.programs = find_programs(pg_bin, None)
        known = read_state(home)
        self.is_known = known is not None and known.root == str(root)
        self.state = known if known and self.is_known else ArchiveState(root=str(root))
        self.lock: IO[str] | None = None
        self.session: psycopg.Connection | None = None
        self.line: Line | None = None
        self.receiver: subprocess.Popen[bytes] | None = None
        self.copy: BaseCopy | None = None
        self.mirror = FileMirror(home / "files", self.archive.files, whole_at=self.state.files_at, tick=self.beat)
        self.seen: tuple[float, str] | None = None
        self.base_retry = self.last_prune = self.trouble_at = 0.0
        self.is_stopping = False

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        while not self.is_stopping:
            pause = TURN
            try:
                self.turn()
                if self.state.safe_at > self.trouble_at:  # it has caught up since, not only begun again
                    self.state.problem = self.state.detail = ""
            except Trouble as trouble:
                self.trouble_at = time.time()
                self.state.problem, self.state.detail, pause = trouble.code, trouble.detail, PAUSE
            except OSError as error:
                self.state.problem = "full" if error.errno in FULL else "disk"
                self.state.detail, pause = error.strerror or type(error).__name__, PAUSE
            except psycopg.Error as error:
                self.session = None
                self.state.problem, self.state.detail, pause = "database", type(error).__name__, PAUSE
            self.tell()
            end = time.monotonic() + pause
            while not self.is_stopping and time.monotonic() < end:
                time.sleep(0.1)
        self.close()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.is_stopping = True

    def turn(self) -> None:
        self.take_archive()
        if self.session is None:
            self.session = psycopg.connect(superuser_url(self.home, DATABASE), autocommit=True, connect_timeout=5)
            self.line = None
        line = self.line = self.line or self.settle_line()
        self.receive(line)
        files = self.measure()
        self.mirror.copy_new(self.session, files)
        self.keep_bases(line)
        if time.time() - self.last_prune > 3600:
            self.prune()

    def beat(self) -> None:
        """A sign of life inside long copying."""
        if self.is_stopping:
            raise Trouble("")
        if time.time() - self.state.at > TURN:
            with suppress(psycopg.Error):
                self.measure()
            self.tell()

    def tell(self) -> None:
        self.state.at = time.time()
        with suppress(OSError):
            self.state.free_bytes = shutil.disk_usage(self.archive.root).free
        if self.line is not None:
            with suppress(OSError):
                self.state.wal_bytes = SEGMENT_BYTES * len(self.line.segments())
        write_state(self.home, self.state)

    # ---- whose archive, which line ------------------------------------------------------------------------------

    def take_archive(self) -> None:
        """Raises :class:`Trouble` unless this is our own archive and nobody else writes into it."""
        root, mark = self.archive.root, homes.read_mark(self.home)
        if root.is_relative_to(self.home):
            raise Trouble("inside")
        if mark is None:
            raise Trouble("database", "home.json")
        if not self.archive.mark.is_file():
            if self.is_known and self.state.safe_at:
                raise Trouble("gone")
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_json(self.archive.mark, {"home_id": mark.id, "made_at": datetime.now(UTC).isoformat()})
        if home_of(self.archive) != mark.id:
            raise Trouble("foreign")
        if self.lock is None:
            lock = (root / "lock").open("a+")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                raise Trouble("in_use") from None
            self.lock = lock

    def settle_line(self) -> Line:
        """The newest line if its slot has lost nothing and the cluster lives the same life, else a new one."""
        assert self.session is not None
        row = self.session.execute(
            "SELECT system_identifier::text, left(pg_walfile_name(pg_current_wal_lsn()), 8) FROM pg_control_system()"
        ).fetchone()
        assert row is not None
        system = f"{row[0]}/{int(row[1], 16)}"
        held = self.session.execute(
            "SELECT slot_name FROM pg_replication_slots WHERE starts_with(slot_name, %s)"
            " AND wal_status IS DISTINCT FROM 'lost'", [SLOTS],
        ).fetchall()  # fmt: skip
        newest = next(iter(self.archive.lines()[::-1]), None)
        if newest is None or newest.system != system or (newest.slot,) not in held:
            newest = self.begin_line(system)
        drop_slots(self.session, but=newest.slot)
        for half in newest.bases.glob("*.part"):
            shutil.rmtree(half, ignore_errors=True)
        return newest

    def begin_line(self, system: str) -> Line:
        assert self.session is not None
        name = stamp(datetime.now(UTC))
        line = Line(self.archive.lines_folder / name, system, SLOTS + "".join(filter(str.isdigit, name)))
        for folder in (line.wal, line.bases):
            folder.mkdir(mode=0o700, parents=True)
        write_json(line.folder / "line.json", {"system": line.system, "slot": line.slot})
        self.session.execute("SELECT pg_create_physical_replication_slot(%s, true)", [line.slot])
        self.state.base_at = 0.0
        return line

    # ---- receiving ----------------------------------------------------------------------------------------------

    def receive(self, line: Line) -> None:
        log = self.home / "run" / "archive-receiver.log"
        if self.receiver is not None and self.receiver.poll() is None:
            return
        if self.receiver is not None:
            self.receiver = self.line = None  # its slot may have been lost: look again
            told = log.read_text(errors="replace").strip()
            first = told.partition("\n")[0].removeprefix("pg_receivewal: ")[-200:]
            raise Trouble("full" if "No space left" in told else "receiver", first)
        for path in line.wal.glob("*.partial"):
            if path.stat().st_size not in (0, SEGMENT_BYTES):  # a full disk left it short; the slot has it all
                path.unlink()
        log.unlink(missing_ok=True)
        url = f"{superuser_url(self.home)}&application_name={APPLICATION}"
        command: list[str | Path] = [
            *(self.programs["pg_receivewal"], "--directory", line.wal, "--slot", line.slot, "--synchronous"),
            *("--no-loop", "--no-password", "--status-interval", "1", "--dbname", url),
        ]
        self.receiver = spawn(command, log=log, environment=child_environment(LC_ALL="C"))

    def measure(self) -> int:
        """Note how far the archive is; returns how many files were ever stored (a cheap sign of new ones)."""
        assert self.session is not None
        row = self.session.execute(PLACE, [APPLICATION]).fetchone()
        assert row is not None
        written, flushed, files = row
        now = time.time()
        if flushed is not None:
            self.state.behind_bytes = max(0, place_of(written) - place_of(flushed))
            if place_of(flushed) >= place_of(written):
                self.state.safe_at = now
            elif self.seen is not None and place_of(flushed) >= place_of(self.seen[1]):
                self.state.safe_at = max(self.state.safe_at, self.seen[0])
        self.seen = (now, written)
        return int(files or 0)

    # ---- bases --------------------------------------------------------------------------------------------------

    def keep_bases(self, line: Line) -> None:
        """Take a base when it is time; the store is copied whole before the base counts."""
        assert self.session is not None
        if self.copy is None:
            if time.monotonic() >= self.base_retry and self.is_base_due(line):
                self.copy = BaseCopy(line, self.home, self.programs, self.session)
        elif self.copy.poll():
            copy, self.copy = self.copy, None
            self.base_retry = time.monotonic() + 600
            if copy.failure:
                shutil.rmtree(copy.folder, ignore_errors=True)
                raise Trouble("full" if "No space left" in copy.failure else "base", copy.failure)
            self.mirror.copy_all()
            self.state.files_at = time.time()
            copy.finish(self.session)
            self.base_retry = 0.0
            self.prune()
        self.state.is_copying = self.copy is not None
        bases = list(read_bases(line))
        self.state.bases = len(self.archive.bases())
        self.state.base_at = bases[-1].ended_at.timestamp() if bases else 0.0

    def is_base_due(self, line: Line) -> bool:
        mark, bases = homes.read_mark(self.home), list(read_bases(line))
        if mark is None or not mark.filled:
            return False
        if not bases:
            return True
        facts = bases[-1].facts
        replayed = place_of(self.seen[1]) - place_of(facts.end_lsn) if self.seen else 0
        age = time.time() - bases[-1].ended_at.timestamp()
        return age > BASE_EVERY or replayed > max(LEAST_WAL, 2 * facts.database_bytes)

    def prune(self) -> None:
        """Remove what no moment of the last days needs."""
        self.last_prune = time.time()
        for base in outdated(self.archive.bases(), days=self.days, now=datetime.now(UTC)):
            shutil.rmtree(base.folder)
        for line in self.archive.lines():
            bases = list(read_bases(line))
            if bases:
                first = min(base.facts.first_segment for base in bases)
                for path in line.segments():
                    if path.name < first:
                        path.unlink()
            elif self.line is not None and line.folder != self.line.folder:
                shutil.rmtree(line.folder)
        if bases := self.archive.bases():
            self.mirror.forget_before(min(datetime.fromisoformat(base.facts.began_at) for base in bases).timestamp())

    def close(self) -> None:
        """The receiver writes what it holds and ends; a base in the making is given up."""
        for process in (self.receiver, self.copy.process if self.copy else None):
            if process is not None and process.poll() is None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(5)
                process.kill()
        self.tell()


def main() -> None:
    environment = env()
    assert environment.wal_archive is not None
    Keeper(environment.home, environment.wal_archive, days=environment.archive_days, pg_bin=environment.pg_bin).run()


if __name__ == "__main__":
    main()
