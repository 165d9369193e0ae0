"""How a case lives: answered by the school, closed by a newer file only, opened again by itself; tickets likewise."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.intake.api import ImportApplied
from lingqu.foundation.reconciliation.handlers import compare_after_import
from lingqu.foundation.reconciliation.models import Case, FileEntry, Run, Ticket
from lingqu.foundation.reconciliation.services.answering import answer_case
from lingqu.foundation.reconciliation.services.deadlines import Deadlines, region_of
from lingqu.foundation.reconciliation.services.evidence import add_evidence
from lingqu.foundation.reconciliation.services.listing import load_list
from lingqu.foundation.reconciliation.services.running import perform, start_run
from lingqu.foundation.reconciliation.services.tickets import open_ticket
from lingqu.foundation.registry.models import Enrolment, Person
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel.errors import Conflict, Invalid
from lingqu.kernel.ids import uuid7
from lingqu.kernel.models import FileReference, OutboxEvent

from .worlds import SYSTEM, World, buckets, case_of, id_number, latest_file, load, row

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n"


def scan(name: str = "户口簿.pdf", data: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_a_case_ends_when_the_next_file_agrees_and_not_before() -> None:
    world = World()
    world.child(2, "周禾")
    load("2026-11-01", [row(40, "别人", "3301000003")])
    case = case_of("周禾")
    assert (case.bucket, case.state) == ("no_entry", "todo")
    with pytest.raises(Invalid):
        answer_case(actor=SYSTEM, case_id=case.id, handling="evidence", done=True, note="没有材料")
    add_evidence(actor=SYSTEM, case_id=case.id, uploaded=scan())
    assert FileReference.objects.filter(owner_kind="reconciliation.case", owner_id=str(case.id)).count() == 1
    answer_case(actor=SYSTEM, case_id=case.id, handling="create", done=True)
    again = start_run(actor=SYSTEM, import_id=latest_file().import_id, queued=False)
    perform(again.id)
    assert case_of("周禾").state == "done", "the same file says nothing new"
    run = load("2026-11-15", [row(2, "周禾"), row(40, "别人", "3301000003")])
    case = case_of("周禾")
    assert (case.state, case.closed_on) == ("closed", date(2026, 11, 15))
    assert run is not None
    assert (run.closed_cases, run.new_cases) == (1, 0)
    with pytest.raises(Conflict):
        answer_case(actor=SYSTEM, case_id=case.id, handling="create", done=True, note="再办一次")
    load("2026-11-25", [row(40, "别人", "3301000003")])
    case = case_of("周禾")
    assert (case.state, case.times, case.since, case.handling) == ("todo", 2, date(2026, 11, 25), "")


def test_old_runs_are_kept_and_old_files_are_not_compared_again() -> None:
    World().child(2, "周禾")
    load("2026-11-01", [row(4, "甲")])
    older = latest_file()
    load("2026-11-15", [row(2, "周禾"), row(4, "甲")])
    assert [(run.as_of.day, run.mismatched) for run in Run.objects.order_by("as_of")] == [(1, 2), (15, 1)]
    assert set(FileEntry.objects.values_list("file__as_of", flat=True)) == {date(2026, 11, 15)}
    with pytest.raises(Conflict):
        start_run(actor=SYSTEM, import_id=older.import_id)


def test_what_was_put_right_here_waits_for_the_next_file() -> None:
    child = World().child(2, "周禾")
    load("2026-11-01", [row(4, "甲")])
    Enrolment.objects.filter(person=child).update(valid_to=date(2026, 11, 2))
    perform(start_run(actor=SYSTEM, import_id=latest_file().import_id, queued=False).id)
    assert case_of("周禾").state == "done"
    load("2026-11-15", [row(4, "甲")])
    assert case_of("周禾").state == "closed"


def test_a_swapped_name_stays_open_until_the_file_or_the_school_gives_way() -> None:
    World().child(2, "周禾")
    load("2026-11-01", [row(2, "周和")])
    case = case_of("周和")
    assert (case.cause, case.former["name"]) == ("name_differs", "周禾")
    load("2026-11-15", [row(2, "周和")])
    assert Case.objects.get().state == "todo", "the register took the name over, nobody has looked yet"
    add_evidence(actor=SYSTEM, case_id=case.id, uploaded=scan())
    answer_case(actor=SYSTEM, case_id=case.id, handling="evidence", done=True)
    load("2026-11-25", [row(2, "周和")])
    assert Case.objects.get().state == "closed"


def test_a_name_that_the_file_takes_back_is_no_second_swap() -> None:
    World().child(2, "周禾")
    load("2026-11-01", [row(2, "周和")])
    assert Case.objects.get().cause == "name_differs"
    load("2026-11-15", [row(2, "周禾")])
    assert Case.objects.get().state == "closed", "the file says again what the school had said"


def test_a_transfer_beyond_the_province_is_on_its_way() -> None:
    World().child(2, "周禾")
    load("2026-11-01", [row(4, "甲")])
    answer_case(
        actor=SYSTEM, case_id=case_of("周禾").id, handling="transfer", note="外省转入，已发起", beyond_province=True
    )
    load("2026-11-15", [row(4, "甲")])
    assert case_of("周禾").bucket == "in_transit"


def test_evidence_is_what_its_content_says() -> None:
    World().child(2, "周禾")
    load("2026-11-01", [row(4, "甲")])
    case_id = case_of("周禾").id
    for data in (b"MZ\x90\x00", b"", b"<html>", b"PK\x03\x04"):
        with pytest.raises(Invalid):
            add_evidence(actor=SYSTEM, case_id=case_id, uploaded=scan("户口簿.pdf", data))
    made = add_evidence(actor=SYSTEM, case_id=case_id, uploaded=scan("../../x.exe", b"\xff\xd8\xff\xe0jpeg"))
    assert (made.name, made.media_type) == ("x.exe.jpg", "image/jpeg")


def test_a_wish_changes_nothing_and_ends_with_the_file() -> None:
    child = World().child(2, "周禾")
    load("2026-11-01", [row(2, "周禾")])
    for field, value in (("name", "="), ("birth_date", "2013-13-01"), ("sex", "女"), ("id_number", "33")):
        with pytest.raises(Invalid):
            open_ticket(actor=SYSTEM, number=child.number, field=field, value=value, reason="户口簿改名")
    ticket = open_ticket(actor=SYSTEM, number=child.number, field="name", value="周稼禾", reason="户口簿改名")
    with pytest.raises(Conflict):
        open_ticket(actor=SYSTEM, number=child.number, field="name", value="周某", reason="户口簿改名")
    assert Person.objects.get(id=child.id).name == "周禾"
    Ticket.objects.update(opened_at="2026-11-02T00:00:00Z")
    load("2026-11-15", [row(2, "周禾")])
    assert Ticket.objects.get().state == "open"
    load("2026-11-25", [row(2, "周稼禾")])
    ticket.refresh_from_db()
    assert (ticket.state, ticket.closed_on) == ("closed", date(2026, 11, 25))


def test_the_third_list_finds_children_who_never_came() -> None:
    world = World()
    world.child(2, "周禾")
    text = f"适龄儿童姓名,身份证号,监护人电话\n周禾,{id_number(2)},13900001111\n未来儿,{id_number(60)},13900002222\n"
    count = load_list(actor=SYSTEM, path=str(world.county.path), uploaded=SimpleUploadedFile("名单.csv", text.encode()))
    assert count == 2
    run = load("2026-11-15", [row(2, "周禾")])
    assert run is not None
    assert (run.listed, buckets(run)["no_entry"][2]) == (2, 1)
    assert case_of("未来儿").cause == "never_came"
    with pytest.raises(Invalid):
        load_list(actor=SYSTEM, path=str(world.county.path), uploaded=SimpleUploadedFile("名单.csv", b"a,b\n1,2\n"))


def test_an_applied_import_is_compared_by_itself() -> None:
    World().child(2, "周禾")
    load("2026-11-15", [row(2, "周禾")], compare=False)
    told = OutboxEvent.objects.get(kind="intake.ImportApplied").payload
    compare_after_import(ImportApplied(**{**told, "import_id": latest_file().import_id}))
    assert Run.objects.get().state == "waiting"
    compare_after_import(ImportApplied(import_id=uuid7(), number="", source_kind="national_pupil"))
    assert Run.objects.count() == 1


def test_deadlines_count_the_working_days_of_the_region() -> None:
    world, friday = World(), date(2026, 11, 13)
    days = Deadlines()
    county, far = str(world.county.path), str(world.far.path)
    assert days.due_after(friday, county, 1) == date(2026, 11, 16)
    assert days.left(friday, days.due_after(friday, county), county) == 10
    assert days.left(date(2026, 11, 18), date(2026, 11, 16), county) == -2
    timetable.set_days(
        actor=SYSTEM, organisation_id=world.county.id,
        days=[timetable.Day(day=date(2026, 11, 16), kind="holiday", name="民族节日"),
              timetable.Day(day=date(2026, 11, 21), kind="workday", follows_day=date(2026, 11, 16))],
    )  # fmt: skip
    days = Deadlines()
    assert days.due_after(friday, county, 1) == date(2026, 11, 17)
    assert days.due_after(friday, county, 5) == date(2026, 11, 21), "a Saturday that is worked"
    assert days.due_after(friday, far, 1) == date(2026, 11, 16), "a holiday of one county is none of another"
    assert region_of(world.school.kind, str(world.school.path)) == county


def test_a_case_is_due_by_the_calendar_of_the_region_of_its_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr("lingqu.kernel.clock.today", lambda: date(2026, 11, 13))
    timetable.set_days(
        actor=SYSTEM,
        organisation_id=world.county.id,
        days=[timetable.Day(day=date(2026, 11, 16), kind="holiday", name="放假")],
    )
    world.child(2, "周禾")
    world.child(4, "青石生", world.beyond)
    load("2026-11-01", [row(6, "甲")])
    due = dict(Case.objects.values_list("name", "due_on"))
    assert due["周禾"] == date(2026, 11, 30)
    assert due["青石生"] == date(2026, 11, 27)
