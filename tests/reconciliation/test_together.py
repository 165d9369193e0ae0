"""A county with many cases: several answered at once, given to somebody else, everybody late reminded by one click."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.identity.testing import employ, give_duty
from lingqu.foundation.reconciliation.models import Case, Evidence, Reminder
from lingqu.foundation.reconciliation.selectors import boards, cases
from lingqu.foundation.reconciliation.selectors.cases import Wanted
from lingqu.foundation.reconciliation.services import bulk, reminding
from lingqu.foundation.reconciliation.services.exporting import export_cases
from lingqu.foundation.reconciliation.services.running import perform, start_run
from lingqu.foundation.reconciliation.testing import make_case
from lingqu.foundation.registry.testing import make_person
from lingqu.kernel.clock import today
from lingqu.kernel.crypto import unseal_fields
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, TooLarge
from lingqu.kernel.models import AuditEntry, FileReference, Message
from lingqu.kernel.testing import actor_with, run_jobs

from .worlds import SYSTEM, World, latest_file, load, row

pytestmark = pytest.mark.django_db


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("复函.pdf", b"%PDF-1.7\n")


@pytest.fixture
def world() -> World:
    made = World()
    for serial in range(2, 12, 2):
        made.child(serial, f"待补建{serial}")
    made.child(12, "借读生", attendance="guest")
    load("2026-11-01", [row(40, "别人", "3301000003")])
    return made


def whole(world: World, **wanted: str) -> bulk.Choice:
    return bulk.Choice(path=str(world.county.path), whole=True, wanted=Wanted(**wanted))


def test_one_answer_and_one_scan_for_all_cases_of_a_cause(world: World, django_assert_max_num_queries: Any) -> None:
    choice = whole(world, bucket="no_entry", cause="to_add")
    with django_assert_max_num_queries(30):
        count = bulk.answer_cases(actor=SYSTEM, choice=choice, handling="create", done=True, uploaded=scan())
    assert count == 5
    answered = Case.objects.filter(cause="to_add")
    assert set(answered.values_list("state", "handling", "answered_by")) == {("done", "create", SYSTEM.name)}
    assert Evidence.objects.count() == 5
    assert FileReference.objects.filter(owner_kind="reconciliation.bulk").count() == 1
    assert Case.objects.get(cause="guest").state == "todo"
    told = AuditEntry.objects.get(action="reconciliation.cases.answered")
    assert sorted(told.data["cases"]) == sorted(answered.values_list("id", flat=True))


def test_what_is_said_about_many_must_be_true_of_each(world: World) -> None:
    with pytest.raises(Conflict):
        bulk.answer_cases(actor=SYSTEM, choice=whole(world), handling="create", note="已在国家系统补建", done=True)
    one_cause = whole(world, cause="to_add")
    for handling, note, done in (("evidence", "没有材料", True), ("create", "", True), ("bribe", "办了办了", False)):
        with pytest.raises(Invalid):
            bulk.answer_cases(actor=SYSTEM, choice=one_cause, handling=handling, note=note, done=done)
    with pytest.raises(Invalid):
        bulk.answer_cases(
            actor=SYSTEM, choice=one_cause, handling="create", uploaded=SimpleUploadedFile("a.pdf", b"MZ")
        )
    with pytest.raises(Invalid):
        bulk.answer_cases(actor=SYSTEM, choice=bulk.Choice(path="1"), handling="create", note="一条都没勾")
    assert set(Case.objects.values_list("state", "handling")) == {("todo", "")}
    assert not Evidence.objects.exists()


def test_a_case_out_of_reach_refuses_all(world: World) -> None:
    foreign = make_case(world.beyond, "外县生")
    mine = Case.objects.filter(cause="to_add").values_list("id", flat=True)
    actor = actor_with("reconciliation.view", "reconciliation.work", "reconciliation.run", path=str(world.county.path))
    choice = bulk.Choice(path=str(world.county.path), ids=(*mine, foreign.id))
    with pytest.raises(Forbidden):
        bulk.answer_cases(actor=actor, choice=choice, handling="create", note="已提交补建")
    with pytest.raises(Forbidden):
        bulk.assign_cases(actor=actor, choice=choice, to="county")
    assert set(Case.objects.values_list("handling", "assigned_by")) == {("", "")}


def test_too_many_at_once_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST_CASES", 4)
    with pytest.raises(TooLarge):
        bulk.answer_cases(actor=SYSTEM, choice=whole(world, cause="to_add"), handling="create")


def test_a_case_given_to_the_county_stays_there_while_the_cause_does(world: World) -> None:
    Case.objects.update(due_on=date(2026, 11, 2))
    count = bulk.assign_cases(actor=SYSTEM, choice=whole(world, cause="to_add"), to="county")
    given = Case.objects.filter(name__startswith="待补建")
    assert count == 5
    assert set(given.values_list("owner_id", "assigned_by")) == {(world.county.id, SYSTEM.name)}
    assert min(given.values_list("due_on", flat=True)) > today(), "whoever gets a case gets the ten days"
    with pytest.raises(Invalid):
        bulk.assign_cases(actor=SYSTEM, choice=whole(world, cause="to_add"), to="other")
    with pytest.raises(Invalid):
        bulk.assign_cases(actor=SYSTEM, choice=whole(world), to="whoever")
    perform(start_run(actor=SYSTEM, import_id=latest_file().import_id, queued=False).id)
    assert set(given.values_list("owner_id", flat=True)) == {world.county.id}
    load("2026-11-15", [row(serial, f"待补建{serial}") for serial in range(2, 12, 2)])
    load("2026-11-25", [row(40, "别人", "3301000003")])
    assert set(given.values_list("owner_id", "assigned_by", "times")) == {(world.school.id, "", 2)}


def test_everybody_late_is_reminded_once_a_day(world: World) -> None:
    path = str(world.county.path)
    with pytest.raises(Conflict):
        reminding.order_reminders(actor=SYSTEM, path=path)
    officer = make_person(world.school, "吴静", phone="13800003140")
    employ(officer, world.school)
    give_duty(officer, "register_officer", world.school)
    make_case(world.second, "别校生", due_on=date(2026, 1, 5))
    Case.objects.filter(cause="guest").update(state="done")
    Case.objects.update(due_on=today() - timedelta(days=3))
    assert reminding.order_reminders(actor=SYSTEM, path=path) == 2
    assert run_jobs("reconciliation.send_reminders") == ["reconciliation.send_reminders"]
    told = {one.owner_id: one for one in Reminder.objects.all()}
    mine, other = told[world.school.id], told[world.second.id]
    assert (mine.state, mine.told, mine.late, mine.todo) == ("sent", "吴静", 5, 5)
    assert (other.state, other.message) == ("unreached", None), "nobody is on duty there"
    message = Message.objects.get(id=mine.message)
    letter = unseal_fields(message.sealed)
    assert (letter["to"], message.channel) == ("13800003140", "sms")
    assert "5 条" in letter["body"]
    assert not any(name in letter["body"] for name in Case.objects.values_list("name", flat=True))
    [row_] = cases.list_cases(actor=SYSTEM, path=str(world.second.path)).items
    assert row_.reminded_at is None, "nobody was told"
    assert reminding.order_reminders(actor=SYSTEM, path=path) == 1, "only who was not reached"
    assert cases.find_reminder(world.school) == mine


def test_one_owner_is_reminded_before_the_day(world: World) -> None:
    path = str(world.county.path)
    assert reminding.order_reminders(actor=SYSTEM, path=path, owner_id=world.school.id) == 1
    assert Reminder.objects.get().late == 0
    with pytest.raises(Conflict):
        reminding.order_reminders(actor=SYSTEM, path=path, owner_id=world.school.id)


def test_the_dead_are_not_written_to(world: World) -> None:
    officer = make_person(world.school, "吴静", phone="13800003140", deceased_on=date(2026, 10, 1))
    employ(officer, world.school)
    give_duty(officer, "register_officer", world.school)
    Case.objects.update(due_on=today() - timedelta(days=3))
    reminding.order_reminders(actor=SYSTEM, path=str(world.county.path))
    reminding.send_waiting()
    assert not Message.objects.exists()


def test_counts_by_cause_and_progress_add_up(world: World) -> None:
    states = boards.count_states(actor=SYSTEM, path=str(world.county.path), bucket="no_entry", today=today())
    assert states.causes == {"to_add": 5, "guest": 1}
    assert (states.by["all"], states.by["todo"]) == (6, 6)
    one = boards.count_states(
        actor=SYSTEM, path=str(world.county.path), bucket="no_entry", cause="guest", today=today()
    )
    assert one.by["all"] == 1


def test_the_workbook_says_who_acts_and_follows_the_filters(world: World, tmp_path: Path) -> None:
    officer = make_person(world.school, "吴静", phone="13800003140")
    employ(officer, world.school)
    give_duty(officer, "register_officer", world.school)
    Case.objects.filter(cause="guest").update(name="=SUM(1)", note="@bad")
    target = tmp_path / "x.xlsx"
    assert export_cases(actor=SYSTEM, path=str(world.county.path), target=target) == 6
    sheet = openpyxl.load_workbook(io.BytesIO(target.read_bytes())).worksheets[0]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert rows[0][-2:] == ("由谁办", "电话")
    assert {line[-2:] for line in rows[1:]} == {(f"{world.school.name} 吴静", "13800003140")}
    assert not any(str(cell).startswith(("=", "@", "+", "-")) for line in rows for cell in line if cell)
    assert export_cases(actor=SYSTEM, path=str(world.county.path), target=target, wanted=Wanted(cause="guest")) == 1
