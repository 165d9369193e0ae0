"""``make bench``: runs the scripts of ``bench/`` one after the other; ``BENCH_FLAGS="pages"`` chooses by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    wanted = sys.argv[1:]
    scripts = [path for path in sorted((ROOT / "bench").glob("*.py")) if not wanted or path.stem in wanted]
    if not scripts:
        print("no such bench; there are: " + ", ".join(path.stem for path in sorted((ROOT / "bench").glob("*.py"))))
        return 2
    worst = 0
    for script in scripts:
        print(f"== {script.stem}", flush=True)
        worst = max(worst, subprocess.run([sys.executable, str(script)], cwd=ROOT, check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
