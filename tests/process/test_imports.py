"""An import in the worker is killed, stopped and cut off from its database, and comes to its end by itself."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from lingqu.config.postgres import url_of

from .conftest import Platform, wait_for

pytestmark = pytest.mark.process
PEOPLE, CHUNK = "2000", "25"
UPLOAD = """
import sys
from contextlib import suppress
from pathlib import Path
from lingqu.config.env import use_settings
use_settings()
import django
django.setup()
from lingqu.foundation.intake.applying.services import Upload, create_import, start_import
from lingqu.foundation.registry import api as registry
from lingqu.kernel import files
from lingqu.kernel.actor import Actor
actor, uploads = Actor.system("test"), []
for path in map(Path, sys.argv[1:]):
    stored = files.put(path.open("rb"))
    uploads.append(Upload(name=path.name, digest=stored.digest, size=stored.size))
place = str(registry.ensure_root().path)
record = create_import(actor=actor, scope=place, uploads=uploads, source="test")
start_import(actor=actor, number=record.number)
"""
COUNTED = {"organisations": "1-学校", "classes": "2-班级", "students_active": "3-学生", "staff_active": "4-教职工"}


@pytest.fixture
def roster(platform: Platform, folder: Path) -> list[Path]:
    """A running platform that writes so few rows at once that there is time to hit it, and files to import."""
    platform.settings["LINGQU_IMPORT_CHUNK"] = CHUNK
    platform.run()
    made = platform.command("demo", "export", "--people", PEOPLE, str(folder / "roster"))
    assert made.returncode == 0, made.stderr
    return sorted((folder / "roster").glob("*.csv"))


def upload(platform: Platform, files: list[Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", UPLOAD, *map(str, files)], env=platform.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def progress(platform: Platform) -> tuple[str, int]:
    """State of the import and chunks done; no chunk while there is no import yet or the database is away."""
    with suppress(psycopg.OperationalError), psycopg.connect(url_of(platform.home), connect_timeout=3) as connection:
        found = connection.execute("SELECT state, chunks_done FROM intake_import ORDER BY number LIMIT 1").fetchone()
        return found or ("none", -1)
    return "away", -1


def wait_for_chunks(platform: Platform, least: int) -> int:
    wait_for(lambda: progress(platform)[1] >= least, 180)
    state, done = progress(platform)
    assert state == "applying"
    return done


def check_outcome(platform: Platform, files: list[Path]) -> None:
    """Every row of the files once, the second time nothing."""
    counts = json.loads(platform.command("roster", "counts", "--json").stdout)
    rows = {path.stem: len(path.read_text(encoding="utf-8-sig").splitlines()) - 1 for path in files}
    assert {name: counts[name] for name in COUNTED} == {name: rows[stem] for name, stem in COUNTED.items()}
    again = platform.command("roster", "import", *map(str, files), "--source", "test", "--json")
    told = json.loads(again.stdout)
    assert {name: n for part in ("created", "updated") for name, n in told[part].items() if n} == {}
    assert json.loads(platform.command("audit", "verify", "--json").stdout)["ok"] is True


def test_import_outlives_its_worker(platform: Platform, roster: list[Path]) -> None:
    upload(platform, roster)
    wait_for_chunks(platform, 3)
    psutil.Process(platform.pid("worker")).kill()
    wait_for(lambda: progress(platform)[0] == "applied", 240)
    check_outcome(platform, roster)


def test_import_outlives_crashes_of_the_database(platform: Platform, roster: list[Path]) -> None:
    upload(platform, roster)
    done = wait_for_chunks(platform, 3)
    with psycopg.connect(url_of(platform.home)) as connection:
        session = (
            connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'lingqu-worker' AND state <> 'idle' LIMIT 1"
            ).fetchone()
            or connection.execute("SELECT pg_backend_pid()").fetchone()
        )
    psutil.Process(session[0]).kill()
    wait_for_chunks(platform, done + 2)
    psutil.Process(platform.pid("postgres")).kill()
    wait_for(lambda: progress(platform)[0] == "applied", 240)
    wait_for(platform.is_ready, 60)
    check_outcome(platform, roster)


@pytest.mark.deep
def test_importing_command_outlives_a_crash_of_the_database(platform: Platform, roster: list[Path]) -> None:
    words = ["roster", "import", *map(str, roster), "--source", "test", "--json"]
    command = subprocess.Popen(
        [sys.executable, "-m", "lingqu.config.cli", *words], env=platform.environment, stdout=subprocess.PIPE
    )
    try:
        wait_for_chunks(platform, 3)
        psutil.Process(platform.pid("postgres")).kill()
        told, _nothing = command.communicate(timeout=240)
    finally:
        command.kill()
    assert (command.returncode, json.loads(told)["state"]) == (0, "applied")
    check_outcome(platform, roster)


@pytest.mark.deep
def test_ctrl_c_does_not_wait_for_an_import(platform: Platform, roster: list[Path]) -> None:
    upload(platform, roster)
    done = wait_for_chunks(platform, 3)
    platform.started[0].send_signal(signal.SIGINT)
    assert platform.started[0].wait(60) == 0
    assert platform.processes() == []
    assert "gives up between two steps" in (platform.places.log / "worker.log").read_text()
    platform.run()
    assert progress(platform)[1] >= done
    wait_for(lambda: progress(platform)[0] == "applied", 240)
    check_outcome(platform, roster)


@pytest.mark.deep
def test_twenty_kills(folder: Path) -> None:
    """The loop of ``make soak`` in short, with few of PostgreSQL."""
    (folder / "soak").mkdir(mode=0o711)
    words = ["--kills", "20", "--most-postgres", "5", "--people", "2000", "--chunk", "40", "--folder", folder / "soak"]
    done = subprocess.run(
        [sys.executable, "tools/soak.py", *map(str, words)], capture_output=True, text=True, timeout=3000, check=False,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.deep
def test_twenty_kills_while_statements_come_in(folder: Path) -> None:
    """The same for learning records."""
    words = ["--kills", "20", "--minutes", "30", "--folder", folder / "soak"]
    done = subprocess.run(
        [sys.executable, "tools/soak_records.py", *map(str, words)], capture_output=True, text=True, timeout=3000, check=False,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
