"""``lingqu doctor``: looks at the machine and the home, and says what to do about what it finds."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from lingqu.config import home as homes
from lingqu.config import unfinished
from lingqu.config.archive.state import summary as archive_summary
from lingqu.config.backup import file_store
from lingqu.config.children import program
from lingqu.config.env import Env, env
from lingqu.config.external import Finding, examine_database
from lingqu.config.front import STATIC
from lingqu.config.logfiles import forecast
from lingqu.config.places import Places
from lingqu.config.postgres import Cluster, ClusterError, forgotten_clusters
from lingqu.config.postgres.programs import ProgramsMissing
from lingqu.config.postgres.tuning import usable_memory
from lingqu.config.processes import read_pid
from lingqu.config.words import gettext as _
from lingqu.kernel.errors import Unavailable

GB = 1024**3


def add_verbs(subparsers: Any) -> None:
    subparsers.add_parser("doctor", help=_("检查机器与数据目录，给出处理办法")).set_defaults(run=doctor)


def doctor(options: Namespace) -> tuple[dict[str, Any], int]:
    """Exit code 1 when anything is a fault."""
    environment, places = env(), Places(env().home)
    findings = examine(environment, places)
    if not getattr(options, "json", False):
        marks = {"ok": "✓", "hint": "!", "fault": "✗"}
        for finding in findings:
            print(marks[finding.level], finding.message)
    is_well = all(finding.level != "fault" for finding in findings)
    return ({"ok": is_well, "findings": findings} if getattr(options, "json", False) else {}), 0 if is_well else 1


def examine(environment: Env, places: Places) -> list[Finding]:
    """Everything that is looked at, in order; an external database gives several findings."""
    found = [check(environment, places) for check in CHECKS]
    return [*found, *(examine_database(environment.database_url) if environment.database_url else ())]


def check_python(environment: Env, places: Places) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", "ok", f"Python {version}")


def check_user(environment: Env, places: Places) -> Finding:
    if os.geteuid() == 0:
        return Finding("user", "hint", _("正以 root 运行；正式环境请用普通用户。数据库总是以普通用户运行。"))
    return Finding("user", "ok", _("以普通用户运行。"))


def check_memory(environment: Env, places: Places) -> Finding:
    size = usable_memory() / GB
    if size < 1.8:
        return Finding("memory", "hint", _("内存只有 %(size).1f GB，建议 4 GB 以上。") % {"size": size})
    return Finding("memory", "ok", _("内存 %(size).1f GB。") % {"size": size})


def check_disk(environment: Env, places: Places) -> Finding:
    folder = places.home if places.home.is_dir() else places.home.parent
    free = shutil.disk_usage(folder).free / GB
    level = "fault" if free < 1 else "hint" if free < 10 else "ok"
    return Finding("disk", level, _("磁盘剩余 %(free).1f GB。") % {"free": free})


def check_logs(environment: Env, places: Places) -> Finding:
    """Whether the disk holds the logs for as long as they have to stay, at the rate of the last thirty days."""
    told = forecast(places.log, days=environment.log_days) if places.log.is_dir() else None
    if told is None or not told.per_day:
        return Finding("logs", "ok", _("日志保留 %(days)d 天。") % {"days": environment.log_days})
    words = {"days": environment.log_days, "needed": told.needed / GB, "free": told.free / GB}
    if not told.fits:
        sentence = _(
            "按现在的速度，日志保留 %(days)d 天需要 %(needed).1f GB，磁盘只剩 %(free).1f GB。请扩大磁盘；日志不能少于六个月。"
        )
        return Finding("logs", "hint", sentence % words)
    return Finding("logs", "ok", _("日志保留 %(days)d 天，共需约 %(needed).1f GB。") % words)


def check_port(environment: Env, places: Places) -> Finding:
    if read_pid(places.supervisor_pid) is not None:
        return Finding("port", "ok", _("平台正在运行。"))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((environment.bind[0] if ":" not in environment.bind[0] else "127.0.0.1", environment.port))
        except OSError:
            return Finding(
                "port", "fault", _("端口 %(port)d 被占用，请另设 LINGQU_PORT。") % {"port": environment.port}
            )
    return Finding("port", "ok", _("端口 %(port)d 可用。") % {"port": environment.port})


def check_keys(environment: Env, places: Places) -> Finding:
    path = environment.key_file
    if not path.exists():
        if homes.read_mark(places.home) is not None:
            told = _("密钥文件 %(path)s 不见了：加密的内容无法读出，请从备份找回。")
            return Finding("keys", "fault", told % {"path": path})
        return Finding("keys", "ok", _("密钥文件将在首次启动时生成：%(path)s") % {"path": path})
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding("keys", "fault", _("密钥文件 %(path)s 别人也能读，请执行 chmod 600。") % {"path": path})
    return Finding("keys", "ok", _("密钥文件 %(path)s（请与备份分开保管）。") % {"path": path})


def check_database(environment: Env, places: Places) -> Finding:
    if environment.database_url:
        return Finding("database", "ok", _("使用外部数据库（DATABASE_URL）。"))
    try:
        cluster = Cluster(places.home, pg_bin=environment.pg_bin)
        programs = cluster.programs.folder
    except (ProgramsMissing, ClusterError) as error:
        return Finding("database", "fault", str(error))
    running = cluster.running_pid() is not None if (places.home / "pg").exists() else False
    told = _("数据库正在运行。") if running else _("数据库程序：%(folder)s") % {"folder": programs}
    if (places.home / "pg").is_symlink():
        told += _("数据在 %(folder)s。") % {"folder": cluster.root}
    return Finding("database", "ok", told)


def check_archive(environment: Env, places: Places) -> Finding:
    """Whether any moment of the last days could be restored."""
    if environment.database_url and environment.wal_archive:
        told = _("LINGQU_WAL_ARCHIVE 只用于自带的数据库；外部数据库的连续归档由它的管理员设置。请去掉其中一项。")
        return Finding("archive", "fault", told)
    root = environment.wal_archive
    state = archive_summary(places.home, root)
    if root is None or state is None:
        told = _("没有连续存档：出事时会丢失上次备份之后的数据。可设 LINGQU_WAL_ARCHIVE 到另一块磁盘。")
        return Finding("archive", "ok" if environment.database_url else "hint", told)
    if read_pid(places.supervisor_pid) is not None and not state["ok"]:
        return Finding("archive", "hint", state["problem"] or _("连续存档还不完整，请看 lingqu status。"))
    if not root.is_dir():
        return Finding("archive", "hint", _("存档目录不存在：%(root)s") % {"root": root})
    if root.stat().st_dev == places.home.stat().st_dev:
        told = _("存档与数据在同一块磁盘上，磁盘损坏时会一起丢失：%(root)s")
        return Finding("archive", "hint", told % {"root": root})
    return Finding("archive", "ok", _("连续存档：%(root)s") % {"root": root})


def check_restore(environment: Env, places: Places) -> Finding:
    note = unfinished.read_note(places.home) if places.home.is_dir() else None
    if note is not None:
        return Finding("restore", "fault", unfinished.complaint(note))
    return Finding("restore", "ok", _("没有未完成的恢复。"))


def check_files(environment: Env, places: Places) -> Finding:
    """A bucket is written, read and cleared; a folder is the disk's matter."""
    if not environment.files:
        return Finding("files", "ok", _("文件存放在数据目录。"))
    try:
        file_store().probe()
    except (Unavailable, ValueError) as error:
        told = _("文件存储桶不能用（%(reason)s）。请检查 LINGQU_FILES、访问密钥和网络。")
        return Finding("files", "fault", told % {"reason": str(error)})
    return Finding("files", "ok", _("文件存储桶可写可读。"))


def check_programs(environment: Env, places: Places) -> Finding:
    try:
        program("caddy")
    except FileNotFoundError as error:
        return Finding("programs", "fault", str(error))
    return Finding("programs", "ok", _("前端服务器程序齐全。"))


def check_front_end(environment: Env, places: Places) -> Finding:
    if not (STATIC / "dist").is_dir():
        return Finding("front_end", "fault", _("页面样式还没有构建，请执行 make setup。"))
    return Finding("front_end", "ok", _("页面样式已构建。"))


def check_forgotten(environment: Env, places: Places) -> Finding:
    """Only root has such: the data of its homes may lie outside them."""
    left = forgotten_clusters() if os.geteuid() == 0 else []
    if left:
        told = _("这些数据库的数据目录已被删除，可以清理：%(folders)s")
        return Finding("forgotten", "hint", told % {"folders": ", ".join(map(str, left))})
    return Finding("forgotten", "ok", _("没有被遗忘的数据库。"))


CHECKS: tuple[Callable[[Env, Places], Finding], ...] = (
    check_python,
    check_user,
    check_memory,
    check_disk,
    check_logs,
    check_port,
    check_keys,
    check_database,
    check_archive,
    check_restore,
    check_files,
    check_programs,
    check_front_end,
    check_forgotten,
)
