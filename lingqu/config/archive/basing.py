"""One base copy of the running cluster, taken by pg_basebackup into a folder that is complete or called ``….part``."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from lingqu import __version__
from lingqu.config import home as homes
from lingqu.config.durable import sync
from lingqu.config.env import child_environment, env
from lingqu.config.keys import load_keys, needed_keys
from lingqu.config.postgres import Programs, superuser_url
from lingqu.config.postgres.addresses import DATABASE
from lingqu.config.processes import spawn

from .layout import BaseFacts, Line, segment_of, stamp, write_facts


class BaseCopy:
    """``poll`` until true, then ``failure`` or :meth:`finish`."""

    def __init__(self, line: Line, home: Path, programs: Programs, session: psycopg.Connection) -> None:
        self.home, self.log = home, home / "run" / "archive-base.log"
        self.began_at = _clock(session)
        self.folder = line.bases / (stamp(datetime.now(UTC)) + ".part")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.log.unlink(missing_ok=True)
        command: list[str | Path] = [
            *(programs["pg_basebackup"], "--pgdata", self.folder, "--format=tar", "--compress=client-gzip:1"),
            *("--wal-method=stream", "--checkpoint=fast", "--no-password", "--dbname", superuser_url(home)),
        ]
        self.process = spawn(command, log=self.log, environment=child_environment(LC_ALL="C"))
        self.failure = ""

    def poll(self) -> bool:
        if self.process.poll() is None:
            return False
        if self.process.returncode != 0:
            told = self.log.read_text(errors="replace").strip().rpartition("\n")[2]
            self.failure = told.removeprefix("pg_basebackup: ")[-200:] or str(self.process.returncode)
        return True

    def finish(self, session: psycopg.Connection) -> None:
        """Say what it holds and give it its name."""
        mark = homes.read_mark(self.home)
        assert mark is not None
        [written] = json.loads((self.folder / "backup_manifest").read_text())["WAL-Ranges"]
        size = session.execute("SELECT pg_database_size(%s), current_setting('server_version_num')", [DATABASE])
        row = size.fetchone()
        assert row is not None
        facts = BaseFacts(
            version=__version__,
            home_id=mark.id,
            kind=mark.kind,
            keys=needed_keys(load_keys(env().key_file)),
            server=int(row[1]) // 10000,
            began_at=self.began_at.isoformat(),
            ended_at=_clock(session).isoformat(),
            first_segment=segment_of(written["Timeline"], written["Start-LSN"]),
            end_lsn=written["End-LSN"],
            database_bytes=row[0],
        )
        write_facts(self.folder, facts)
        self.folder.rename(self.folder.with_suffix(""))
        sync(self.folder.parent)


def _clock(session: psycopg.Connection) -> datetime:
    row = session.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment.astimezone(UTC)
