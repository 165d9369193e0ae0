"""What the supervisor starts: each child's command, environment and how one knows that it works."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

from lingqu.config.env import DEFAULT_SETTINGS, SETTINGS_VARIABLE, Env, child_environment
from lingqu.config.logs import server_logging
from lingqu.config.places import Places

WEB_THREADS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """``probe`` asks the running child for a sign of life; it answers quickly or returns False."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(repr=False)
    probe: Callable[[], bool] | None = None
    death_signal: int = signal.SIGTERM
    socket: Path | None = None
    """Where it listens; what a killed predecessor left there is removed before each start."""


def web_workers(env: Env) -> int:
    return env.web_workers or max(2, min(os.cpu_count() or 2, 8))


def answers_http(path: Path, address: str, *, seconds: float = 5.0) -> bool:
    """Whether the server behind the Unix socket ``path`` answers ``GET address`` with 200 within ``seconds``."""
    request = f"GET {address} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(seconds)
            connection.connect(str(path))
            connection.sendall(request)
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def listens(port: int, *, seconds: float = 3.0) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=seconds).close()
    except OSError:
        return False
    return True


def program(name: str) -> str:
    """A program that pip installed beside our Python."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.is_file() else which(name)
    if not found:
        raise FileNotFoundError(f"{name} is not installed beside {sys.executable}")
    return found


def environment_for(role: str, places: Places, *, port: int, public_url: str) -> dict[str, str]:
    return child_environment(
        LINGQU_ROLE=role,
        LINGQU_HOME=str(places.home),
        LINGQU_PORT=str(port),
        LINGQU_PUBLIC_URL=public_url,
        PROMETHEUS_MULTIPROC_DIR=str(places.metrics),
        PYTHONUNBUFFERED="1",
        PYTHONDONTWRITEBYTECODE="",
        **{SETTINGS_VARIABLE: child_environment().get(SETTINGS_VARIABLE, DEFAULT_SETTINGS)},
    )


def write_server_logging(places: Places) -> Path:
    path = places.run / "server-logging.json"
    path.write_text(json.dumps(server_logging()))
    return path


def child_specs(env: Env, places: Places, *, port: int, public_url: str, front_file: Path) -> tuple[ChildSpec, ...]:
    """Everything except PostgreSQL, in starting order."""
    logging_file = str(write_server_logging(places))

    def environment(role: str) -> dict[str, str]:
        return environment_for(role, places, port=port, public_url=public_url)

    web, live = places.sockets / "web.sock", places.sockets / "live.sock"
    python = sys.executable
    granian = (
        *(python, "-m", "granian", "--interface", "wsgi", "--uds", str(web), "--uds-permissions", "0600"),
        *("--workers", str(web_workers(env)), "--blocking-threads", str(WEB_THREADS), "--backpressure", "64"),
        *("--respawn-failed-workers", "--respawn-interval", "1", "--workers-kill-timeout", "6", "--no-ws"),
        *("--http", "1", "--log-level", "warning", "--log-config", logging_file, "lingqu.config.wsgi:application"),
    )
    uvicorn = (
        *(python, "-m", "uvicorn", "--uds", str(live), "--log-config", logging_file, "--no-access-log"),
        *("--timeout-graceful-shutdown", "3", "lingqu.config.live:application"),
    )
    front = (program("caddy"), "run", "--config", str(front_file))
    archive = ChildSpec(
        name="archive", command=(python, "-m", "lingqu.config.archive.keeper"), environment=environment("archive")
    )
    return (
        *((archive,) if env.wal_archive else ()),
        ChildSpec(
            name="web",
            command=granian,
            environment=environment("web"),
            probe=lambda: answers_http(web, "/healthz"),
            socket=web,
        ),
        ChildSpec(
            name="live",
            command=uvicorn,
            environment=environment("live"),
            probe=lambda: answers_http(live, "/live/healthz"),
            socket=live,
        ),
        ChildSpec(
            name="worker",
            command=(python, "-m", "lingqu.config.worker"),
            environment=environment("worker"),
        ),
        ChildSpec(name="front", command=front, environment=environment("front"), probe=lambda: listens(port)),
    )
