"""What the outermost layer tells the operator's page: processes, database, disk, copies, version, and doctor's findings."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from lingqu.config.archive.state import summary as archive_summary
from lingqu.config.backup import last_backup_age
from lingqu.config.drill import read_result
from lingqu.config.env import env
from lingqu.config.places import Places
from lingqu.config.processes import read_pid
from lingqu.config.supervisor import child_names
from lingqu.config.verbs.doctoring import examine
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.files import reserve_of
from lingqu.kernel.language import listed
from lingqu.portal.health import CARDS, FINDINGS, GOOD, NEAR, OVER, Card, Finding

GB = 1024**3
DAY = 24 * 3600
DRILL_DAYS = 190
"""A drill each term; later the card asks for one."""


def process_card() -> Card:
    """Children of the supervisor; without one (development) only this process counts."""
    places = Places(Path(settings.LINGQU_HOME))
    title = _("前门与应用")
    names = child_names(env())
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


def archive_card() -> tuple[Card, ...]:
    """How much work the continuous archive may lack; no card where none is set."""
    told = archive_summary(Path(settings.LINGQU_HOME), env().wal_archive)
    if told is None:
        return ()
    title, seconds = _("连续存档"), told.get("rpo_seconds")
    if told["problem"]:
        return (Card(title=title, value=_("有问题"), state=OVER, note=told["problem"]),)
    if seconds is None or told["base_age_seconds"] is None:
        return (Card(title=title, value=_("正在建立"), state=NEAR, note=_("还没有完整的基础备份，尚不能从存档恢复")),)
    state = GOOD if told["ok"] else OVER
    words = {"bases": told["bases"], "hours": told["base_age_seconds"] / 3600, "free": told["free_bytes"] / GB}
    note = _("%(bases)d 份基础备份，最近一份 %(hours).0f 小时前 · 余 %(free).0f GB") % words
    return (Card(title=title, value=f"{seconds:.0f}", unit=_("秒内的提交可能缺失"), state=state, note=note),)


def drill_card() -> Card:
    """Whether the last restore drill brought everything back, how much was missing and how long it took."""
    title, last = _("恢复演练"), read_result(Path(settings.LINGQU_HOME))
    if last is None:
        return Card(title=title, value=_("还没有"), state=NEAR, note=_("用 lingqu drill 演练，建议每学期一次"))
    days = (clock.now() - datetime.fromisoformat(last["at"])).total_seconds() / DAY
    value, unit = (f"{days:.0f}", _("天前")) if days >= 1 else (_("今天"), "")
    if not last["ok"]:
        return Card(title=title, value=_("没有成功"), state=OVER, note=listed(last["complaints"])[:200])
    rpo = "–" if last["rpo_seconds"] is None else f"{last['rpo_seconds']:,.0f}"
    note = _("RPO %(rpo)s 秒 · RTO %(rto)s 秒") % {"rpo": rpo, "rto": f"{last['rto_seconds']:,.0f}"}
    return Card(title=title, value=value, unit=unit, state=GOOD if days < DRILL_DAYS else NEAR, note=note)


def cards(actor: Actor, nothing: None) -> tuple[Card, ...]:
    return (process_card(), database_card(), disk_card(), memory_card(), backup_card(), *archive_card(), drill_card())


def findings(actor: Actor, nothing: None) -> tuple[Finding, ...]:
    """The same checks as ``lingqu doctor``."""
    environment, places = env(), Places(Path(settings.LINGQU_HOME))
    told = examine(environment, places)
    titles = {
        "python": "Python", "user": _("运行用户"), "memory": _("内存"), "disk": _("磁盘"), "port": _("端口"),
        "keys": _("密钥文件"), "database": _("数据库"), "files": _("文件存储"), "logs": _("日志"), "programs": _("程序"),
        "front_end": _("页面文件"), "forgotten": _("遗留的数据目录"), "archive": _("连续存档"), "restore": _("恢复"),
    }  # fmt: skip
    return tuple(
        Finding(
            title=titles.get(one.name.partition(".")[0], one.name), why=one.message, level=one.level,
            command="" if one.level == "ok" else "lingqu doctor",
        )
        for one in told
    )  # fmt: skip


CARDS.fill("config", cards)
FINDINGS.fill("config", findings)
