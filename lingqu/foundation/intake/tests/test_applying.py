"""Imports end to end on small files: repeat, resume, cancel, strict, two at once, permissions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from lingqu.foundation.intake.applying import (
    Halted,
    Result,
    Strict,
    cancel_import,
    create_import,
    planning,
    resume_import,
    run_import,
    running,
    services,
    start_import,
    withdraw_import,
)
from lingqu.foundation.intake.models import Finding, Import
from lingqu.foundation.intake.types import IMPORT_RUN, IMPORT_VIEW, ReadFile
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden
from lingqu.kernel.models import Change
from lingqu.kernel.testing import actor_with

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
SCHOOLS = "学校代码,学校名称,机构类别,学制\n0000000001,演示第一中学,学校,六三制\n0000000002,演示第二中学,学校,六三制\n"
PUPILS = "姓名,性别,学校,班级,出生日期\n" + "".join(
    f"演示{name},{'男' if at % 2 else '女'},000000000{at % 2 + 1},七({at % 3 + 1})班,2013-0{at % 9 + 1}-11\n"
    for at, name in enumerate("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉")
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    registry.prepare()
    registry.ensure_root()
    (tmp_path / "学校.csv").write_text(SCHOOLS, encoding="utf-8")
    (tmp_path / "学生.csv").write_text(PUPILS, encoding="utf-8")
    return tmp_path


def scope() -> str:
    root = registry.root_organisation()
    assert root is not None
    return str(root.path)


def begin(folder: Path, **options: Any) -> Import:
    return create_import(actor=SYSTEM, scope=scope(), paths=sorted(folder.glob("*.csv")), **options)


def go(record: Import, folder: Path, **more: Any) -> Result:
    files = [ReadFile(name=path.name, path=path) for path in sorted(folder.glob("*.csv"))]
    return run_import(actor=SYSTEM, import_id=record.id, files=files, **more)


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_everybody_has_an_account_and_the_second_import_changes_nothing(folder: Path) -> None:
    first = go(begin(folder), folder)
    assert first.state == "applied"
    assert {kind: first.created[kind] for kind in ("organisations", "people", "enrolments", "accounts")} == {
        "organisations": 2,
        "people": 20,
        "enrolments": 20,
        "accounts": 20,
    }
    changes = Change.objects.count()
    second = go(begin(folder), folder)
    assert sum(second.created.values()) + sum(second.updated.values()) == 0
    assert (second.unchanged["people"], second.rejected, second.proposed_removals) == (20, 0, 0)
    assert Change.objects.count() == changes


def test_dry_run_writes_nothing(folder: Path) -> None:
    result = go(begin(folder, dry_run=True), folder)
    assert (result.state, result.rows, _count("registry_person")) == ("checked", 22, 0)


def test_strict_refuses_all_when_one_row_is_blocked(folder: Path) -> None:
    (folder / "学生.csv").write_text(PUPILS + ",男,0000000001,七(1)班,2013-01-01\n", encoding="utf-8")
    record = begin(folder, strict=True)
    with pytest.raises(Strict) as refusal:
        go(record, folder)
    assert (refusal.value.exit_code, _count("registry_person")) == (3, 0)
    assert Finding.objects.filter(owner=record, severity="block").count() == 1


class Killed(BaseException):
    """Stands in for kill -9: nothing after it runs."""


@pytest.mark.parametrize("after", range(8))
@pytest.mark.django_db(transaction=True)
def test_killed_import_resumes_with_the_same_result(folder: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    monkeypatch.setattr(planning, "CHUNK_ROWS", 4)
    record, whole, done = begin(folder), running._apply_chunk, []

    def dying(*arguments: Any) -> None:
        if arguments[4].number > after:
            raise Killed
        whole(*arguments)
        done.append(_count("registry_person"))

    monkeypatch.setattr(running, "_apply_chunk", dying)
    with pytest.raises(Killed):
        go(record, folder)
    acknowledged = Import.objects.get(id=record.id).counts["created"]["people"]
    assert _count("registry_person") == acknowledged == _count("identity_account") == (done[-1] if done else 0)
    monkeypatch.setattr(running, "_apply_chunk", whole)
    found = services.find_interrupted(source="school-roster", scope=scope(), paths=sorted(folder.glob("*.csv")))
    assert found is not None
    assert found.id == record.id
    result = go(record, folder)
    assert (result.created["people"], result.created["accounts"], result.unchanged["people"]) == (20, 20, 0)
    assert (_count("registry_person"), _count("identity_account"), _count("registry_enrolment")) == (20, 20, 20)


@pytest.mark.django_db(transaction=True)
def test_cancelled_import_stops_before_the_next_chunk_and_goes_on_when_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "CHUNK_ROWS", 6)
    record = begin(folder)

    def watch(state: str, done: int, of: int) -> None:
        if done == 3:
            cancel_import(actor=SYSTEM, number=record.number)

    with pytest.raises(Halted):
        go(record, folder, progress=watch)
    assert Import.objects.get(id=record.id).state == "cancelled"
    assert 0 < _count("registry_person") < 20
    resume_import(actor=SYSTEM, number=record.number)
    assert go(record, folder).created["people"] == 20


@pytest.mark.django_db(transaction=True)
def test_second_import_waits_for_the_first_and_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record, said = begin(folder), []
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [running.LOCK_KEY])

    def hear(state: str, done: int, of: int) -> None:
        said.append(state)
        if "排队" in state:
            assert Import.objects.get(id=record.id).options["waiting"] is True
            other.close()

    result = go(record, folder, progress=hear)
    assert result.state == "applied"
    assert "排队" in said[0]
    assert Import.objects.get(id=record.id).options["waiting"] is False


@pytest.mark.django_db(transaction=True)
def test_withdrawn_import_leaves_no_open_enrolment(folder: Path) -> None:
    record = begin(folder)
    go(record, folder)
    undone = withdraw_import(actor=SYSTEM, number=record.number)
    assert undone.people_kept == 20
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_enrolment WHERE valid_to IS NULL")
        assert cursor.fetchone() == (0,)
    assert Import.objects.get(id=record.id).state == "withdrawn"
    with pytest.raises(Conflict):
        withdraw_import(actor=SYSTEM, number=record.number)


ACTIONS: dict[str, Callable[[Actor, Import, Path], Any]] = {
    "create": lambda actor, record, folder: create_import(actor=actor, scope=scope(), paths=[folder / "学校.csv"]),
    "start": lambda actor, record, folder: start_import(actor=actor, number=record.number),
    "resume": lambda actor, record, folder: resume_import(actor=actor, number=record.number),
    "cancel": lambda actor, record, folder: cancel_import(actor=actor, number=record.number),
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    ("right", "place", "may"),
    [
        (IMPORT_RUN, "here", True),
        (IMPORT_RUN, "elsewhere", False),
        (IMPORT_VIEW, "here", False),
        ("registry.person.edit", "here", False),
    ],
)
def test_only_who_may_import_at_the_place(folder: Path, action: str, right: str, place: str, may: bool) -> None:
    record = begin(folder)
    actor = actor_with(right, path=scope() if place == "here" else scope() + ".zz")
    if may:
        ACTIONS[action](actor, record, folder)
        return
    with pytest.raises(Forbidden):
        ACTIONS[action](actor, record, folder)
    assert Import.objects.get(id=record.id).state == "uploaded"
