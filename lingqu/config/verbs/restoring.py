"""``lingqu restore``: from a backup, or from the continuous archive up to a moment."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from lingqu import __version__
from lingqu.config import backup as copies
from lingqu.config import home as homes
from lingqu.config import unfinished
from lingqu.config.archive import layout
from lingqu.config.archive.recovery import recover
from lingqu.config.at_hand import database_at_hand, home_lock, running, tell
from lingqu.config.env import env
from lingqu.config.places import Places
from lingqu.config.postgres import Cluster, ClusterError
from lingqu.config.words import gettext as _
from lingqu.kernel.errors import Conflict, Invalid, Unavailable

Answer = tuple[dict[str, Any], int]


def add_verbs(subparsers: Any) -> None:
    parser = subparsers.add_parser("restore", help=_("从备份或连续存档恢复（平台须先停止）"))
    parser.add_argument(
        "folder", type=Path, nargs="?", metavar="DIR", help=_("备份或存档目录，默认 LINGQU_WAL_ARCHIVE")
    )
    parser.add_argument("--apply", action="store_true", help=_("覆盖已有数据"))
    moments = parser.add_mutually_exclusive_group()
    moments.add_argument("--to-time", metavar="TIME", help=_("恢复到这个时刻，例如 '2026-11-28 10:30'（北京时间）"))
    moments.add_argument("--latest", action="store_true", help=_("恢复到存档里最后一次提交（默认）"))
    moments.add_argument("--abandon", action="store_true", help=_("放弃上一次没有完成的恢复，保留原来的数据"))
    parser.set_defaults(run=restore)


def restore(options: Namespace) -> Answer:
    places = Places(env().home)
    if options.abandon:
        return abandon(places)
    source = options.folder.resolve() if options.folder else env().wal_archive
    if source is None:
        raise Invalid(_("请给出备份或存档的目录。"))
    until = moment_of(options.to_time)
    try:
        if layout.is_archive(source):
            return restore_archive(places, layout.Archive(source), until, is_sure=options.apply)
        if options.to_time or options.latest:
            raise Invalid(_("%(folder)s 不是连续存档，不能选择时刻。") % {"folder": source})
        return restore_copy(places, source, is_sure=options.apply)
    except (copies.CopyError, layout.ArchiveError, ClusterError, psycopg.Error, OSError) as error:
        raise Unavailable(str(error)) from error


def moment_of(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return layout.moment_from(text)
    except ValueError:
        raise Invalid(_("时刻“%(text)s”看不懂，请写成 2026-11-28 10:30。") % {"text": text}) from None


def refuse_newer_copy(version: str) -> None:
    if homes.is_newer(version, __version__):
        told = _("备份由更新的灵渠 %(theirs)s 写成，这里是 %(ours)s。请用那个版本恢复。")
        raise Conflict(told % {"theirs": version, "ours": __version__})


def fitting_mark(places: Places, *, home_id: str, kind: str, version: str) -> homes.HomeMark:
    base = (homes.read_mark(places.home) if places.home.is_dir() else None) or homes.new_mark(
        kind=kind, version=version
    )
    return replace(base, id=home_id, kind=kind, version=version, filled=True)


@contextmanager
def noted(places: Places, source: Path, way: str, mark: homes.HomeMark) -> Iterator[None]:
    """The home says that it is being restored. What fails with a reason leaves everything as it was; what is cut off
    leaves the note."""
    unfinished.write_note(places.home, source=source, way=way, phase=unfinished.LOADING, mark=mark)
    try:
        yield
    except (copies.CopyError, layout.ArchiveError, ClusterError, psycopg.Error, OSError):
        unfinished.abandon(places.home)
        raise
    unfinished.write_note(places.home, source=source, way=way, phase=unfinished.READY, mark=mark)


def ask(plan: dict[str, Any], places: Places) -> Answer:
    present = homes.read_mark(places.home)
    tell(_("这里已有数据，恢复会覆盖它。确认后请加 --apply 再执行。"))
    return {"ok": False, "plan": plan, "replaces": present.id if present else None}, 1


def restore_copy(places: Places, folder: Path, *, is_sure: bool) -> Answer:
    begun = time.monotonic()
    manifest = copies.read_manifest(folder)
    refuse_newer_copy(manifest.version)
    plan = {"backup": str(folder), "made_at": manifest.made_at, "version": manifest.version}
    with database_at_hand(places, alone=True):
        if not copies.is_database_empty() and not is_sure:
            return ask(plan, places)
        copies.require_keys(manifest.keys, packed=folder / copies.KEYS if manifest.with_key else None)
        mark = fitting_mark(places, home_id=manifest.home_id, kind=manifest.kind, version=manifest.version)
        with noted(places, folder, "dump", mark):
            count = copies.load_files(folder / copies.FILES)
            try:
                copies.load_database(folder / copies.DATABASE, manifest.counts)
            except copies.CopyError:
                unfinished.drop_loaded(copies.database_url())
                raise
        unfinished.finish_databases(places.home, copies.database_url())
    return {"ok": True, **plan, "files": count, "seconds": round(time.monotonic() - begun, 1)}, 0


def restore_archive(places: Places, archive: layout.Archive, until: datetime | None, *, is_sure: bool) -> Answer:
    begun = time.monotonic()
    if env().database_url:
        raise Conflict(_("连续存档只能恢复到自带的数据库；请去掉 DATABASE_URL。"))
    base = layout.choose_base(archive.bases(), until)
    facts = base.facts
    refuse_newer_copy(facts.version)
    plan = {"archive": str(archive.root), "base": facts.ended_at, "until": until.isoformat() if until else "latest"}
    with home_lock(places) as is_ours:
        if not is_ours:
            raise running()
        if (places.home / "pg" / "data" / "PG_VERSION").exists() and not is_sure:
            return ask(plan, places)
        copies.require_keys(facts.keys, packed=None)
        mark = fitting_mark(places, home_id=facts.home_id, kind=facts.kind, version=facts.version)
        if (places.home / "pg").exists():
            Cluster(places.home, pg_bin=env().pg_bin).end_leftover()
        with noted(places, archive.root, "folder", mark):
            count = copies.load_files(archive.files)
            done = recover(base, places.home, pg_bin=env().pg_bin, until=until, tell=tell)
        unfinished.finish_folders(places.home)
    last = done.last_commit.isoformat() if done.last_commit else facts.ended_at
    seconds = round(time.monotonic() - begun, 1)
    return {"ok": True, **plan, "last_commit": last, "segments": done.segments, "files": count, "seconds": seconds}, 0


def abandon(places: Places) -> Answer:
    """Only a restore that has changed nothing yet can be given up."""
    note = unfinished.read_note(places.home)
    if note is None:
        raise Conflict(_("没有未完成的恢复。"))
    with database_at_hand(places, alone=True):  # finishes a change over that has begun
        if unfinished.read_note(places.home) is None:
            raise Conflict(_("恢复的数据已经换上，不能再放弃。"))
        unfinished.drop_loaded(copies.database_url())
        unfinished.abandon(places.home)
    return {"ok": True, "abandoned": note.source}, 0
