from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.config.archive.layout import (
    SEGMENT_BYTES,
    Archive,
    ArchiveError,
    Base,
    BaseFacts,
    choose_base,
    moment_from,
    outdated,
    place_of,
    read_line,
    segment_of,
    write_facts,
)
from lingqu.config.archive.mirror import FileMirror
from lingqu.config.archive.recovery import bring_wal, last_segment, why_not
from lingqu.config.archive.state import ArchiveState, explain, read_state, summary, write_state
from lingqu.config.durable import write_json

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def base_at(hours_ago: float, folder: Path = Path("/a"), **changes: object) -> Base:
    moment = (NOW - timedelta(hours=hours_ago)).isoformat()
    stored = {
        "version": "0.1.0", "home_id": "h", "kind": "real", "keys": {"seal": "k"}, "server": 18, "began_at": moment,
        "ended_at": moment, "first_segment": "0" * 24, "end_lsn": "0/0", "database_bytes": 1, **changes,
    }  # fmt: skip
    return Base(folder, BaseFacts(**stored))


def line_at(folder: Path, segments: dict[str, int]) -> Path:
    (folder / "wal").mkdir(parents=True)
    (folder / "bases").mkdir()
    write_json(folder / "line.json", {"system": "1/1", "slot": "s"})
    for name, size in segments.items():
        with (folder / "wal" / name).open("wb") as handle:
            handle.truncate(size)
    return folder


def name_of(number: int) -> str:
    return f"{1:08X}{0:08X}{number:08X}"


@pytest.mark.parametrize(
    ("lsn", "name"),
    [
        ("0/2000028", "000000010000000000000002"),
        ("0/FF000000", "0000000100000000000000FF"),
        ("1/0", "000000010000000100000000"),
        ("A/1234567", "000000010000000A00000001"),
    ],
)
def test_segments_are_named_as_postgresql_does(lsn: str, name: str) -> None:
    assert segment_of(1, lsn) == name


@given(st.integers(0, (1 << 63) - 1))
def test_later_places_lie_in_later_segments(place: int) -> None:
    lsn = f"{place >> 32:X}/{place & 0xFFFFFFFF:X}"
    assert place_of(lsn) == place
    assert segment_of(3, lsn) < segment_of(3, lsn, more=1) < segment_of(4, lsn)


@given(st.lists(st.floats(0, 1000), min_size=1, unique=True), st.floats(0, 1000))
def test_a_moment_is_served_by_the_last_base_before_it(ages: list[float], age: float) -> None:
    bases, moment = [base_at(one) for one in ages], NOW - timedelta(hours=age)
    fitting = [base for base in bases if base.ended_at <= moment]
    if not fitting:
        with pytest.raises(ArchiveError):
            choose_base(bases, moment)
        return
    chosen = choose_base(bases, moment)
    assert all(base.ended_at <= chosen.ended_at for base in fitting)
    assert choose_base(bases, None).ended_at == max(base.ended_at for base in bases)


@given(st.lists(st.floats(0, 400), unique=True), st.integers(1, 14), st.floats(0, 1))
def test_clearing_keeps_every_moment_of_the_days(ages: list[float], days: int, share: float) -> None:
    bases = [base_at(age) for age in ages]
    kept = [base for base in bases if base not in outdated(bases, days=days, now=NOW)]
    moment = NOW - timedelta(days=days) * share
    before = [base for base in bases if base.ended_at <= moment]
    if before:
        assert choose_base(kept, moment) == choose_base(bases, moment)
    assert len([base for base in kept if base.ended_at <= NOW - timedelta(days=days)]) <= 1


def test_times_are_chinese_unless_they_say_otherwise() -> None:
    assert moment_from("2026-11-28 10:30") == datetime(2026, 11, 28, 2, 30, tzinfo=UTC)
    assert moment_from("2026-11-28T10:30:00+00:00") == datetime(2026, 11, 28, 10, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="isoformat"):
        moment_from("gestern")


def test_half_a_base_is_no_base(tmp_path: Path) -> None:
    line = read_line(line_at(tmp_path / "lines" / "one", {}))
    for name in ("20261128T120000.0Z", "20261128T130000.0Z.part"):
        (line.bases / name).mkdir()
        write_facts(line.bases / name, base_at(1).facts)
    (line.bases / "20261128T140000.0Z").mkdir()
    assert [base.folder.name for base in Archive(tmp_path).bases()] == ["20261128T120000.0Z"]


def test_wal_begins_at_the_base_and_ends_behind_the_moment(tmp_path: Path) -> None:
    whole = {name_of(number): SEGMENT_BYTES for number in range(1, 8)}
    folder = line_at(tmp_path / "one", {**whole, name_of(8) + ".partial": SEGMENT_BYTES, name_of(9) + ".partial": 77})
    line = read_line(folder)
    base = base_at(5, line.bases / "a", first_segment=name_of(3))
    for one, age, end in ((base.folder, 5, "0/3000100"), (line.bases / "b", 1, "0/5000100")):
        one.mkdir()
        write_facts(one, base_at(age, first_segment=name_of(3), end_lsn=end).facts)
    (target := tmp_path / "pg_wal").mkdir()
    assert bring_wal(base, target, None) == 6
    assert sorted(path.name for path in target.iterdir()) == [name_of(number) for number in range(3, 9)]
    assert last_segment(line, NOW - timedelta(hours=3)) == name_of(6)
    assert bring_wal(base, target, NOW - timedelta(hours=3)) == 4


def test_the_base_keeps_its_own_wal_where_the_archive_lags(tmp_path: Path) -> None:
    line = read_line(line_at(tmp_path / "one", {name_of(3) + ".partial": SEGMENT_BYTES}))
    late = datetime.now(UTC) + timedelta(hours=1)
    base = base_at(0, line.bases / "a", first_segment=name_of(3), ended_at=late.isoformat())
    (target := tmp_path / "pg_wal").mkdir()
    (target / name_of(3)).write_bytes(b"further")
    assert bring_wal(base, target, None) == 0
    assert (target / name_of(3)).read_bytes() == b"further"


def test_a_moment_behind_the_end_is_told_with_the_end(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    log.write_text("old FATAL\n")
    begin = log.stat().st_size
    with log.open("a") as handle:
        handle.write("LOG:  last completed transaction was at log time 2026-11-28 02:30:00.123456+00\n")
        handle.write("FATAL:  recovery ended before configured recovery target was reached\n")
    assert "2026-11-28 10:30:00" in why_not(log, begin)
    log.write_text("FATAL:  could not locate required checkpoint record\n")
    assert "checkpoint record" in why_not(log, 0)


def test_files_are_copied_once_and_forgotten_after_the_store_lost_them(tmp_path: Path) -> None:
    store, target = tmp_path / "store", tmp_path / "target"
    names = [f"{letter}{'0' * 63}" for letter in "ab"]
    for name in names:
        (store / name[:2] / name[2:4]).mkdir(parents=True)
        (store / name[:2] / name[2:4] / name).write_text(name)
    mirror = FileMirror(store, target, whole_at=0, tick=lambda: None)
    mirror.copy_all()
    found = sorted(path.name for path in target.glob("*/*/*"))
    assert found == names
    (store / "a0" / "00" / names[0]).unlink()
    later = (target / "a0" / "00" / names[0]).stat().st_mtime_ns / 1e9 + 0.001
    while datetime.now(UTC).timestamp() < later + 0.01:
        pass
    mirror.copy_all()
    mirror.forget_before(later)
    assert [path.name for path in target.glob("*/*/*")] == names[1:]


def test_what_the_keeper_says_can_be_read_again(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    root = tmp_path / "archive"
    assert summary(tmp_path, None) is None
    told = summary(tmp_path, root)
    assert told is not None and not told["ok"]
    now = datetime.now(UTC).timestamp()
    state = ArchiveState(root=str(root), at=now, safe_at=now - 2, base_at=now - 100, bases=1)
    write_state(tmp_path, state)
    assert read_state(tmp_path) == state
    told = summary(tmp_path, root)
    assert told is not None and told["ok"] and 2 <= told["rpo_seconds"] < 10
    for changes in ({"safe_at": now - 61}, {"base_at": 0.0}, {"problem": "full"}, {"at": now - 31}):
        write_state(tmp_path, ArchiveState(**{**vars_of(state), **changes}))
        told = summary(tmp_path, root)
        assert told is not None and not told["ok"]


def vars_of(state: ArchiveState) -> dict[str, object]:
    return {name: getattr(state, name) for name in ArchiveState.__dataclass_fields__}


@pytest.mark.parametrize(
    "code", ["full", "foreign", "gone", "inside", "in_use", "disk", "database", "receiver", "base"]
)
def test_every_problem_is_a_sentence(code: str) -> None:
    assert len(explain(ArchiveState(root="/backup", problem=code, detail="EIO"))) > 10
