"""A restore that was cut off says so: a note in the home from its first change until its last.

``loading``: the present data are untouched, but the operator wanted others; nothing starts until the restore is
repeated or given up. ``ready``: the new data are complete; whoever comes next finishes the change over.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from lingqu.config import home as homes
from lingqu.config.archive.recovery import RESTORING
from lingqu.config.durable import sync, write_json
from lingqu.config.words import gettext as _

LOADING, READY = "loading", "ready"
REPLACED = "data.replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """``way``: how the database comes in, ``dump`` (a second database) or ``folder`` (a second data folder)."""

    source: str
    way: str
    phase: str
    mark: dict[str, Any]


def note_path(home: Path) -> Path:
    return home / "restoring.json"


def read_note(home: Path) -> Note | None:
    import json

    path = note_path(home)
    return Note(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def write_note(home: Path, *, source: Path, way: str, phase: str, mark: homes.HomeMark) -> None:
    write_json(note_path(home), asdict(Note(source=str(source), way=way, phase=phase, mark=asdict(mark))))


def complaint(note: Note) -> str:
    told = _(
        "上一次恢复没有完成。请重新执行 lingqu restore %(source)s --apply；放弃恢复、保留原来的数据：lingqu restore --abandon"
    )
    return told % {"source": note.source}


def swap_databases(url: str) -> None:
    """Give the loaded database the platform's name, in one step; what was there before is dropped."""
    with psycopg.connect(url, dbname="postgres", autocommit=True) as server:
        present = str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
        fresh, old = f"{present}_restoring", f"{present}_replaced"
        known = {row[0] for row in server.execute("SELECT datname FROM pg_database").fetchall()}
        if fresh in known:
            with server.transaction():
                for name, becomes in ((present, old), (fresh, present)):
                    if name in known:
                        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                        server.execute(rename.format(sql.Identifier(name), sql.Identifier(becomes)))
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(old)))


def swap_folders(home: Path) -> None:
    """Give the recovered data folder its name; what was there before is removed. The server must be stopped."""
    root = (home / "pg").resolve()
    present, fresh, old = root / "data", root / RESTORING, root / REPLACED
    if fresh.is_dir():
        if present.is_dir():
            shutil.rmtree(old, ignore_errors=True)
            present.rename(old)
        fresh.rename(present)
        sync(root)
    shutil.rmtree(old, ignore_errors=True)


def finish(home: Path) -> None:
    """The last step of a restore: the home's own mark, and the note is gone."""
    note = read_note(home)
    assert note is not None
    homes.write_mark(home, homes.HomeMark(**note.mark))
    note_path(home).unlink()
    sync(home)


def finish_folders(home: Path) -> bool:
    """Before the home's server starts: finish a change of data folders that was cut off. True if there was one."""
    note = read_note(home)
    if note is None or note.phase != READY or note.way != "folder":
        return False
    swap_folders(home)
    finish(home)
    return True


def finish_databases(home: Path, url: str) -> bool:
    """Once the server answers: finish a change of databases that was cut off. True if there was one."""
    note = read_note(home)
    if note is None or note.phase != READY or note.way != "dump":
        return False
    swap_databases(url)
    finish(home)
    return True


def drop_loaded(url: str) -> None:
    """Remove a database that was loaded, or half loaded, beside the present one."""
    fresh = f"{psycopg.conninfo.conninfo_to_dict(url)['dbname']}_restoring"
    with psycopg.connect(url, dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(fresh)))


def abandon(home: Path) -> None:
    """Forget a restore that had not changed anything yet, and what it had brought so far."""
    shutil.rmtree((home / "pg").resolve() / RESTORING, ignore_errors=True)
    note_path(home).unlink(missing_ok=True)
    sync(home)
