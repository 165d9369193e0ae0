from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lingqu.config import drill, health_parts
from lingqu.config.archive.state import ArchiveState, write_state
from lingqu.config.drill import Drill, DrillResult, Live, read_result, write_result
from lingqu.config.drill_files import FilesSeen

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
WELL = {"ok": True}


def judged(
    monkeypatch: pytest.MonkeyPatch,
    *,
    before: int,
    restored: int,
    after: int,
    behind: float = 0.0,
    kind: str = "archive",
) -> DrillResult:
    """A drill whose live platform had so many rows before and after, and whose last commit was ``behind`` seconds old."""
    monkeypatch.setattr(drill, "look_at_live", lambda: Live(NOW, {"people": after}))
    one = Drill(Path("/backup"), kind, Path("/nowhere"), lambda text: None)
    moment = (NOW - timedelta(seconds=behind)).isoformat()
    answer = {"last_commit": moment, "made_at": moment}
    one.judge(answer, {"people": restored}, Live(NOW, {"people": before}), 0.5 if kind == "archive" else None)
    one.result.audit = WELL
    one.complain()
    return one.result


@pytest.mark.parametrize(
    ("before", "restored", "after", "ok"),
    [(10, 10, 10, True), (10, 9, 10, False), (10, 11, 12, True), (10, 13, 12, False), (10, 0, 10, False)],
)
def test_an_archive_must_hold_every_row(
    monkeypatch: pytest.MonkeyPatch, before: int, restored: int, after: int, ok: bool
) -> None:
    assert judged(monkeypatch, before=before, restored=restored, after=after).ok is ok


def test_what_may_be_lost_is_the_worse_of_measured_and_known_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(monkeypatch, before=1, restored=1, after=1).rpo_seconds == 0.5
    assert judged(monkeypatch, before=1, restored=1, after=1, behind=7).rpo_seconds == 7.0
    late = judged(monkeypatch, before=1, restored=1, after=1, behind=61)
    assert (late.ok, len(late.complaints)) == (False, 1)


def test_a_backup_may_be_older_than_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    result = judged(monkeypatch, before=10, restored=5, after=10, behind=3600, kind="backup")
    assert (result.ok, result.rpo_seconds) == (True, 3600.0)


def test_a_broken_chain_and_missing_files_are_complaints() -> None:
    one = Drill(Path("/backup"), "backup", Path("/nowhere"), lambda text: None)
    one.result.audit, one.result.files = {"ok": False}, FilesSeen(known=9, missing=3, read=5, damaged=1)
    one.complain()
    assert (one.result.ok, len(one.result.complaints)) == (False, 3)


def test_the_copy_never_works_on_the_platform_itself() -> None:
    one = Drill(Path("/backup"), "backup", Path("/nowhere"), lambda text: None)
    assert (one.environment["LINGQU_HOME"], one.environment["DATABASE_URL"]) == ("/nowhere", "")
    assert (one.environment["LINGQU_WAL_ARCHIVE"], one.environment["LINGQU_FILES"]) == ("", "")


def test_the_operators_page_shows_archive_and_drill(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LINGQU_HOME = tmp_path
    (tmp_path / "run").mkdir()
    assert health_parts.archive_card() == ()
    assert health_parts.drill_card().state == "near"
    root = tmp_path / "archive"
    environment = type("Environment", (), {"wal_archive": root})
    monkeypatch.setattr(health_parts, "env", lambda: environment)
    now = datetime.now(UTC)
    states = {
        "good": ArchiveState(root=str(root), at=now.timestamp(), safe_at=now.timestamp(), base_at=1.0),
        "near": ArchiveState(root=str(root), at=now.timestamp(), safe_at=now.timestamp()),
        "over": ArchiveState(root=str(root), at=now.timestamp(), safe_at=now.timestamp(), base_at=1.0, problem="full"),
    }
    for expected, state in states.items():
        write_state(tmp_path, state)
        [card] = health_parts.archive_card()
        assert card.state == expected
    for expected, ok, age in (("good", True, 3), ("near", True, 400), ("over", False, 1)):
        result = DrillResult(ok=ok, source="/b", kind="backup", at=(now - timedelta(days=age)).isoformat(),
                             rpo_seconds=2.0, rto_seconds=30.0, complaints=[] if ok else ["x"])  # fmt: skip
        write_result(tmp_path, result)
        assert read_result(tmp_path) is not None
        assert health_parts.drill_card().state == expected
