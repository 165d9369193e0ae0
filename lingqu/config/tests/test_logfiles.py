from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from lingqu.config import logfiles
from lingqu.config.env import EnvironmentFault, read
from lingqu.config.logfiles import DAY

NOW = 1_800_000_000.0


def archived(folder: Path) -> list[Path]:
    return sorted(logfiles.archive_of(folder).glob("*.log.gz"))


def test_a_big_log_is_rotated_whole_and_writers_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logfiles, "ROTATE_BYTES", 100)
    log = tmp_path / "web.log"
    with log.open("ab") as writer:
        writer.write(b"line\n" * 30)
        writer.flush()
        logfiles.tend(tmp_path, days=180, moment=NOW)
        writer.write(b"after\n")
    assert log.read_bytes() == b"after\n"
    [kept] = archived(tmp_path)
    assert gzip.decompress(kept.read_bytes()) == b"line\n" * 30
    assert kept.name == "web-20270115T080000Z.log.gz"


def test_lines_that_come_while_it_is_compressed_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"old\n")
    copy = logfiles._copy

    def slow(*arguments: object) -> None:
        copy(*arguments)  # type: ignore[arg-type]
        with log.open("ab") as writer:
            writer.write(b"new\n")

    monkeypatch.setattr(logfiles, "_copy", slow)
    logfiles._rotate(log, NOW)
    assert log.read_bytes() == b"new\n"
    assert gzip.decompress(archived(tmp_path)[0].read_bytes()) == b"old\n"


def test_a_small_log_is_rotated_once_a_day_and_an_empty_one_never(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_bytes(b"x\n")
    (tmp_path / "live.log").write_bytes(b"")
    for hour in range(0, 60, 6):
        logfiles.tend(tmp_path, days=180, moment=NOW + hour * 3600)
        (tmp_path / "web.log").write_bytes(b"x\n")
    assert [path.name.partition("-")[0] for path in archived(tmp_path)] == ["web", "web"]


def test_a_file_goes_by_age_and_not_a_day_before(tmp_path: Path) -> None:
    folder = logfiles.archive_of(tmp_path)
    folder.mkdir()
    for age in (10, 179, 181, 400):
        (folder / f"web-{age}.log.gz").write_bytes(b"x" * 1000)
        os.utime(folder / f"web-{age}.log.gz", (NOW - age * DAY,) * 2)
    logfiles.tend(tmp_path, days=180, moment=NOW)
    assert [path.name for path in archived(tmp_path)] == ["web-10.log.gz", "web-179.log.gz"]


def test_the_forecast_counts_the_present_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = logfiles.archive_of(tmp_path)
    folder.mkdir()
    for age in range(40):
        (folder / f"web-{age}.log.gz").write_bytes(b"x" * 1000)
        os.utime(folder / f"web-{age}.log.gz", (NOW - age * DAY,) * 2)
    told = logfiles.forecast(tmp_path, days=180, moment=NOW)
    assert (told.kept, round(told.per_day)) == (40_000, 1033)
    assert told.fits
    monkeypatch.setattr(logfiles.shutil, "disk_usage", lambda _folder: type("Usage", (), {"free": 100_000})())
    assert not logfiles.forecast(tmp_path, days=180, moment=NOW).fits
    assert logfiles.forecast(tmp_path / "none", days=180, moment=NOW).per_day == 0


@pytest.mark.parametrize("name", ["LINGQU_LOG_DAYS", "LINGQU_AUDIT_DAYS"])
def test_less_than_six_months_is_refused(name: str) -> None:
    with pytest.raises(EnvironmentFault, match=f"{name}=179"):
        read({name: "179"})
    assert read({"LINGQU_LOG_DAYS": "180"}).log_days == 180
    assert read({}).log_days >= 184
    assert read({}).audit_days >= 1095
