import json
from pathlib import Path

import pytest

from lingqu.config import unfinished
from lingqu.config.backup import CopyError, read_facts
from lingqu.config.home import is_newer, new_mark, read_mark


@pytest.mark.parametrize(
    ("version", "than", "newer"),
    [("0.2.0", "0.1.0", True), ("0.1.0", "0.1.0", False), ("0.10.0", "0.9.9", True), ("0.1", "0.1.1", False),
     ("test", "0.1.0", False), ("", "0.1.0", False), ("1.0.dev1", "0.9", True)],
)  # fmt: skip
def test_a_newer_version_is_known(version: str, than: str, newer: bool) -> None:
    assert is_newer(version, than) is newer


def restoring(home: Path, phase: str, *folders: str) -> None:
    for name in folders:
        (home / "pg" / name).mkdir(parents=True)
        (home / "pg" / name / "which").write_text(name)
    mark = new_mark(kind="real", version="0.1.0")
    unfinished.write_note(home, source="/backup/one", way="folder", phase=phase, mark=mark)


@pytest.mark.parametrize(
    "folders", [("data", "data.restoring"), ("data.replaced", "data.restoring"), ("data.restoring",)]
)
def test_a_change_over_is_finished_wherever_it_was_cut_off(tmp_path: Path, folders: tuple[str, ...]) -> None:
    restoring(tmp_path, unfinished.READY, *folders)
    assert unfinished.finish_folders(tmp_path)
    assert (tmp_path / "pg" / "data" / "which").read_text() == "data.restoring"
    assert [path.name for path in (tmp_path / "pg").iterdir()] == ["data"]
    mark = read_mark(tmp_path)
    assert mark is not None and mark.kind == "real"
    assert not unfinished.finish_folders(tmp_path)


def test_a_restore_in_the_making_changes_nothing(tmp_path: Path) -> None:
    restoring(tmp_path, unfinished.LOADING, "data", "data.restoring")
    assert not unfinished.finish_folders(tmp_path)
    note = unfinished.read_note(tmp_path)
    assert note is not None and "/backup/one" in unfinished.complaint(note)
    unfinished.abandon(tmp_path)
    assert unfinished.read_note(tmp_path) is None
    assert (tmp_path / "pg" / "data" / "which").read_text() == "data"
    assert not (tmp_path / "pg" / "data.restoring").exists()


def test_half_a_backup_is_refused_even_with_a_manifest(tmp_path: Path) -> None:
    half = tmp_path / "copy.part"
    half.mkdir()
    (half / "manifest.json").write_text(json.dumps({}))
    with pytest.raises(CopyError, match="没有写完"):
        read_facts(half)
