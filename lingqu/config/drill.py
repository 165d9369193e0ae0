"""The restore drill: bring the newest copy back beside the running platform, sign in there, measure, leave nothing.

The restored platform gets a web process and a database of its own on sockets in a temporary folder; no worker, so that
nothing is delivered twice, and no port.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from socket import AF_UNIX, socket
from typing import Any
from urllib.parse import urlencode

import psycopg

from lingqu.config.archive.recovery import RESTORING
from lingqu.config.archive.state import read_state
from lingqu.config.backup import count_rows, database_url, file_store
from lingqu.config.children import child_specs, write_server_logging
from lingqu.config.drill_files import FilesSeen, look_at_files
from lingqu.config.durable import write_json
from lingqu.config.env import child_environment, env
from lingqu.config.home import read_mark
from lingqu.config.places import Places
from lingqu.config.postgres import Cluster, url_of
from lingqu.config.processes import end_session, read_pid, run_tied, spawn, wait_until, write_pid
from lingqu.config.words import gettext as _
from lingqu.kernel.errors import Unavailable
from lingqu.kernel.stores import LocalStore

PREFIX = "lingqu-drill-"
WEB_SECONDS = 60.0
RPO_LIMIT = 60.0
"""Seconds that an archive may lag; a backup is judged by its age on the operator's page."""


class DrillFailed(Exception):
    """One step of the drill did not work; the message says which and why."""


@dataclass(slots=True, kw_only=True)
class DrillResult:
    """``rpo_seconds``: age of the youngest commit that came back, against the live platform at the drill's beginning.
    ``rto_seconds``: the steps to a finished sign-in, without the drill's own preparations. ``counts``: table → live before, restored, live after."""

    ok: bool = False
    source: str
    kind: str
    at: str
    rpo_seconds: float | None = None
    rto_seconds: float | None = None
    parts: dict[str, float] = field(default_factory=dict)
    counts: dict[str, tuple[int | None, int, int | None]] = field(default_factory=dict)
    audit: dict[str, Any] = field(default_factory=dict)
    files: FilesSeen = field(default_factory=FilesSeen)
    signed_in: str = ""
    complaints: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Live:
    """The running platform at one moment: rows of the counted tables and when our last commit was."""

    at: datetime
    counts: dict[str, int]


def look_at_live() -> Live | None:
    """Count, then commit something, so that the newest commit's time is known; None while the platform is stopped."""
    try:
        with psycopg.connect(database_url(), connect_timeout=5) as connection:
            counts = count_rows(connection)
            connection.commit()
            connection.execute("SELECT pg_logical_emit_message(true, 'lingqu', 'drill')")
            connection.commit()
            row = connection.execute("SELECT clock_timestamp()").fetchone()
    except psycopg.OperationalError:
        return None
    return Live(row[0].astimezone(UTC), counts) if row else None


@contextmanager
def temporary_home(work: Path) -> Iterator[Path]:
    """A folder that goes again with everything in it, also what an earlier drill that was killed left behind."""
    sweep(work)
    home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=work)).resolve()
    home.chmod(0o711)
    write_pid(home / "owner.pid", os.getpid())
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield home
    finally:
        signal.signal(signal.SIGTERM, before)
        discard(home)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def discard(home: Path) -> None:
    for name in ("data", RESTORING):
        Cluster(home, folder=name).end_leftover()
    for folder in (Cluster(home).root, Cluster(home).sockets, Places(home).sockets, home):
        shutil.rmtree(folder, ignore_errors=True)


def sweep(work: Path) -> None:
    for folder in work.glob(PREFIX + "*"):
        if (folder / "owner.pid").exists() and read_pid(folder / "owner.pid") is None:
            discard(folder)


class Drill:
    def __init__(self, source: Path, kind: str, home: Path, tell: Callable[[str], None]) -> None:
        self.home, self.tell = home, tell
        self.result = DrillResult(source=str(source), kind=kind, at=datetime.now(UTC).isoformat(timespec="seconds"))
        self.source = source
        port = "1"  # nothing listens there; cookies and links are named by it
        self.environment = {
            **child_environment(), "LINGQU_HOME": str(home), "LINGQU_PORT": port, "DATABASE_URL": "",
            "LINGQU_WAL_ARCHIVE": "", "LINGQU_KEY_FILE": str(env().key_file), "LINGQU_WEB_WORKERS": "1",
            "LINGQU_PUBLIC_URL": f"http://localhost:{port}", "CONTENT_ORIGIN": "",
            "LINGQU_FILES": "",  # files come into the temporary folder; the copy never reaches the platform's bucket
        }  # fmt: skip

    def step(self, name: str, told: str, work: Callable[[], Any]) -> Any:
        self.tell(told)
        begun = time.monotonic()
        done = work()
        self.result.parts[name] = round(time.monotonic() - begun, 1)
        return done

    def run(self, *, login: str, password: str) -> DrillResult:
        live, lag = look_at_live(), archive_lag(self.result.kind)
        restored = self.step("restore", _("正在恢复到临时目录"), lambda: self.command("restore", str(self.source)))
        cluster = Cluster(self.home, pg_bin=env().pg_bin)
        try:
            self.step("database", _("正在启动数据库"), cluster.start)
            with psycopg.connect(url_of(self.home)) as connection:
                counts = count_rows(connection)
            self.step("schema", _("正在核对结构"), self.bring_up)
            if not login:
                account = self.python("lingqu.config.drill_checks", "account")
                login, password = account["login"], account["password"]
            self.step("sign_in", _("正在登录"), lambda: self.sign_in(login, password))
            self.result.rto_seconds = round(sum(self.result.parts.values()), 1)
            self.result.signed_in = login
            checked = self.step(
                "check", _("正在核对内容与审计链"), lambda: self.python("lingqu.config.drill_checks", "check")
            )
            self.step("files", _("正在核对文件"), self.look_at_files)
        finally:
            cluster.stop()
        self.judge(restored, counts, live, lag)
        self.result.audit = checked["audit"]
        self.complain()
        return self.result

    def command(self, *arguments: str) -> dict[str, Any]:
        return self.python("lingqu.config.cli", *arguments, "--json")

    def python(self, module: str, *arguments: str) -> dict[str, Any]:
        """What the module printed as JSON, run in the temporary home."""
        done = run_tied([sys.executable, "-m", module, *arguments], environment=self.environment)
        try:
            answer: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
        except ValueError:
            raise DrillFailed(done.stderr.strip()[-1000:] or module) from None
        if done.returncode != 0 or "refused" in answer:
            raise DrillFailed(str(answer.get("refused") or answer.get("message") or done.stderr.strip()[-1000:]))
        return answer

    def bring_up(self) -> dict[str, Any]:
        mark = read_mark(self.home)
        assert mark is not None
        return self.python("lingqu.config.schema", "--kind", mark.kind)

    # ---- signing in ---------------------------------------------------------------------------------------------

    def sign_in(self, login: str, password: str) -> None:
        """Through the real pages: the form, its token, the session, the home page."""
        places = Places(self.home)
        places.metrics.mkdir(mode=0o700, exist_ok=True)
        write_server_logging(places)
        settings = replace(env(), home=self.home, web_workers=1)
        specs = child_specs(settings, places, port=1, public_url="http://localhost:1", front_file=self.home)
        web = next(spec for spec in specs if spec.name == "web")
        assert web.probe is not None and web.socket is not None
        process = spawn(
            web.command, log=places.log / "web.log", environment={**web.environment, **self.environment, "LINGQU_ROLE": "web"}
        )  # fmt: skip
        try:
            if not wait_until(lambda: process.poll() is not None or web.probe(), seconds=WEB_SECONDS):  # type: ignore[misc]
                raise DrillFailed(_("恢复出的平台没有应答。"))
            visit(web.socket, login, password)
        except (OSError, HTTPException) as error:
            raise DrillFailed(_("恢复出的平台没有应答。")) from error
        finally:
            end_session(process.pid, patience=5.0)

    def look_at_files(self) -> None:
        """Where the platform has its files: those of an archive may lie in the bucket, all others were brought back."""
        in_bucket = self.result.kind == "archive" and bool(env().files)
        store = file_store() if in_bucket else LocalStore(self.home / "files")
        try:
            with psycopg.connect(url_of(self.home)) as session:
                self.result.files = look_at_files(session, store, in_bucket=in_bucket)
        except Unavailable as error:
            raise DrillFailed(_("读不到存放文件的桶：%(detail)s") % {"detail": error}) from error

    # ---- judging ------------------------------------------------------------------------------------------------

    def judge(
        self, restored: Mapping[str, Any], counts: Mapping[str, int], live: Live | None, lag: float | None
    ) -> None:
        """What the live platform had that did not come back. An archive must hold every row of a table that stood
        still meanwhile."""
        result, after = self.result, look_at_live()
        moment = datetime.fromisoformat(restored["last_commit" if result.kind == "archive" else "made_at"])
        if live is not None:
            result.rpo_seconds = round(max((live.at - moment).total_seconds(), lag or 0.0), 1)
        for table, count in counts.items():
            before, later = (side.counts.get(table) if side else None for side in (live, after))
            result.counts[table] = (before, count, later)
            if result.kind != "archive" or before is None or later is None:
                continue
            if not min(before, later) <= count <= max(before, later):
                words = {"table": table, "before": before, "count": count, "after": later}
                told = _("%(table)s：平台有 %(before)d 到 %(after)d 行，恢复出 %(count)d 行。")
                result.complaints.append(told % words)

    def complain(self) -> None:
        result = self.result
        if not result.audit["ok"]:
            result.complaints.append(_("审计链没有通过核对。"))
        if result.files.missing:
            result.complaints.append(_("缺少 %(n)d 个已登记的文件。") % {"n": result.files.missing})
        if result.files.damaged:
            result.complaints.append(_("%(n)d 个文件已损坏。") % {"n": result.files.damaged})
        if result.kind == "archive" and (result.rpo_seconds or 0) > RPO_LIMIT:
            result.complaints.append(_("存档落后超过 %(n)d 秒。") % {"n": RPO_LIMIT})
        result.ok = not result.complaints


def archive_lag(kind: str) -> float | None:
    """Seconds since everything was known to be in the archive: what may be lost at most."""
    state = read_state(env().home) if kind == "archive" else None
    return max(0.0, time.time() - state.safe_at) if state else None


class SocketConnection(HTTPConnection):
    """HTTP to a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost:1", timeout=30)
        self.path = path

    def connect(self) -> None:
        self.sock = socket(AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def visit(path: Path, login: str, password: str) -> None:
    """Sign in as a browser would; raises :class:`DrillFailed` unless the home page opens for the account."""
    cookies: dict[str, str] = {}

    def ask(method: str, address: str, body: str = "") -> tuple[HTTPResponse, str]:
        connection = SocketConnection(path)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, address, body or None, headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _equals, value = line.partition(";")[0].partition("=")
            cookies[name] = value
        text = answer.read().decode(errors="replace")
        connection.close()
        return answer, text

    _page, form = ask("GET", "/sign-in")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    if token is None:
        raise DrillFailed(_("恢复出的登录页没有表单。"))
    fields = {"login": login, "password": password, "csrfmiddlewaretoken": token[1]}
    answer, _text = ask("POST", "/sign-in", urlencode(fields))
    if answer.status not in (302, 303):
        raise DrillFailed(_("在恢复出的平台上，账号 %(login)s 没有登录成功。") % {"login": login})
    answer, _text = ask("GET", "/")
    where = answer.headers.get("Location", "")
    if answer.status >= 400 or "sign-in" in where:
        raise DrillFailed(_("在恢复出的平台上，账号 %(login)s 没有登录成功。") % {"login": login})


def write_result(home: Path, result: DrillResult) -> None:
    write_json(result_path(home), asdict(result))


def result_path(home: Path) -> Path:
    return Places(home).run / "last-drill.json"


def read_result(home: Path) -> dict[str, Any] | None:
    """The last drill, or None."""
    with suppress(OSError, ValueError):
        stored: dict[str, Any] = json.loads(result_path(home).read_text(encoding="utf-8"))
        return stored
    return None
