"""What the outermost layer tells the operator's page: processes, database, disk, copies, version, and doctor's findings."""

from __future__ import annotations

import shutil
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from lingqu.config.env import env
from lingqu.config.metrics import last_backup_age
from lingqu.config.places import Places
from lingqu.config.processes import read_pid
from lingqu.config.supervisor import CHILD_NAMES
from lingqu.config.verbs.doctoring import CHECKS
from lingqu.kernel.actor import Actor
from lingqu.kernel.files import reserve_of
from lingqu.kernel.language import listed
from lingqu.portal.health import CARDS, FINDINGS, GOOD, NEAR, OVER, Card, Finding

GB = 1024**3
DAY = 24 * 3600


def process_card() -> Card:
    """Children of the supervisor; without one (development) only this process counts."""
    places = Places(Path(settings.LINGQU_HOME))
    title = _("前门与应用")
    names = [name for name in CHILD_NAMES if name != "postgres" or not env().database_url]
    running = [name for name in names if read_pid(places.pid_of(name)) is not None]
    if read_pid(places.supervisor_pid) is None:
        return Card(title=title, value="1", unit=_("个进程"), state=NEAR, note=_("没有守护进程，不会自动重启"))
    down = [name for name in names if name not in running]
    note = _("没有在运行：%(names)s") % {"names": listed(down)} if down else _("全部在运行")
    value = f"{len(running)} / {len(names)}"
    return Card(title=title, value=value, unit=_("进程在运行"), state=OVER if down else GOOD, note=note)


def database_card() -> Card:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('max_connections')::int, count(*),"
            " coalesce(extract(epoch FROM max(now() - query_start) FILTER (WHERE state = 'active'"
            " AND pid <> pg_backend_pid())), 0), pg_database_size(current_database())"
            " FROM pg_stat_activity WHERE backend_type = 'client backend'"
        )
        version, most, used, longest, size = cursor.fetchone()
    state = OVER if used > most * 0.9 else NEAR if used > most * 0.7 or longest > 60 else GOOD
    words = {"used": used, "most": most, "seconds": float(longest), "size": size / 1024**2}
    note = _("连接 %(used)d / %(most)d · 最久语句 %(seconds).1f 秒 · %(size).0f MB") % words
    return Card(title="PostgreSQL", value=version.split()[0], state=state, note=note)


def disk_card() -> Card:
    usage = shutil.disk_usage(settings.LINGQU_HOME)
    share = round(100 * (1 - usage.free / usage.total))
    reserve = reserve_of(usage.total)
    state = OVER if usage.free < reserve else NEAR if usage.free < 10 * reserve else GOOD
    note = _("余 %(free).0f GB，共 %(total).0f GB") % {"free": usage.free / GB, "total": usage.total / GB}
    return Card(title=_("磁盘"), value=str(share), unit="%", state=state, note=note)


def memory_card() -> Card:
    memory = psutil.virtual_memory()
    state = OVER if memory.percent > 95 else NEAR if memory.percent > 85 else GOOD
    note = _("可用 %(free).1f GB，共 %(total).1f GB") % {"free": memory.available / GB, "total": memory.total / GB}
    return Card(title=_("内存"), value=f"{memory.percent:.0f}", unit="%", state=state, note=note)


def backup_card() -> Card:
    age = last_backup_age(Path(settings.LINGQU_HOME))
    title = _("备份")
    if age is None:
        return Card(title=title, value=_("还没有"), state=NEAR, note=_("用 lingqu backup 备份，建议每天一次"))
    hours = age / 3600
    value, unit = (f"{hours:.0f}", _("小时前")) if age < 2 * DAY else (f"{age / DAY:.0f}", _("天前"))
    state = GOOD if age < 1.5 * DAY else NEAR if age < 7 * DAY else OVER
    return Card(title=title, value=value, unit=unit, state=state, note=_("超过一天半会提醒"))


def cards(actor: Actor, nothing: None) -> tuple[Card, ...]:
    return (process_card(), database_card(), disk_card(), memory_card(), backup_card())


def findings(actor: Actor, nothing: None) -> tuple[Finding, ...]:
    """The same checks as ``lingqu doctor``."""
    environment, places = env(), Places(Path(settings.LINGQU_HOME))
    told = [check(environment, places) for check in CHECKS]
    titles = {
        "python": "Python", "user": _("运行用户"), "memory": _("内存"), "disk": _("磁盘"), "port": _("端口"),
        "keys": _("密钥文件"), "database": _("数据库"), "files": _("文件存储"), "logs": _("日志"), "programs": _("程序"), "front_end": _("页面文件"),
        "forgotten": _("遗留的数据目录"),
    }  # fmt: skip
    return tuple(
        Finding(
            title=titles.get(one.name, one.name), why=one.message, level=one.level,
            command="" if one.level == "ok" else "lingqu doctor",
        )
        for one in told
    )  # fmt: skip


CARDS.fill("config", cards)
FINDINGS.fill("config", findings)
