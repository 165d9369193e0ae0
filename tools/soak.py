"""``make soak``: kills import, worker and PostgreSQL at random during roster imports; nothing acknowledged may be lost.

    python tools/soak.py [--kills 20] [--people 3000] [--folder build/soak] [--seed N]

One life = a fresh real home, one roster delivery, kills until the import is through. After each kill the platform
heals, nothing acknowledged may be missing, and no chunk may be half there. A life ends with the counts of an
undisturbed import and a second run without changes. The total is kept in ``<folder>/soak.json``: stop at any time and
go on later.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
LINGQU = [sys.executable, "-m", "lingqu.config.cli"]
READY_SECONDS, HEAL_SECONDS, IMPORT_SECONDS = 120.0, 60.0, 900.0
TARGETS = ("import", "import", "worker", "worker", "everything", "postgres")
"""PostgreSQL a sixth of the time, alone, and once more with everything else."""


class SoakFailed(Exception):
    """Something acknowledged was lost, or the platform did not heal."""


@dataclass(slots=True)
class Totals:
    """What all runs together have done."""

    lives: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    @property
    def all_kills(self) -> int:
        return sum(self.kills.values())


@dataclass(slots=True)
class Home:
    folder: Path
    supervisor: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CONTENT_ORIGIN")}
        return {**kept, "LINGQU_HOME": str(self.folder), "LINGQU_PORT": "0"}

    def verb(self, *arguments: str, seconds: float = IMPORT_SECONDS) -> tuple[int, Any]:
        """Exit code and JSON result of a command (None when it gave none)."""
        done = subprocess.run(
            [*LINGQU, *arguments, "--json"], env=self.environment, cwd=ROOT, capture_output=True, text=True,
            timeout=seconds, check=False,
        )  # fmt: skip
        with suppress(ValueError):
            return done.returncode, json.loads(done.stdout)
        return done.returncode, None

    def start(self) -> None:
        log = self.folder.with_suffix(".log").open("ab")
        self.supervisor = subprocess.Popen(
            [*LINGQU, "run", "--no-demo"], env=self.environment, cwd=ROOT, stdout=log, stderr=log
        )
        self.wait_ready(READY_SECONDS)

    def wait_ready(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.supervisor is not None and self.supervisor.poll() is not None:
                raise SoakFailed(f"the supervisor ended with {self.supervisor.returncode}")
            code, status = self.verb("status", seconds=60)
            if code == 0 and status["ready"]:
                return
            time.sleep(0.3)
        raise SoakFailed(f"not ready within {seconds:.0f} s")

    def stop(self) -> None:
        self.verb("stop", seconds=200)
        if self.supervisor is not None:
            self.supervisor.wait(30)

    def pid(self, name: str) -> int:
        return int(json.loads((self.folder / "run" / f"{name}.pid").read_text())["pid"])

    def counts(self) -> dict[str, int]:
        code, counts = self.verb("roster", "counts", seconds=60)
        if code != 0:
            raise SoakFailed(f"roster counts ended with {code}")
        return dict(counts)


def import_command(files: list[Path], *, resume: bool) -> list[str]:
    chosen = [*LINGQU, "roster", "import", *map(str, files), "--source", "soak", "--json"]
    return [*chosen, "--resume"] if resume else chosen


def kill(home: Home, target: str, importing: subprocess.Popen[bytes]) -> None:
    """Send SIGKILL to one target, or to PostgreSQL, worker and import at once."""
    pids = {"import": importing.pid, "worker": home.pid("worker"), "postgres": home.pid("postgres")}
    for name, pid in pids.items():
        if target in (name, "everything"):
            with suppress(ProcessLookupError):
                if name == "postgres":
                    for child in psutil.Process(pid).children():
                        with suppress(psutil.Error):
                            child.kill()
                os.kill(pid, signal.SIGKILL)


def check_kept(before: dict[str, int], after: dict[str, int]) -> None:
    """An import only adds: a smaller figure than one already shown means something acknowledged is gone."""
    lost = {name: (before[name], after[name]) for name in before if after[name] < before[name]}
    if lost:
        raise SoakFailed(f"acknowledged rows are missing: {lost}")


def live_one_life(
    home: Home, files: list[Path], expected: dict[str, int], totals: Totals, chance: random.Random
) -> None:
    home.start()
    seen: dict[str, int] = {}
    resume = False
    for _attempt in range(50):
        importing = subprocess.Popen(
            import_command(files, resume=resume), env=home.environment, cwd=ROOT,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        target = chance.choice(TARGETS)
        try:
            importing.wait(chance.uniform(0.3, 6.0))
        except subprocess.TimeoutExpired:
            kill(home, target, importing)
            totals.kills[target] = totals.kills.get(target, 0) + 1
            importing.wait(IMPORT_SECONDS)
        resume = True
        home.wait_ready(HEAL_SECONDS)
        now = home.counts()
        check_kept(seen, now)
        seen = now
        if importing.returncode == 0 and seen == expected:
            break
    if home.counts() != expected:
        raise SoakFailed(f"after the import: {home.counts()}, expected {expected}")
    check_second_run(home, files)
    code, verdict = home.verb("audit", "verify")
    if code != 0:
        raise SoakFailed(f"audit verify: {verdict}")


def check_second_run(home: Home, files: list[Path]) -> None:
    """Nothing was applied twice or by half: the same files change nothing any more."""
    code, again = home.verb("roster", "import", *map(str, files), "--source", "soak")
    changed = {name: n for part in ("created", "updated") for name, n in (again or {}).get(part, {}).items() if n}
    if code != 0 or changed:
        raise SoakFailed(f"the second run ended with {code} and changed {changed}")


def undisturbed(folder: Path, people: int) -> tuple[list[Path], dict[str, int]]:
    """The delivery and the counts of an import that nobody disturbs; made once."""
    files, stored = folder / "roster", folder / f"expected-{people}.json"
    home = Home(folder / "reference")
    if not stored.is_file():
        shutil.rmtree(home.folder, ignore_errors=True)
        shutil.rmtree(files, ignore_errors=True)
        home.start()
        code, _result = home.verb("demo", "export", "--people", str(people), str(files))
        if code != 0:
            raise SoakFailed(f"demo export ended with {code}")
        code, result = home.verb("roster", "import", *map(str, delivery(files)), "--source", "soak")
        if code != 0:
            raise SoakFailed(f"the undisturbed import ended with {code}: {result}")
        stored.write_text(json.dumps(home.counts()))
        home.stop()
        shutil.rmtree(home.folder, ignore_errors=True)
    return delivery(files), json.loads(stored.read_text())


def delivery(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.csv"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20, help="more kills than the folder has counted so far")
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "soak")
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / "soak.json"
    totals = Totals(**json.loads(store.read_text())) if store.is_file() else Totals()
    seed = options.seed if options.seed is not None else time.time_ns() % 10**6
    print(f"seed {seed}; {totals.all_kills} kills so far", flush=True)
    chance, goal = random.Random(seed), totals.all_kills + options.kills
    files, expected = undisturbed(folder, options.people)
    while totals.all_kills < goal:
        home = Home(folder / f"life-{totals.lives}")
        shutil.rmtree(home.folder, ignore_errors=True)
        try:
            live_one_life(home, files, expected, totals, chance)
        except SoakFailed as failure:
            totals.failures.append(f"life {totals.lives}, seed {seed}: {failure}")
            print(f"✗ {totals.failures[-1]}; its home is kept in {home.folder}", flush=True)
            return 1
        finally:
            home.stop()
            totals.lives += 1
            store.write_text(json.dumps(asdict(totals)))
        shutil.rmtree(home.folder, ignore_errors=True)
        print(f"✓ {totals.lives} lives, {totals.all_kills} kills {totals.kills}", flush=True)
    print(json.dumps(asdict(totals)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
