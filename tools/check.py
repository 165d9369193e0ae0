"""``make check``: every static check, all of them even if one fails; exit code 1 if any did."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")
SETTINGS = {"DJANGO_SETTINGS_MODULE": "lingqu.config.settings.test", "PYTHONWARNINGS": "ignore::RuntimeWarning"}
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("style", (str(BIN / "ruff"), "check", ".")),
    ("format", (str(BIN / "ruff"), "format", "--check", ".")),
    ("import contracts", (str(BIN / "lint-imports"), "--no-logo")),
    ("types", (PYTHON, "-m", "mypy")),
    ("system check", (PYTHON, "manage.py", "check")),
    ("migrations", (PYTHON, "manage.py", "makemigrations", "--check", "--dry-run")),
    ("catalogues", (PYTHON, "tools/catalogues.py", "check")),
    ("documents", (PYTHON, "tools/docs.py")),
    ("architecture", (PYTHON, "-m", "pytest", "tests/architecture")),
)


def main() -> int:
    wanted = set(sys.argv[1:])
    failed = []
    begun = time.monotonic()
    for name, command in STEPS:
        if wanted and name not in wanted:
            continue
        step = time.monotonic()
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **SETTINGS}, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        mark = "✓" if done.returncode == 0 else "✗"
        print(f"{mark} {name} ({time.monotonic() - step:.1f} s)", flush=True)
        if done.returncode != 0:
            failed.append(name)
            print(done.stdout, flush=True)
    print(f"checked in {time.monotonic() - begun:.0f} s" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
