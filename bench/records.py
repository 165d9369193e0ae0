"""Ingest of statements beside Ralph with its file backend: processor time a thousand statements, in the same run.

    python bench/records.py [--ralph venv] [--seconds 10]

Ralph (PyPI ralph-malph) comes into a throwaway virtual environment unless ``--ralph`` names one; its file backend is set to append
and begins empty. Both servers get batches of 100 and single statements, in turns, from the same client over connections that stay
open; counted is the processor time of the whole server (ours with front door, worker and PostgreSQL). The first 10,000
statements of 5,000 pupils in 2,000 units are counted by themselves (new pupils and units cost us more, and Ralph, which reads its
file for each write, costs the more the longer it is); then a steady load for some seconds, which the bars judge: at most 0.25 CPU
seconds per 1,000, at most a quarter of Ralph's. Then a new pupil in every statement, single statements (at least 150 a second at
4 connections), and 8 writers with the same pupils and units, of whom nobody may be refused.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import random
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from tools.conformance import LINGQU, free_port, wait_for  # noqa: E402

MOST_SECONDS, MOST_SHARE, LEAST_SINGLE = 0.25, 0.25, 150
FRESH, STEADY = "batches of 100, the first 10,000", "batches of 100"
VERBS = ("answered", "completed", "attempted", "passed", "progressed")
APPEND = """from ralph.backends.data.base import BaseOperationType
from ralph.backends.lrs.fs import FSLRSBackend
FSLRSBackend.default_operation_type = BaseOperationType.APPEND
from ralph.api import app  # noqa: F401
"""


@dataclass
class Server:
    name: str
    port: int
    root: str
    key: str
    secret: str
    process: psutil.Process

    def cpu(self) -> float:
        total = 0.0
        for one in [self.process, *self.process.children(recursive=True)]:
            try:
                times = one.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system + times.children_user + times.children_system
        return total


def statement(rng: random.Random, pupils: int = 5000) -> dict[str, Any]:
    pupil, unit = rng.randrange(pupils), rng.randrange(2000)
    parent = {"id": f"https://edu.example.cn/course/{unit % 200}", "objectType": "Activity"}
    return {
        "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "actor": {
            "objectType": "Agent", "name": f"学生{pupil}", "account": {"homePage": "https://id.example.cn", "name": f"{pupil}"},
        },
        "verb": {"id": f"http://adlnet.gov/expapi/verbs/{rng.choice(VERBS)}", "display": {"zh-CN": "学习"}},
        "object": {
            "id": f"https://edu.example.cn/unit/{unit}", "objectType": "Activity",
            "definition": {"type": "http://adlnet.gov/expapi/activities/assessment", "name": {"zh-CN": f"单元练习 {unit}"}},
        },
        "result": {
            "score": {"scaled": round(rng.random(), 3), "raw": rng.randrange(101), "min": 0, "max": 100}, "success": True,
            "completion": True, "duration": f"PT{rng.randrange(1, 900)}S",
        },
        "context": {
            "registration": str(uuid.UUID(int=rng.getrandbits(128), version=4)), "language": "zh-CN", "platform": "bench",
            "contextActivities": {"parent": [parent]},
        },
        "timestamp": f"2026-03-{rng.randrange(1, 29):02}T08:00:{rng.randrange(60):02}.000Z",
    }  # fmt: skip


def load(
    server: Server,
    *,
    size: int,
    connections: int,
    seconds: float,
    most: int = 1 << 60,
    pupils: int = 5000,
    pair: str = "",
) -> dict[str, Any]:
    """Requests of ``size`` statements until the time is over or each connection has sent ``most``; statements a second and
    processor seconds per thousand."""
    pair = base64.b64encode((pair or f"{server.key}:{server.secret}").encode()).decode()
    headers = {
        "Authorization": f"Basic {pair}",
        "X-Experience-API-Version": "1.0.3",
        "Content-Type": "application/json",
    }
    end = time.monotonic() + seconds
    counts: list[tuple[int, int]] = []

    def write(seed: int) -> None:
        rng, link, good, bad = (
            random.Random(seed),
            http.client.HTTPConnection("localhost", server.port, timeout=120),
            0,
            0,
        )
        while time.monotonic() < end and good < most:
            value: Any = [statement(rng, pupils) for _one in range(size)] if size > 1 else statement(rng, pupils)
            link.request("POST", f"{server.root}/statements", json.dumps(value, ensure_ascii=False).encode(), headers)
            answer = link.getresponse()
            answer.read()
            good, bad = (good + 1, bad) if answer.status == 200 else (good, bad + 1)
        counts.append((good, bad))

    before, begun = server.cpu(), time.monotonic()
    threads = [threading.Thread(target=write, args=(secrets.randbits(60),)) for _one in range(connections)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    took, spent = time.monotonic() - begun, server.cpu() - before
    good, bad = sum(one[0] for one in counts), sum(one[1] for one in counts)
    return {
        "statements_s": round(good * size / took, 1), "cpu_s_per_1000": round(spent * 1000 / max(1, good * size), 3), "refused": bad,
    }  # fmt: skip


@contextmanager
def ours() -> Iterator[Server]:
    folder, port = Path(tempfile.mkdtemp(prefix="lingqu-bench-records-")), free_port()
    folder.chmod(0o755)
    environment = {**os.environ, "LINGQU_HOME": str(folder / "home"), "LINGQU_PORT": str(port)}
    environment.pop("DATABASE_URL", None)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = subprocess.Popen([LINGQU, "run", "--no-demo"], cwd=ROOT, env=environment, **quiet)
    try:
        wait_for(f"http://localhost:{port}/readyz")
        warm, credential = (
            json.loads(
                subprocess.run(
                    [LINGQU, "records", "credential", "create", "--name", name, "--json"], cwd=ROOT, env=environment,
                    capture_output=True, check=True,
                ).stdout
            )
            for name in ("warm", "bench")
        )  # fmt: skip
        server = Server("lingqu", port, "/xapi", credential["key"], credential["secret"], psutil.Process(running.pid))
        load(server, size=100, connections=4, seconds=60, most=25, pair=f"{warm['key']}:{warm['secret']}")
        load(server, size=1, connections=4, seconds=60, most=25, pair=f"{warm['key']}:{warm['secret']}")
        yield server
    finally:
        subprocess.run([LINGQU, "stop"], cwd=ROOT, env=environment, check=False, **quiet)
        running.wait(timeout=120)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def ralph(venv: Path | None) -> Iterator[Server]:
    folder, port, secret = Path(tempfile.mkdtemp(prefix="ralph-")), free_port(), secrets.token_hex(12)
    if venv is None:
        venv = folder / "venv"
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([venv / "bin" / "pip", "install", "-q", "ralph-malph[full]"], check=True)
    (folder / "data").mkdir()
    (folder / "start_appending.py").write_text(APPEND)
    environment = {
        **os.environ, "RALPH_APP_DIR": str(folder / "app"), "RALPH_RUNSERVER_BACKEND": "fs", "PYTHONPATH": str(folder),
        "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(folder / "data"),
    }  # fmt: skip
    (folder / "app").mkdir()
    who = ["-u", "bench", "-p", secret, "-s", "all", "-M", "mailto:bench@example.org", "-N", "bench", "-w"]
    subprocess.run([venv / "bin" / "ralph", "auth", *who], env=environment, check=True, capture_output=True)
    running = subprocess.Popen(
        [venv / "bin" / "uvicorn", "start_appending:app", "--host", "localhost", "--port", str(port), "--log-level", "warning"],
        env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://localhost:{port}/__heartbeat__")
        yield Server("ralph", port, "/xAPI", "bench", secret, psutil.Process(running.pid))
    finally:
        running.terminate()
        running.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ralph", type=Path)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    with ours() as mine, ralph(options.ralph) as peer:
        found = measured(mine, peer, options.seconds)
    steady = found[f"lingqu, {STEADY}"]["cpu_s_per_1000"]
    bars = {
        f"CPU s per 1,000 in batches: {steady} (at most {MOST_SECONDS})": steady <= MOST_SECONDS,
        f"of Ralph's in batches: {share_of(found, STEADY):.2f} (at most {MOST_SHARE})": share_of(found, STEADY)
        <= MOST_SHARE,
    }
    print(f"of Ralph's for the first 10,000 statements of both: {share_of(found, FRESH):.2f}")
    single, eight = found["lingqu, single"]["statements_s"], found["lingqu, 8 writers"]["refused"]
    bars[f"single statements a second: {single} (at least {LEAST_SINGLE})"] = single >= LEAST_SINGLE
    bars[f"refused of 8 writers: {eight}"] = eight == 0
    for told, is_met in bars.items():
        print("✓" if is_met else "✗", told)
    return 0 if all(bars.values()) else 1


def share_of(found: dict[str, dict[str, Any]], told: str) -> float:
    """Our processor time beside Ralph's."""
    return float(found[f"lingqu, {told}"]["cpu_s_per_1000"] / found[f"ralph, {told}"]["cpu_s_per_1000"])


def measured(mine: Server, peer: Server, seconds: float) -> dict[str, dict[str, Any]]:
    """Every figure by what was asked, printed as it comes."""
    found: dict[str, dict[str, Any]] = {}

    def ask(server: Server, told: str, **asked: Any) -> None:
        name = f"{server.name}, {told}"
        found[name] = load(server, **{"size": 100, "connections": 1, "seconds": seconds, **asked})
        print(f"{name:40}", json.dumps(found[name]), f"load {os.getloadavg()[0]:.1f}", flush=True)

    for server in (peer, mine):
        ask(server, FRESH, most=100, seconds=300)
    for server in (peer, mine):
        ask(server, STEADY, seconds=1.5 * seconds)
    ask(mine, "batches of 100, a new pupil in each", most=100, seconds=300, pupils=1 << 60)
    ask(peer, "single", size=1, connections=4)
    ask(mine, "single", size=1, connections=4)
    ask(mine, "8 writers", size=50, connections=8)
    return found


if __name__ == "__main__":
    sys.exit(main())
