"""``lingqu keys``: show, rotate and retire the node's secret keys."""

from __future__ import annotations

import json
import signal
import time
from argparse import Namespace
from typing import Any

import psutil

from lingqu.config import home as homes
from lingqu.config import keys
from lingqu.config.at_hand import database_at_hand, tell
from lingqu.config.env import env
from lingqu.config.places import Places
from lingqu.config.processes import read_pid
from lingqu.config.verbs.copying import run_schema, wait_for_restart
from lingqu.config.words import gettext as _
from lingqu.kernel.errors import Conflict, Invalid


def add_verbs(subparsers: Any) -> None:
    parser = subparsers.add_parser("keys", help=_("查看、更换、移除密钥"))
    verbs = parser.add_subparsers(required=True)
    verbs.add_parser("list", help=_("有哪些密钥，只显示指纹")).set_defaults(run=list_keys)
    verbs.add_parser("rotate", help=_("启用新密钥，旧密钥仍可读")).set_defaults(run=rotate)
    retire_parser = verbs.add_parser("retire", help=_("不再需要旧密钥时移除它们"))
    retire_parser.add_argument("--apply", action="store_true", help=_("真的移除；不加只清点"))
    retire_parser.set_defaults(run=retire)


def list_keys(options: Namespace) -> list[dict[str, Any]]:
    _require_home()
    return keys.describe_keys(env().key_file)


def rotate(options: Namespace) -> dict[str, Any]:
    """New keys for sealing, index and signing. A running platform restarts, so that the index changes while nobody uses
    it; values are resealed afterwards by a job."""
    places, mark = _require_home()
    if older := keys.older_keys(keys.load_keys(env().key_file)):
        told = _("上一次更换还没有完成：旧密钥 %(names)s 还在。请先执行 lingqu keys retire。")
        raise Conflict(told % {"names": ", ".join(older)}, code="keys_not_retired")
    record = read_pid(places.supervisor_pid)
    began = time.monotonic()
    made = keys.add_keys(env().key_file, crypto=env().crypto)
    tell(_("密钥文件已更新，请把它另存一份，与备份分开保管：%(path)s") % {"path": env().key_file})
    if record is None:
        with database_at_hand(places, alone=True):
            run_schema(mark.kind)
    else:
        before = json.loads(places.state.read_text())["began"]
        psutil.Process(record.pid).send_signal(signal.SIGUSR2)
        if wait_for_restart(places, record, before) is None:
            raise Conflict(_("平台没有重新启动成功，请看日志：%(log)s") % {"log": places.log}, code="not_started")
    return {"ok": True, "new": made, "seconds": round(time.monotonic() - began, 1)}


def retire(options: Namespace) -> tuple[dict[str, Any], int]:
    """Count what still needs an older key; with ``--apply`` and nothing left, remove them from the key file."""
    places, _mark = _require_home()
    older = keys.older_keys(keys.load_keys(env().key_file))
    if not older:
        return {"ok": True, "older": [], "left": []}, 0
    with database_at_hand(places, alone=False):
        left = _count_left()
    if left:
        tell(_("旧密钥还不能移除：下列内容还要用它。平台运行时会自动改用新密钥；文件和登录状态到期即消失。"))
        return {"ok": False, "older": list(older), "left": left}, 1
    if not options.apply:
        tell(_("没有内容再需要旧密钥。更换之前的备份仍需要它，请确认旧密钥文件另存着，再加 --apply 执行。"))
        return {"ok": True, "older": list(older), "left": []}, 0
    gone = keys.retire_keys(env().key_file)
    return {"ok": True, "retired": gone}, 0


def _count_left() -> list[Any]:
    import django

    django.setup()
    from lingqu.kernel import rotation

    left = rotation.list_left()
    if left:
        rotation.look_again()
    return left


def _require_home() -> tuple[Places, homes.HomeMark]:
    places = Places(env().home)
    mark = homes.read_mark(places.home) if places.home.is_dir() else None
    if mark is None or not env().key_file.exists():
        raise Invalid(_("%(home)s 里还没有平台数据。") % {"home": places.home})
    return places, mark
