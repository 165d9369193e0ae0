"""Where things lie in and around a home. One home = one folder + its short-named sockets + its key file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lingqu.config.postgres.addresses import socket_folder

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Places:
    """The folders and files of ``home``; nothing is made by asking."""

    home: Path

    @property
    def run(self) -> Path:
        """Pid files, the lock and the state of the running supervisor."""
        return self.home / "run"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def metrics(self) -> Path:
        """Counters that the web processes share; emptied at each start."""
        return self.run / "metrics"

    @property
    def backups(self) -> Path:
        """Copies taken by upgrades; an operator's own backups go where the operator says."""
        return self.home / "backups"

    @property
    def front(self) -> Path:
        return self.home / "front"

    @property
    def sockets(self) -> Path:
        """Sockets of the inner servers: outside the home, because socket names end at 107 characters."""
        folder = socket_folder(self.home)
        return folder.with_name(folder.name + "-inner")

    @property
    def lock(self) -> Path:
        return self.run / "supervisor.lock"

    @property
    def supervisor_pid(self) -> Path:
        return self.run / "supervisor.pid"

    @property
    def state(self) -> Path:
        return self.run / "state.json"

    def pid_of(self, child: str) -> Path:
        return self.run / f"{child}.pid"

    def make(self) -> None:
        """Make the folders: the home can be walked through (PostgreSQL's user must) but its contents are private."""
        self.home.mkdir(mode=0o711, parents=True, exist_ok=True)
        for folder in (self.run, self.log, self.backups, self.front):
            folder.mkdir(mode=0o700, exist_ok=True)
        self.sockets.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if self.sockets.is_symlink() or self.sockets.lstat().st_uid != os.geteuid():
            raise PermissionError(f"{self.sockets} belongs to somebody else; remove it.")
        self.sockets.chmod(0o700)
