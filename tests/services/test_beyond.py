"""跨省转学, followed beside national files; 关键数据变更 from a mother's phone to the file that says so."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.intake.types import ImportApplied
from lingqu.foundation.reconciliation.models import Ticket
from lingqu.foundation.reconciliation.services.tickets import withdraw_ticket
from lingqu.foundation.registry.models import Enrolment, RegisterEntry
from lingqu.foundation.workflow import api as workflow
from lingqu.foundation.workflow.models import Case, Task
from lingqu.governance.service_hall.handlers import settle_after_import
from lingqu.governance.service_hall.models import BeyondTransfer
from lingqu.governance.service_hall.services import beyond, key_data
from lingqu.governance.service_hall.types.beyond import Link
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.ids import uuid7
from lingqu.kernel.testing import deliver_events
from tests.reconciliation.worlds import case_of, load, row

from .test_transfer import SYSTEM, Town

pytestmark = pytest.mark.django_db
Todo: Any = apps.get_model("inbox", "Todo")
APPLIED = ImportApplied(import_id=uuid7(), number="", source_kind="national_pupil")


def wish(town: Town, **more: Any) -> beyond.NewBeyond:
    return beyond.NewBeyond(**{
        "direction": "in", "school_code": town.school.code, "other_province": "河南省", "other_school": "郑州市第九中学",
        "asked_on": today() - timedelta(days=3), "number": town.pupil.number, "serial": "kz20261126001", **more,
    })  # fmt: skip


def test_a_child_from_elsewhere_is_under_way_until_the_national_file_has_it() -> None:
    town = Town()
    newcomer = town.child(4, "林河")
    load("2026-11-15", [row(2, "周禾")])
    assert case_of("林河").bucket == "no_entry"
    made = beyond.open_beyond(actor=town.actor("old"), new=wish(town, number=newcomer.number))
    assert (made.serial, made.grade, made.links) == (
        "KZ20261126001", "G08", {"asked": (today() - timedelta(days=3)).isoformat()}
    )  # fmt: skip
    load("2026-11-20", [row(2, "周禾")])
    assert (case_of("林河").bucket, case_of("林河").cause) == ("in_transit", "transferring")
    days = dict.fromkeys(Link.values, today() - timedelta(days=1)) | {
        "asked": made.opened_at.date() - timedelta(days=3)
    }
    beyond.note_progress(actor=town.actor("county"), beyond_id=made.id, links=days, serial=made.serial)
    settle_after_import(APPLIED)
    assert BeyondTransfer.objects.get().state == "open"
    assert not RegisterEntry.objects.filter(person=newcomer).exists()
    load("2026-11-29", [row(2, "周禾"), row(4, "林河")])
    settle_after_import(APPLIED)
    ended = BeyondTransfer.objects.get()
    assert (ended.state, ended.ending, case_of("林河").state) == ("done", "国家名册已更新", "closed")


def test_a_child_that_went_is_settled_only_by_a_file_with_its_school() -> None:
    town = Town()
    load("2026-11-15", [row(2, "周禾")])
    made = beyond.open_beyond(actor=SYSTEM, new=wish(town, direction="out"))
    BeyondTransfer.objects.update(opened_at="2026-11-16T00:00:00Z")
    Enrolment.objects.filter(person=town.pupil).update(valid_to=date(2026, 11, 16))
    load("2026-11-20", [row(2, "周禾")])
    assert (case_of("周禾").bucket, case_of("周禾").cause) == ("in_transit", "transferring")
    other = town.child(6, "田野", town.second)
    load("2026-11-24", [row(6, "田野", "3301000002")])
    settle_after_import(APPLIED)
    assert BeyondTransfer.objects.get(id=made.id).state == "open" and other is not None
    load("2026-11-27", [row(6, "田野", "3301000002"), row(8, "何苗")])
    settle_after_import(APPLIED)
    assert BeyondTransfer.objects.get(id=made.id).state == "done"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"other_province": "某省"}, "other_province"), ({"other_school": ""}, "other_school"), ({"serial": "无"}, "serial"),
        ({"number": "999"}, "number"), ({"number": "", "direction": "out"}, "number"), ({"number": "", "name": "王"}, "name"),
        ({"number": "", "name": "王小"}, "grade"), ({"asked_on": date(2027, 1, 1)}, "asked_on"), ({"direction": "up"}, "direction"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_kept(change: dict[str, Any], field: str) -> None:
    town = Town()
    with pytest.raises(Invalid) as refused:
        beyond.open_beyond(actor=SYSTEM, new=wish(town, **change))
    assert field in refused.value.details and not BeyondTransfer.objects.exists()


def test_one_transfer_a_child_one_serial_number_and_reminders_when_it_stands_still() -> None:
    town = Town()
    made = beyond.open_beyond(actor=SYSTEM, new=wish(town, asked_on=today() - timedelta(days=40)))
    for again, told in ((wish(town), "没有办完"), (wish(town, number=town.child(4, "林河").number), "已经登记")):
        with pytest.raises(Conflict) as refused:
            beyond.open_beyond(actor=SYSTEM, new=again)
        assert told in refused.value.message
    with pytest.raises(Conflict):
        town.ask("transfer", town.second)
    assert BeyondTransfer.objects.count() == 1 and Case.objects.count() == 0
    assert beyond.remind_of_late() == beyond.remind_of_late() == 1
    assert "没有进展" in Todo.objects.get(module="service_hall", state="open").title
    for links in (
        {"asked": None},
        {"asked": today() + timedelta(days=1)},
        {"asked": today(), "in_school": today() - timedelta(days=1)},
    ):
        with pytest.raises(Invalid):
            beyond.note_progress(actor=SYSTEM, beyond_id=made.id, links=links)
    beyond.note_progress(
        actor=SYSTEM, beyond_id=made.id, links={"asked": today() - timedelta(days=40), "in_school": today()}
    )
    made.refresh_from_db()
    assert beyond.remind_of_late() == 0 and made.due_on > today() and made.serial == ""
    with pytest.raises(Conflict) as early:
        beyond.end_beyond(actor=SYSTEM, beyond_id=made.id, done=True, ending="已办结")
    assert early.value.code == "no_serial"
    beyond.end_beyond(actor=SYSTEM, beyond_id=made.id, done=False, ending="对方省退回")
    with pytest.raises(Conflict):
        beyond.note_progress(actor=SYSTEM, beyond_id=made.id, links={"asked": today()})


def test_pages_for_school_county_and_family() -> None:
    town = Town()
    desk = accounts.signed_in(accounts.account_for(town.people["old"]))
    url = "/transfers/beyond/new"
    words = {
        "direction": "in", "school": town.school.code, "name": "田小麦", "grade": "G08", "other_province": "安徽省",
        "other_school": "阜阳三中", "asked_on": today().isoformat(),
    }  # fmt: skip
    assert desk.post(url, {**words, "other_school": ""}).status_code == 422
    assert desk.post(url, {**words, "school": town.second.code}).status_code == 422
    made = desk.post(url, words)
    assert "田小麦" in desk.get("/transfers/beyond").content.decode()
    county = accounts.signed_in(accounts.account_for(town.people["county"]))
    assert "等转入学校审核" in county.get("/transfers/beyond").content.decode()
    assert "空余学位" in county.get(made["Location"]).content.decode()
    far = accounts.signed_in(accounts.account_for(town.people["far"]))
    assert (
        far.get(made["Location"]).status_code == 403 and "田小麦" not in far.get("/transfers/beyond").content.decode()
    )
    assert far.post(made["Location"] + "/end", {"closed": "1", "ending": "不办"}).status_code == 403
    days = {"asked": today().isoformat(), "in_school": today().isoformat(), "number": town.pupil.number}
    assert "下周" not in desk.post(made["Location"] + "/progress", days, follow=True).content.decode()
    assert BeyondTransfer.objects.get().name == "周禾"
    told = desk.post(made["Location"] + "/progress", {"asked": "昨天"}, follow=True).content.decode()
    assert "没有读懂" in told
    phone = accounts.signed_in(accounts.account_for(town.mother))
    page = phone.get("/services/guides/beyond").content.decode()
    assert "安徽省" in page and "跨省在途" in page and phone.get("/transfers/beyond").status_code == 403


def proof() -> SimpleUploadedFile:
    return SimpleUploadedFile("户口簿.pdf", b"%PDF-1.7", "application/pdf")


def asked(town: Town, **more: Any) -> Case:
    made: Case = key_data.ask_key_data(**{
        "actor": town.actor("mother"), "person_id": town.pupil.id, "field": "name", "value": "周稼禾", "reason": "户口簿改名",
        "proof": [proof()], **more,
    })  # fmt: skip
    return made


def test_a_familys_wish_is_the_registers_ticket_and_ends_with_the_national_file() -> None:
    town = Town()
    case = asked(town)
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.case_id) == ("asked", case.id)
    with pytest.raises(Conflict):
        asked(town)
    town.do(case, "old", "agree")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.opened_by) == ("open", "经办old")
    with pytest.raises(Conflict) as early:
        town.do(case, "old")
    assert early.value.code == "not_yet"
    load(today().isoformat(), [row(2, "周稼禾")])
    deliver_events()
    case.refresh_from_db()
    ticket.refresh_from_db()
    assert (case.state, ticket.state) == ("done", "closed")


def test_sensitive_values_stay_sealed_and_what_is_refused_leaves_nothing() -> None:
    town = Town()
    for change in ({"proof": []}, {"field": "sex", "value": "3"}, {"value": "=1+1"}, {"reason": ""}):
        with pytest.raises(Invalid):
            asked(town, **change)
    for who in ("old", "county"):
        with pytest.raises(Forbidden):
            asked(town, actor=town.actor(who))
    assert not Ticket.objects.exists() and not Case.objects.exists()
    case = asked(town, field="id_number", value="330102201304090021")
    kept = workflow.get_case(SYSTEM, case.id).fields
    assert kept["wanted"] == "330****021" and "330102201304090021" not in str(kept)
    task = Task.objects.get(case=case, state="open")
    assert task.node == "school"
    town.do(case, "old", "refuse", comment="证件不符")
    deliver_events()
    assert Ticket.objects.get().state == "withdrawn"


def test_a_school_that_withdraws_the_ticket_ends_the_case() -> None:
    town = Town()
    case = asked(town)
    town.do(case, "old", "agree")
    withdraw_ticket(actor=town.actor("old"), ticket_id=Ticket.objects.get().id)
    deliver_events()
    case.refresh_from_db()
    assert (case.state, case.reason) == ("cancelled", "学校撤回了变更登记")


def test_a_mother_asks_on_her_phone() -> None:
    town = Town()
    phone = accounts.signed_in(accounts.account_for(town.mother))
    assert "/services/begin/key_data" in phone.get("/services/guides/key_data").content.decode()
    at = phone.get("/services/begin/key_data")["Location"]
    words = {"child": town.pupil.number, "field": "birth_date", "value": "去年", "reason": "登记错了", "proof": proof()}
    assert "想改成的值不对" in phone.post(at, words).content.decode()
    made = phone.post(at, {**words, "value": "2013-04-19", "proof": proof()})
    page = phone.get(made["Location"]).content.decode()
    assert "2013-04-**" in page and "就读学校核对原件" in page
    desk = accounts.signed_in(accounts.account_for(town.people["old"]))
    assert "家长的申请和材料" in desk.get("/reconciliation/tickets?state=asked").content.decode()
