"""``lingqu run``, ``stop`` and ``status``."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from lingqu import __version__
from lingqu.config import home as homes
from lingqu.config import unfinished
from lingqu.config.archive.state import summary as archive_summary
from lingqu.config.at_hand import refuse_newer
from lingqu.config.backup import database_url, last_backup_age
from lingqu.config.children import environment_for
from lingqu.config.drill import read_result
from lingqu.config.env import env
from lingqu.config.places import Places
from lingqu.config.postgres import Cluster, ClusterError
from lingqu.config.postgres.programs import ProgramsMissing
from lingqu.config.processes import read_pid, spawn, wait_until
from lingqu.config.supervisor import StartError, Stopping, Supervisor, child_names, end_orphans
from lingqu.config.words import gettext as _
from lingqu.kernel.errors import Conflict, Unavailable

DEFAULT_DEMO_PEOPLE = 30_000
READY_SECONDS = 120.0
STOP_SECONDS = 180.0


def add_verbs(subparsers: Any) -> None:
    run_parser = subparsers.add_parser("run", help=_("启动平台，按 Ctrl-C 停止"))
    kinds = run_parser.add_mutually_exclusive_group()
    kinds.add_argument("--demo-people", type=int, metavar="N", help=_("演示城市的人数（首次启动时）"))
    kinds.add_argument("--no-demo", action="store_true", help=_("建立正式环境：只有根机构"))
    run_parser.set_defaults(run=run)
    subparsers.add_parser("stop", help=_("停止平台")).set_defaults(run=stop)
    subparsers.add_parser("status", help=_("平台是否在运行、各进程与积压")).set_defaults(run=status)


def _say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


# ---- run --------------------


def run(options: Namespace) -> tuple[dict[str, Any], int]:
    begun = time.monotonic()
    places = Places(env().home)
    try:
        supervisor = Supervisor(env(), places, say=_say)
        supervisor.take_home()
    except (StartError, ProgramsMissing, PermissionError) as error:
        raise Conflict(str(error)) from error
    supervisor.may_interrupt = True
    try:
        mark = _start_everything(supervisor, options)
        seconds = time.monotonic() - begun
        _announce(supervisor, mark, seconds)
        supervisor.may_interrupt = False
        supervisor.watch()
    except Stopping:
        pass
    except (StartError, ClusterError) as error:
        raise Unavailable(str(error)) from error
    finally:
        _say(_("正在停止……"))
        supervisor.stop()
        _say(_("已停止。"))
    if supervisor.begins_again:
        supervisor.begin_again()
    return {"stopped": True}, 0


def _start_everything(supervisor: Supervisor, options: Namespace) -> homes.HomeMark:
    places = supervisor.places
    if unfinished.finish_folders(places.home):
        _say(_("上一次恢复已补完。"))
    _refuse_unfit(places.home)
    mark = _mark_home(places.home, options)
    supervisor.choose_address()
    supervisor.start_database()
    if unfinished.finish_databases(places.home, database_url()):
        _say(_("上一次恢复已补完。"))
        mark = homes.read_mark(places.home) or mark
    _bring_schema_up(supervisor, mark)
    supervisor.start_children()
    if not supervisor.wait_ready(seconds=READY_SECONDS):
        raise StartError(_("平台没有在 %(n)d 秒内就绪，请看日志：%(log)s") % {"n": READY_SECONDS, "log": places.log})
    if not mark.filled and _fill(supervisor, mark, options):
        mark = homes.changed(mark, filled=True)
    return homes.write_mark(places.home, homes.changed(mark, version=__version__))


def _refuse_unfit(home: Path) -> None:
    """Before anything is touched: a restore that was cut off, a newer home, an archive that cannot be kept."""
    note, mark = unfinished.read_note(home), homes.read_mark(home)
    if note is not None and note.phase == unfinished.LOADING:
        raise StartError(unfinished.complaint(note))
    if mark is not None:
        refuse_newer(mark)
    archive = env().wal_archive
    if archive and env().database_url:
        raise StartError(
            _("LINGQU_WAL_ARCHIVE 只用于自带的数据库；外部数据库的连续归档由它的管理员设置。请去掉其中一项。")
        )
    if archive and archive.is_relative_to(home):
        raise StartError(_("存档目录不能在平台数据目录之内：%(root)s") % {"root": archive})


def _mark_home(home: Path, options: Namespace) -> homes.HomeMark:
    """A home's kind is decided at its first start and never changes."""
    mark = homes.read_mark(home)
    if mark is None:
        kind = homes.REAL if options.no_demo else homes.DEMO
        return homes.write_mark(home, homes.new_mark(kind=kind, version=__version__))
    if options.no_demo and mark.kind == homes.DEMO:
        raise StartError(_("%(home)s 是演示环境；正式环境请用另一个 LINGQU_HOME。") % {"home": home})
    if options.demo_people is not None and mark.kind == homes.REAL:
        raise StartError(_("%(home)s 是正式环境，不能放入演示数据。") % {"home": home})
    return mark


def _bring_schema_up(supervisor: Supervisor, mark: homes.HomeMark) -> None:
    done = _child(supervisor, "schema", [sys.executable, "-m", "lingqu.config.schema", "--kind", mark.kind])
    try:
        result = json.loads(done.stdout.strip().rpartition("\n")[2])
    except ValueError:
        raise StartError(_("数据库结构没有更新成功，请看日志：%(log)s") % {"log": supervisor.places.log}) from None
    if "refused" in result:
        raise StartError(result["refused"])
    if result["backup"]:
        _say(_("升级前的备份：%(path)s") % {"path": result["backup"]})
    if result["migrated"]:
        _say(_("数据库结构已更新（%(n)d 步）。") % {"n": result["migrated"]})


def _child(supervisor: Supervisor, name: str, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end as a child of the supervisor, its messages in ``log/<name>.log``."""
    places, log = supervisor.places, supervisor.places.log / f"{name}.log"
    output = places.run / f"{name}.out"
    variables = environment_for("command", places, port=supervisor.port, public_url=supervisor.public_url)
    process = spawn(command, log=log, environment=variables, output=output)
    try:
        while process.poll() is None:
            supervisor.tick()
            time.sleep(0.1)
    finally:
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
    text = output.read_text(encoding="utf-8")
    output.unlink()
    return subprocess.CompletedProcess(command, process.returncode, text, "")


def _fill(supervisor: Supervisor, mark: homes.HomeMark, options: Namespace) -> bool:
    """First content: the demo city; a real home begins with its root alone. A demo that failed does not keep the platform
    down; the next start tries again."""
    if mark.kind == homes.REAL:
        return True
    people = DEFAULT_DEMO_PEOPLE if options.demo_people is None else options.demo_people
    _say(_("正在建立演示城市（%(n)d 人）……") % {"n": people})
    command = [sys.executable, "-m", "lingqu.config.cli", "demo", "create", "--people", str(people), "--json"]
    done = _child(supervisor, "first-content", command)
    if done.returncode == 0:
        return True
    told = _("首次内容没有建成，下次启动会再试；请看日志：%(log)s")
    _say(told % {"log": supervisor.places.log / "first-content.log"})
    return False


def _announce(supervisor: Supervisor, mark: homes.HomeMark, seconds: float) -> None:
    _say(_("已就绪，用时 %(seconds).1f 秒。") % {"seconds": seconds})
    print(supervisor.public_url, flush=True)
    if mark.kind == homes.DEMO and mark.filled:
        done = _child(supervisor, "accounts", [sys.executable, "-m", "lingqu.config.cli", "demo", "accounts"])
        print(done.stdout, flush=True)


# ---- stop --------------------


def stop(options: Namespace) -> dict[str, Any]:
    places = Places(env().home)
    record = read_pid(places.supervisor_pid)
    if record is not None:
        with suppress(ProcessLookupError):
            psutil.Process(record.pid).send_signal(signal.SIGTERM)
        if not wait_until(lambda: not record.is_alive(), seconds=STOP_SECONDS, every=0.1):
            raise Conflict(_("平台没有停下来（进程 %(pid)d）。") % {"pid": record.pid})
    if places.run.is_dir():
        end_orphans(places, say=_say)
    if not env().database_url and (places.home / "pg").exists():
        Cluster(places.home, pg_bin=env().pg_bin).end_leftover()
    return {"ok": True, "was_running": record is not None}


# ---- status --------------------


def status(options: Namespace) -> tuple[dict[str, Any], int]:
    """Exit code 0 when ready, 1 otherwise."""
    places = Places(env().home)
    record = read_pid(places.supervisor_pid)
    state = json.loads(places.state.read_text()) if places.state.is_file() else {}
    mark = homes.read_mark(places.home) if places.home.is_dir() else None
    url = state.get("url", env().public_url)
    ready, checks = _ask_ready(int(state.get("port", env().port))) if record else (False, [])
    result = {
        "url": url,
        "ready": ready,
        "version": state.get("version", __version__),
        "database": "external" if env().database_url else "embedded",
        "home": str(places.home),
        "kind": mark.kind if mark else None,
        "processes": _processes(places, state),
        "checks": checks,
        **(_queues() if record else {"lags": {}}),
        "backup_age_seconds": last_backup_age(places.home),
        "archive": archive_summary(places.home, env().wal_archive),
        "drill": read_result(places.home),
    }
    return result, 0 if ready else 1


def _ask_ready(port: int) -> tuple[bool, list[dict[str, Any]]]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/readyz", headers={"Host": f"localhost:{port}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - fixed scheme and host
            body = json.load(answer)
    except urllib.error.HTTPError as error:
        with suppress(ValueError):
            body = json.load(error)
            return bool(body.get("ready")), body.get("checks", [])
        return False, []
    except (OSError, ValueError):
        return False, []
    return bool(body["ready"]), body["checks"]


def _processes(places: Places, state: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name in ("supervisor", *reversed(child_names(env()))):
        record = read_pid(places.pid_of(name))
        restarts = state.get("restarts", {}).get(name, 0)
        entry = {"name": name, "pid": record.pid if record else None, "running": record is not None}
        if name != "supervisor":
            entry["restarts"] = restarts
        if record:
            entry["seconds"] = round(time.time() - record.started)
        found.append(entry)
    return found


def _queues() -> dict[str, Any]:
    """Backlogs of outbox, jobs, sealer and messages, as ``/metrics`` has them, and how far new keys have come; empty
    while the database is away."""
    import django
    from django.db import Error

    django.setup()
    from lingqu.kernel import rotation
    from lingqu.kernel.lags import lags

    try:
        return {"lags": lags(), "keys": rotation.describe()}
    except Error:
        return {"lags": {}}
