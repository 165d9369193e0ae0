"""Writes ``requirements.lock`` (to run) and ``requirements-dev.lock`` (to check and test) from ``pyproject.toml``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = ROOT / ".venv" / "bin" / "uv"
COMMON = (
    "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate",
    "--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock", "-q",
)  # fmt: skip


def main() -> int:
    build = ROOT / "build" / "build-tools.in"
    build.parent.mkdir(exist_ok=True)
    build.write_text("setuptools>=80,<85\n")
    common = [str(UV), *COMMON, str(build.relative_to(ROOT))]
    runtime = [*common, "-o", "requirements.lock"]
    dev = [*common, "--extra", "dev", "-c", "requirements.lock", "-o", "requirements-dev.lock"]
    return max(subprocess.run(command, cwd=ROOT, check=False).returncode for command in (runtime, dev))


if __name__ == "__main__":
    sys.exit(main())
