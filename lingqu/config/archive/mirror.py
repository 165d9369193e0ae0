"""The store's files beside the WAL: new ones within seconds, all of them before a base counts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from lingqu.config.backup import stored_files
from lingqu.config.durable import sync

OVERLAP = timedelta(hours=6)
"""A file is dated by the start of the transaction that stored it; none runs longer than this."""


class FileMirror:
    """Files are named by their contents, so one that is there is right. ``whole_at`` says when all of them were copied
    (seconds since the epoch, 0 = never); ``tick`` is called between two files."""

    def __init__(self, store: Path, target: Path, *, whole_at: float, tick: Callable[[], None]) -> None:
        self.store, self.target, self.tick = store, target, tick
        self.counted: int | None = None
        self.seen_to = datetime.fromtimestamp(whole_at, UTC) if whole_at else datetime.now(UTC)

    def copy_new(self, session: psycopg.Connection, counted: int) -> None:
        """Copy what was stored lately; nothing is asked while ``counted``, the number of insertions, stands still."""
        if counted == self.counted:
            return
        moment = datetime.now(UTC)
        rows = session.execute("SELECT digest FROM kernel_file WHERE stored_at >= %s", [self.seen_to - OVERLAP])
        for (digest,) in rows.fetchall():
            self._copy(Path(digest[:2], digest[2:4], digest))
            self.tick()
        self.counted, self.seen_to = counted, moment

    def copy_all(self) -> None:
        """Copy whatever is missing and date everything that the store still has."""
        for path in stored_files(self.store):
            self._copy(path.relative_to(self.store))
            self.tick()

    def _copy(self, place: Path) -> None:
        source, goal = self.store / place, self.target / place
        if goal.exists():
            os.utime(goal)
            return
        goal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = goal.with_name(goal.name + ".part")
        try:
            with source.open("rb") as reader, aside.open("wb") as writer:
                shutil.copyfileobj(reader, writer, 1 << 20)
                writer.flush()
                os.fsync(writer.fileno())
        except FileNotFoundError:
            return
        aside.replace(goal)
        sync(goal.parent)

    def forget_before(self, moment: float) -> None:
        """Remove files that the store had last seen before ``moment``: no kept base needs them."""
        for path in stored_files(self.target):
            if path.stat().st_mtime < moment:
                path.unlink()
