"""Chunks beside each other: the order of commits, failures, and people whom the register knows already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from threading import enumerate as enumerate_threads
from typing import Any
from uuid import uuid4

import polars as pl
import pytest

from lingqu.foundation.intake.applying import lanes, planning, running
from lingqu.foundation.intake.applying.lanes import Impatient, Overtaken, Turn, apply_in_lanes
from lingqu.foundation.intake.applying.planning import Chunk, Ready
from lingqu.foundation.intake.models import Finding
from lingqu.foundation.registry import api as registry

from .test_applying import PUPILS, _count, begin, folder, go

__all__ = ["folder"]
KNOWN = pl.DataFrame(schema={"key_hash": pl.String, "known_hash": pl.String, "linked": pl.String})


def prepared(kind: str, *rows: dict[str, str], linked: bool = False) -> registry.Prepared:
    frame = registry.with_digests(kind, pl.DataFrame([{"school_ref": "1", **row} for row in rows]))
    known = KNOWN
    if linked:
        known = frame.select("key_hash", known_hash=pl.lit("0" * 32), linked=pl.lit(str(uuid4())))
    return registry.prepare_batch(registry.Batch(kind=kind, source="s", scope="r", rows=frame), known)


def pupil(key: str, **more: str) -> dict[str, str]:
    return {"key": key, "name": "演示甲", "sex": "1", "class_ref": "七(1)班", "birth_date": f"2013-01-0{key}", **more}


def readies(count: int, *rows: registry.Prepared) -> Iterator[Ready]:
    for at in range(count):
        made = rows[at] if rows else prepared("students", pupil(str(at + 1)))
        yield Ready(chunk=Chunk(kind="students", position=at, start=0, stop=1), prepared=made, fingerprint="")


def test_a_chunk_runs_beside_the_one_before_and_commits_after_it() -> None:
    second_has_begun, committed = Event(), []

    def apply(ready: Ready, turn: Turn) -> None:
        if turn.number == 2:
            assert turn.is_ahead
            second_has_begun.set()
        if turn.number == 1:
            assert second_has_begun.wait(30)
        turn.wait()
        committed.append(turn.number)

    apply_in_lanes(readies(5), apply)
    assert committed == [1, 2, 3, 4, 5]


def test_the_preparing_thread_ends_with_its_block_though_a_traceback_holds_the_chunks() -> None:
    chunks = [ready.chunk for ready in readies(3)]
    made = dict(zip([chunk.position for chunk in chunks], readies(3), strict=True))
    held = []
    with pytest.raises(ValueError), planning.prepared_ahead(chunks, lambda chunk: made[chunk.position]) as ready:
        held.append(ready)
        assert next(ready).chunk == chunks[0]
        assert [thread for thread in enumerate_threads() if thread.name.startswith("intake-prepare")]
        raise ValueError
    assert not [thread for thread in enumerate_threads() if thread.name.startswith("intake-prepare")]
    with pytest.raises(RuntimeError):
        list(held[0])


def test_when_a_chunk_fails_the_one_beside_it_is_not_committed() -> None:
    second_has_begun, ended = Event(), []

    def apply(ready: Ready, turn: Turn) -> None:
        if turn.number == 1:
            assert second_has_begun.wait(30)
            raise KeyError("first")
        second_has_begun.set()
        try:
            turn.wait()
        except Overtaken:
            ended.append(turn.number)
            raise

    with pytest.raises(KeyError, match="first"):
        apply_in_lanes(readies(4), apply)
    assert ended == [2]


def test_a_chunk_that_meets_somebody_known_begins_again_in_its_turn() -> None:
    first_may_end, tried = Event(), []

    def apply(ready: Ready, turn: Turn) -> None:
        tried.append((turn.number, turn.is_ahead))
        if turn.number == 1:
            assert first_may_end.wait(30)
        if turn.is_ahead:
            first_may_end.set()
            raise registry.Acquainted
        turn.wait()

    apply_in_lanes(readies(2), apply)
    assert tried == [(1, False), (2, True), (2, False)]


def test_a_chunk_that_ran_ahead_lets_go_when_its_turn_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "PATIENCE", 0.05)
    first_may_end, tried = Event(), []

    def apply(ready: Ready, turn: Turn) -> None:
        tried.append((turn.number, turn.is_ahead))
        if turn.number == 1:
            assert first_may_end.wait(30)
        try:
            turn.wait()
        except Impatient:
            first_may_end.set()
            raise

    apply_in_lanes(readies(2), apply)
    assert tried == [(1, False), (2, True), (2, False)]


def test_an_error_in_turn_is_not_tried_again() -> None:
    tried = []

    def apply(ready: Ready, turn: Turn) -> None:
        tried.append(turn.number)
        raise registry.Acquainted

    with pytest.raises(registry.Acquainted):
        apply_in_lanes(readies(1), apply)
    assert tried == [1]


ID = "110101201301021234"
OVERTAKING: list[tuple[str, list[dict[str, str]], str, list[dict[str, str]], bool]] = [
    ("students", [pupil("1")], "students", [pupil("2")], True),
    ("students", [pupil("1", id_number=ID)], "students", [pupil("2", id_number=ID)], False),
    ("students", [pupil("1", school_number="7")], "students", [pupil("2", school_number="7")], False),
    ("students", [pupil("1")], "students", [pupil("2", birth_date="2013-01-01")], False),
    ("students", [pupil("1")], "students", [pupil("2", birth_date="")], False),
    ("students", [pupil("1")], "students", [pupil("2", birth_date="", class_ref="七(2)班")], True),
    ("students", [pupil("1")], "staff", [{"key": "2", "name": "演示乙", "sex": "1"}], True),
    ("students", [pupil("1", id_number=ID)], "staff", [{"key": "2", "name": "演示乙", "id_number": ID}], False),
    ("students", [pupil("1")], "guardians", [{"key": "2", "name": "演示乙", "child_ref": "1"}], False),
    ("staff", [{"key": "1", "name": "演示乙"}], "guardians", [{"key": "2", "name": "演示丙", "child_ref": "1"}], True),
    ("guardians", [{"key": "1", "name": "演示乙", "phone": "10000000001", "child_ref": "1"}],
     "guardians", [{"key": "2", "name": "演示乙", "phone": "10000000001", "child_ref": "2"}], False),
    ("staff", [{"key": "1", "name": "演示乙"}], "teaching", [{"key": "2", "teacher_ref": "1"}], False),
    ("guardians", [{"key": "1", "name": "演示乙", "child_ref": "1"}], "teaching", [{"key": "2", "teacher_ref": "1"}], True),
    ("classes", [{"key": "1", "written_name": "七(1)班"}], "students", [pupil("2")], False),
]  # fmt: skip


@pytest.mark.parametrize(("before", "earlier", "kind", "later", "may"), OVERTAKING)
def test_only_chunks_that_share_nobody_run_beside_each_other(
    before: str, earlier: list[dict[str, str]], kind: str, later: list[dict[str, str]], may: bool
) -> None:
    assert registry.may_overtake(prepared(kind, *later), prepared(before, *earlier)) is may


def test_people_known_from_the_last_delivery_wait_for_their_turn() -> None:
    assert not registry.may_overtake(prepared("students", pupil("2"), linked=True), prepared("students", pupil("1")))


@pytest.mark.django_db(transaction=True)
def test_people_whom_the_register_knows_are_found_by_a_chunk_that_ran_ahead(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "CHUNK_ROWS", 4)
    go(begin(folder), folder)
    (folder / "学生.csv").write_text(PUPILS + "演示新,男,0000000001,七(1)班,2013-01-01\n", encoding="utf-8")
    ahead: list[bool] = []
    whole = running._apply_chunk

    def watching(*arguments: Any) -> None:
        ahead.append(arguments[4].is_ahead)
        whole(*arguments)

    monkeypatch.setattr(running, "_apply_chunk", watching)
    result = go(begin(folder, source="another"), folder)
    assert (result.created["people"], result.unchanged["people"], result.created["accounts"]) == (1, 20, 1)
    assert (_count("registry_person"), _count("identity_account"), _count("registry_enrolment")) == (21, 21, 21)
    assert any(ahead)


@pytest.mark.django_db(transaction=True)
def test_findings_of_a_chunk_that_ran_ahead_do_not_hold_the_one_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "CHUNK_ROWS", 5)
    monkeypatch.setattr(lanes, "PATIENCE", 5.0)
    plain = registry.apply_prepared

    def doubting(**arguments: Any) -> registry.Outcome:
        outcome = plain(**arguments)
        words = dict.fromkeys(("file", "sheet", "kind", "field", "message"), "")
        outcome.findings.append(registry.RowFinding(row=1, rule="test.doubt", severity="review", **words))
        return outcome

    monkeypatch.setattr(registry, "apply_prepared", doubting)
    tried: list[int] = []
    whole = running._apply_chunk

    def watching(*arguments: Any) -> None:
        tried.append(arguments[4].number)
        whole(*arguments)

    monkeypatch.setattr(running, "_apply_chunk", watching)
    record = begin(folder)
    assert go(record, folder).created["people"] == 20
    assert len(tried) == len(set(tried)), "a chunk had to begin again"
    assert Finding.objects.filter(owner=record, rule="test.doubt").count() == len(tried)
