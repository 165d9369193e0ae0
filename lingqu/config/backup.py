"""Copies of a home: one folder with the database, the stored files and a manifest; the keys only when asked for.

A copy is complete or absent: it is written under a temporary name and renamed at the end. Order matters: the database
first, then the files, because stored files are never changed and only collected a day after nobody refers to them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from lingqu.config.durable import sync
from lingqu.config.env import child_environment, env
from lingqu.config.home import HomeMark
from lingqu.config.keys import load_credentials, load_keys, needed_keys
from lingqu.config.places import Places
from lingqu.config.postgres import find_programs, url_of
from lingqu.config.processes import run_tied
from lingqu.config.words import gettext as _
from lingqu.kernel.errors import NotFound
from lingqu.kernel.stores import LocalStore, Place, Store, store_at

DATABASE, FILES, KEYS, MANIFEST = "database", "files", "keys.json", "manifest.json"
PART, LAST = ".part", "last-backup"
MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY app, name"
JOBS = "2"
COUNTED = ("registry_person", "registry_organisation", "identity_account", "kernel_audit", "kernel_file")
"""Tables whose rows are counted into a copy and again when it is loaded."""


class CopyError(Exception):
    """A copy cannot be made or used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a copy holds. ``version`` wrote the data, ``made_at`` is the moment they were seen at; ``keys`` names the keys
    it needs and their fingerprints, which reveal nothing."""

    version: str
    made_at: str
    home_id: str
    kind: str
    migrations: tuple[str, ...]
    with_key: bool
    files: int
    file_bytes: int
    digest: str
    """SHA-256 over the names, sizes and digests of the database part."""
    keys: dict[str, str]
    counts: dict[str, int] = field(default_factory=dict)
    """Rows of the counted tables at ``made_at``; empty in copies of older versions."""
    database_bytes: int = 0


def database_url() -> str:
    return env().database_url or url_of(env().home)


def _tool(name: str, *arguments: str) -> None:
    program = find_programs(env().pg_bin, None)[name]
    done = run_tied([program, *arguments], environment=child_environment(LC_ALL="C"))
    if done.returncode != 0:
        raise CopyError(f"{name}: {done.stderr.strip()[-2000:]}")


def dump_database(target: Path, *, snapshot: str) -> None:
    """Dump the platform's database, as the exported ``snapshot`` sees it, into the new folder ``target``."""
    options = ("--format=directory", "--jobs", JOBS, "--compress=gzip:1", "--no-unlogged-table-data")
    seen = ("--snapshot", snapshot)
    _tool(
        "pg_dump", *options, *seen, "--no-owner", "--no-privileges", "--file", str(target), "--dbname", database_url()
    )


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """Rows of the counted tables that exist."""
    found: dict[str, int] = {}
    for name in COUNTED:
        row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [name]).fetchone()
        if row and row[0]:
            counted = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
            found[name] = counted[0] if counted else 0
    return found


def _sync_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            sync(path)


def digest_of(folder: Path) -> str:
    """One digest over every file below ``folder``."""
    whole = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        with path.open("rb") as handle:
            content = hashlib.file_digest(handle, "sha256").hexdigest()
        whole.update(f"{path.relative_to(folder)} {path.stat().st_size} {content}\n".encode())
    return whole.hexdigest()


def stored_files(store: Path) -> Iterator[Path]:
    for path in store.glob("*/*/*"):
        if path.is_file() and len(path.name) == 64:
            yield path


def make_backup(
    folder: Path, *, mark: HomeMark, with_key: bool, with_files: bool = True, tell: Callable[[str], None]
) -> Manifest:
    """Write a complete copy of the running home into ``folder``, which must not exist yet (or be empty).

    Without files it is for going back on this very machine: the store keeps its files, whatever the database says.
    """
    if folder.exists() and any(folder.iterdir()):
        raise CopyError(_("%(folder)s 不是空目录。") % {"folder": folder})
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(folder.name + PART)
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    tell("database")
    facts = _copy_database(fresh / DATABASE)
    count = size = 0
    if with_files:
        tell("files")
        count, size = _copy_files(file_store(), fresh / FILES)
    keys = load_keys(env().key_file)
    if with_key:
        shutil.copyfile(env().key_file, fresh / KEYS)
        (fresh / KEYS).chmod(0o600)
    manifest = Manifest(
        version=mark.version,
        home_id=mark.id,
        kind=mark.kind,
        with_key=with_key,
        files=count,
        file_bytes=size,
        digest=digest_of(fresh / DATABASE),
        keys=needed_keys(keys),
        **facts,
    )
    _sync_tree(fresh)
    (fresh / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
    _sync_tree(fresh)
    if folder.exists():
        folder.rmdir()
    fresh.rename(folder)
    if with_files:
        note = {"folder": str(folder), "made_at": manifest.made_at}
        (Places(env().home).run / LAST).write_text(json.dumps(note))
    return manifest


def _copy_database(target: Path) -> dict[str, Any]:
    """Dump and count on one snapshot, so that whoever loads the dump can count again."""
    with psycopg.connect(database_url()) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        row = connection.execute(
            "SELECT pg_export_snapshot(), clock_timestamp(), pg_database_size(current_database())"
        ).fetchone()
        assert row is not None
        migrations = tuple(name for (name,) in connection.execute(MIGRATIONS))
        counts = count_rows(connection)
        dump_database(target, snapshot=row[0])
    made_at = row[1].astimezone(UTC).isoformat(timespec="seconds")
    return {"made_at": made_at, "migrations": migrations, "counts": counts, "database_bytes": row[2]}


def last_backup_age(home: Path) -> float | None:
    """Seconds since the last complete backup of this home; None if there never was one."""
    stamp = Places(home).run / LAST
    return time.time() - stamp.stat().st_mtime if stamp.is_file() else None


def last_backup(home: Path) -> Path | None:
    """The folder of the last complete backup with files, if it still stands where it was written."""
    try:
        folder = Path(json.loads((Places(home).run / LAST).read_text())["folder"])
    except (OSError, ValueError, KeyError):
        return None
    return folder if (folder / MANIFEST).is_file() else None


def file_store() -> Store:
    """The home's file store, in its folder or in a bucket."""
    key_id, secret = load_credentials(env())
    return store_at(Place(root=env().home / "files", url=env().files, key_id=key_id, secret=secret))


def _copy_files(store: Store, target: Path) -> tuple[int, int]:
    """Copy stored files, wherever they lie; those collected meanwhile are not missed, because nothing refers to them."""
    count = size = 0
    goals = LocalStore(target)
    target.mkdir()
    for digest, _size in store.list_all():
        goal = goals.path(digest)
        goal.parent.mkdir(parents=True, exist_ok=True)
        try:
            with store.open(digest) as source, goal.open("wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
        except NotFound:
            goal.unlink(missing_ok=True)
            continue
        count, size = count + 1, size + goal.stat().st_size
    return count, size


def read_facts(folder: Path) -> Manifest:
    """The manifest of a whole copy."""
    if folder.suffix == PART:
        raise CopyError(_("%(folder)s 是没有写完的备份。") % {"folder": folder})
    try:
        stored = json.loads((folder / MANIFEST).read_text())
        return Manifest(**{**stored, "migrations": tuple(stored["migrations"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CopyError(_("%(folder)s 里没有灵渠的备份。") % {"folder": folder}) from error


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a whole and undamaged copy."""
    manifest = read_facts(folder)
    if digest_of(folder / DATABASE) != manifest.digest:
        raise CopyError(_("%(folder)s 里的备份已损坏：数据库部分被改动过。") % {"folder": folder})
    for path in stored_files(folder / FILES):
        with path.open("rb") as handle:
            if hashlib.file_digest(handle, "sha256").hexdigest() != path.name:
                raise CopyError(
                    _("%(folder)s 里的备份已损坏：文件 %(name)s 被改动过。") % {"folder": folder, "name": path.name}
                )
    return manifest


def require_keys(wanted: Mapping[str, str], *, packed: Path | None) -> None:
    """Make sure the key file holds the keys of a copy (``wanted``: name → fingerprint): take the packed one if we have
    none, refuse one that lacks any."""
    if not env().key_file.exists():
        if packed is None:
            raise CopyError(_("备份里没有密钥。请先把原平台的密钥文件放到 %(path)s。") % {"path": env().key_file})
        env().key_file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(env().key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(packed.read_bytes())
    held = needed_keys(load_keys(env().key_file))
    lacking = sorted(f"{name} ({mark})" for name, mark in wanted.items() if held.get(name) != mark)
    if lacking:
        told = _("%(path)s 里没有这份备份需要的密钥：%(keys)s。请换上备份当时的密钥文件，否则加密的内容读不出来。")
        raise CopyError(told % {"path": env().key_file, "keys": ", ".join(lacking)})


def is_database_empty() -> bool:
    with psycopg.connect(database_url()) as connection:
        found = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    return found is None or found[0] is None


def load_database(folder: Path, counts: Mapping[str, int]) -> None:
    """Load the copy beside the present database and count it; ``unfinished.swap_databases`` changes over."""
    url = database_url()
    fresh = f"{psycopg.conninfo.conninfo_to_dict(url)['dbname']}_restoring"
    with psycopg.connect(url, dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(fresh)))
        create = (
            "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
        )
        server.execute(sql.SQL(create).format(sql.Identifier(fresh)))
    target = psycopg.conninfo.make_conninfo(url, dbname=fresh)
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--jobs", JOBS)
    _tool("pg_restore", *options, "--dbname", target, str(folder))
    with psycopg.connect(target) as connection:
        found = count_rows(connection)
    for name, count in counts.items():
        if found.get(name) != count:
            words = {"table": name, "count": count, "found": found.get(name, 0)}
            raise CopyError(_("%(table)s 应有 %(count)d 行，恢复出 %(found)d 行。") % words)


def load_files(source: Path) -> int:
    """Bring the files of a copy into the store of this home; those already there stay (their names are their contents)."""
    store, count = file_store(), 0
    incoming = env().home / "files" / "incoming"
    for path in stored_files(source):
        count += 1
        if not store.has(path.name):
            incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
            aside = incoming / f"{path.name}.part"
            shutil.copyfile(path, aside)
            store.take_in(aside, path.name)
    return count
