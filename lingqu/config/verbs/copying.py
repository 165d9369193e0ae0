"""``lingqu backup`` and ``upgrade``."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request
from argparse import Namespace
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import psutil
import psycopg

from lingqu import __version__
from lingqu.config import backup as copies
from lingqu.config import home as homes
from lingqu.config.at_hand import database_at_hand, refuse_newer, tell
from lingqu.config.env import child_environment, env
from lingqu.config.places import Places
from lingqu.config.processes import PidRecord, read_pid
from lingqu.config.words import gettext as _
from lingqu.kernel.errors import Conflict, Invalid, Unavailable

UPGRADE_SECONDS = 1800.0


def add_verbs(subparsers: Any) -> None:
    backup_parser = subparsers.add_parser("backup", help=_("备份数据库和文件到一个新目录"))
    backup_parser.add_argument("folder", type=Path, metavar="DIR")
    backup_parser.add_argument("--with-key", action="store_true", help=_("连同密钥一起备份（请另行妥善保管）"))
    told = _("只备份数据库，不备份文件（文件在存储桶里，由它自己的版本或复制保护）")
    backup_parser.add_argument("--without-files", action="store_true", help=told)
    backup_parser.set_defaults(run=backup)
    subparsers.add_parser("upgrade", help=_("换上新版本：备份、更新结构、启动")).set_defaults(run=upgrade)


def backup(options: Namespace) -> dict[str, Any]:
    places, folder = Places(env().home), options.folder.resolve()
    mark = homes.read_mark(places.home)
    if mark is None:
        raise Invalid(_("%(home)s 里还没有平台数据。") % {"home": places.home})
    if folder.is_relative_to(places.home):
        raise Invalid(_("备份目录不能在平台数据目录之内。"))
    begun = time.monotonic()
    try:
        with database_at_hand(places, alone=False):
            manifest = copies.make_backup(
                folder, mark=mark, with_key=options.with_key, with_files=not options.without_files, tell=tell
            )
    except (copies.CopyError, psycopg.Error) as error:
        raise Unavailable(str(error)) from error
    told = {name: value for name, value in asdict(manifest).items() if name != "migrations"}
    return {"ok": True, "folder": str(folder), "seconds": round(time.monotonic() - begun, 1), **told}


def upgrade(options: Namespace) -> tuple[dict[str, Any], int]:
    """A running platform restarts with the code that lies here now; a stopped one only gets its schema updated."""
    places = Places(env().home)
    mark = homes.read_mark(places.home)
    if mark is None:
        raise Invalid(_("%(home)s 里还没有平台数据。") % {"home": places.home})
    refuse_newer(mark)
    record = read_pid(places.supervisor_pid)
    if record is None:
        with database_at_hand(places, alone=True):
            result = run_schema(mark.kind)
        homes.write_mark(places.home, replace(mark, version=__version__))
        return {"ok": True, "from": mark.version, "to": __version__, **result}, 0
    run_schema(mark.kind, "--check")
    before = json.loads(places.state.read_text())["began"]
    psutil.Process(record.pid).send_signal(signal.SIGUSR2)
    state = wait_for_restart(places, record, before)
    if state is not None:
        return {"ok": True, "from": mark.version, "to": state["version"], "url": state["url"]}, 0
    tell(_("新版本没有启动成功，请看日志：%(log)s。升级前的备份在 %(backups)s。")
         % {"log": places.log, "backups": places.backups})  # fmt: skip
    return {"ok": False, "from": mark.version, "to": __version__}, 1


def wait_for_restart(places: Places, record: PidRecord, before: float) -> dict[str, Any] | None:
    """The state of the platform once it has begun again after ``before`` and answers; None when it did not."""
    end = time.monotonic() + UPGRADE_SECONDS
    while time.monotonic() < end and record.is_alive():
        state = _state(places)
        if state.get("began", before) != before and _is_up(state["port"]):
            return state
        time.sleep(0.5)
    return None


def run_schema(kind: str, *flags: str) -> dict[str, Any]:
    """What ``lingqu.config.schema`` says about the home's database; raises when it refuses."""
    done = subprocess.run(
        [sys.executable, "-m", "lingqu.config.schema", "--kind", kind, *flags],
        stdout=subprocess.PIPE, text=True, check=False, env=child_environment(LINGQU_HOME=str(env().home)),
    )  # fmt: skip
    try:
        result: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    except ValueError:
        raise Unavailable(_("数据库结构没有更新成功。")) from None
    if "refused" in result:
        raise Conflict(result["refused"])
    return result


def _state(places: Places) -> dict[str, Any]:
    try:
        stored: dict[str, Any] = json.loads(places.state.read_text())
    except (OSError, ValueError):
        return {}
    return stored


def _is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
