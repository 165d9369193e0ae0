"""``make conformance SUITE=path``: the conformance suite of ADL for learning record stores against a throwaway platform.

``path`` is a copy of adlnet/lrs-conformance-test-suite with its packages installed (``npm install``). Each battery runs
against its own platform, empty and with the default version of that battery; it passes when every test passed: tests whose
preparation failed count as neither passed nor failed, so the total is compared. Prints the revision of the suite.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LINGQU = ROOT / ".venv" / "bin" / "lingqu"
VERSIONS = ("1.0.3", "2.0.0")
SECONDS_TO_START, SECONDS_TO_RUN = 300, 1800


def main(arguments: list[str]) -> int:
    if not arguments or not (Path(arguments[0]) / "bin" / "console_runner.js").is_file():
        print("make conformance SUITE=path: a copy of adlnet/lrs-conformance-test-suite after npm install")
        return 2
    suite = Path(arguments[0]).resolve()
    revision = subprocess.run(
        ["git", "-C", str(suite), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    print(f"suite {revision.stdout.strip() or 'of unknown revision'}", flush=True)
    worst = 0
    for version in arguments[1:] or VERSIONS:
        summary = run_battery(suite, version)
        print(json.dumps({"default_version": version, **summary}), flush=True)
        worst |= int(summary["total"] == 0 or summary["passed"] != summary["total"])
    return worst


def run_battery(suite: Path, version: str) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="lingqu-conformance-"))
    port = free_port()
    environment = {
        **os.environ, "LINGQU_HOME": str(folder / "home"), "LINGQU_PORT": str(port), "LINGQU_XAPI_DEFAULT_VERSION": version,
    }  # fmt: skip
    environment.pop("DATABASE_URL", None)
    folder.chmod(0o755)
    platform = subprocess.Popen(
        [LINGQU, "run", "--no-demo"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://localhost:{port}/readyz")
        made = subprocess.run(
            [LINGQU, "records", "credential", "create", "--json"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            check=True,
        )
        return judge(suite, version, json.loads(made.stdout))
    finally:
        subprocess.run([LINGQU, "stop"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=False)
        platform.wait(timeout=120)
        shutil.rmtree(folder, ignore_errors=True)


def judge(suite: Path, version: str, credential: dict[str, str]) -> dict[str, Any]:
    """The last summary that the runner prints; its exit code is the number of failures modulo 256 and says nothing."""
    command = ["node", "bin/console_runner.js", "-e", credential["endpoint"], "-a", "-u", credential["key"]]
    done = subprocess.run(
        [*command, "-p", credential["secret"], "-x", version, "-z"], cwd=suite, capture_output=True, text=True,
        timeout=SECONDS_TO_RUN, check=False,
    )  # fmt: skip
    log = re.findall(r"written to (\S+\.log)", done.stdout)
    if not log:
        print(done.stdout[-2000:], done.stderr[-2000:], file=sys.stderr)
        return {"total": 0, "passed": 0, "failed": 0}
    found: dict[str, Any] = json.loads(Path(log[-1]).read_text(encoding="utf-8"))["summary"]
    return {name: found[name] for name in ("total", "passed", "failed")}


def wait_for(url: str) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - fixed scheme and host
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(1)
    raise SystemExit(f"{url} did not answer")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
