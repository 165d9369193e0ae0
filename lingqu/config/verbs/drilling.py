"""``lingqu drill``: proves that the newest backup or archive comes back, and how fast."""

from __future__ import annotations

import getpass
import shutil
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lingqu.config import home as homes
from lingqu.config.archive import layout
from lingqu.config.at_hand import tell
from lingqu.config.backup import CopyError, last_backup, read_facts
from lingqu.config.drill import Drill, DrillFailed, DrillResult, temporary_home, write_result
from lingqu.config.drill_files import tell_files
from lingqu.config.env import env
from lingqu.config.places import Places
from lingqu.config.postgres import ClusterError
from lingqu.config.words import gettext as _
from lingqu.kernel.errors import Invalid, Unavailable

GROWTH = 1.5
"""Room that a restore needs, in sizes of the database: itself, and what it writes while it is loaded."""


def add_verbs(subparsers: Any) -> None:
    told = _("恢复演练：把最近的备份或存档恢复到临时目录，登录、核对、计时，然后删除")
    parser = subparsers.add_parser("drill", help=told)
    parser.add_argument("folder", type=Path, nargs="?", metavar="DIR", help=_("备份或存档目录，默认用最近的一份"))
    parser.add_argument("--work", type=Path, metavar="DIR", help=_("临时目录放在哪里，默认在数据目录旁边"))
    parser.add_argument("--login", default="", help=_("用这个账号登录，密码另问；默认临时开一个只在副本里有的账号"))
    parser.set_defaults(run=drill)


def drill(options: Namespace) -> tuple[dict[str, Any], int]:
    """Exit code 1 when something did not come back."""
    home = env().home
    if homes.read_mark(home) is None:
        raise Invalid(_("%(home)s 里还没有平台数据。") % {"home": home})
    source = choose_source(options.folder)
    kind = "archive" if layout.is_archive(source) else "backup"
    work = (options.work or home.parent).resolve()
    password = _password(options.login) if options.login else ""
    try:
        require_room(source, kind, work)
        with temporary_home(work) as temporary:
            one = Drill(source, kind, temporary, tell)
            try:
                result = one.run(login=options.login, password=password)
            except (DrillFailed, ClusterError) as error:
                result = one.result
                result.complaints.append(str(error))
    except (CopyError, layout.ArchiveError, OSError) as error:
        raise Unavailable(str(error)) from error
    Places(home).make()
    write_result(home, result)
    if not getattr(options, "json", False):
        print_result(result)
        return {}, 0 if result.ok else 1
    return asdict(result), 0 if result.ok else 1


def choose_source(folder: Path | None) -> Path:
    """What the operator names; else the archive of this home; else its last backup."""
    if folder is not None:
        return folder.resolve()
    archive = env().wal_archive
    if archive is not None and layout.is_archive(archive) and layout.Archive(archive).bases():
        return archive
    if (last := last_backup(env().home)) is not None:
        return last
    raise Invalid(_("还没有备份，也没有存档。请先执行 lingqu backup DIR，或设置 LINGQU_WAL_ARCHIVE。"))


def require_room(source: Path, kind: str, work: Path) -> None:
    """Refuse a drill that would fill the disk of the running platform."""
    if kind == "archive":
        base = layout.choose_base(layout.Archive(source).bases(), None)
        size, wal = base.facts.database_bytes, layout.SEGMENT_BYTES * len(base.line.segments())
        files = layout.Archive(source).files
    else:
        manifest = read_facts(source)
        size, wal, files = manifest.database_bytes, 0, source / "files"
    stored = sum(path.stat().st_size for path in files.glob("*/*/*")) if files.is_dir() else 0
    needed, free = int(size * GROWTH) + wal + stored, shutil.disk_usage(work).free
    if needed > free * 0.9:
        words = {"work": work, "needed": needed / 1024**3, "free": free / 1024**3}
        told = _("%(work)s 的磁盘只剩 %(free).1f GB，演练需要 %(needed).1f GB；请用 --work 指定别处。")
        raise Invalid(told % words)


def _password(login: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass(_("账号 %(login)s 的密码：") % {"login": login})


def print_result(result: DrillResult) -> None:
    rpo = "–" if result.rpo_seconds is None else _("%(n).1f 秒") % {"n": result.rpo_seconds}
    rto = "–" if result.rto_seconds is None else _("%(n).1f 秒") % {"n": result.rto_seconds}
    print(_("演练成功。") if result.ok else _("演练没有成功。"))
    print(_("来源：%(source)s") % {"source": result.source})
    print(_("RPO（会丢失多久的数据）：%(rpo)s") % {"rpo": rpo})
    print(_("RTO（从开始恢复到能登录）：%(rto)s") % {"rto": rto})
    for name, seconds in result.parts.items():
        print(f"  {name:10} {seconds:8.1f} s")
    for table, (before, count, after) in result.counts.items():
        print(
            f"  {table:24} {count:12,} ({before if before is not None else '–'} → {after if after is not None else '–'})"
        )
    print(tell_files(result.files))
    for complaint in result.complaints:
        print("✗", complaint)
