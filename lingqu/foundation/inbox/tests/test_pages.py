"""Pages in a browser: writing, reading, confirming, receipts; by posts and roles as they are given."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.inbox import testing as making
from lingqu.foundation.inbox.models import Notice, Receipt
from lingqu.foundation.inbox.services import todos
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel import clock
from lingqu.kernel.testing import deliver_events, run_jobs

pytestmark = pytest.mark.django_db


class Place:
    """A county's desk, a school with its office, a class with its head, a child with a mother."""

    def __init__(self) -> None:
        registry.prepare()
        self.county = people.make_organisation(kind="region")
        self.clerk = people.make_teacher(self.county, "何清")
        self.desk = people.make_post(self.county, "basic_education", a=self.clerk)
        self.school = people.make_school(self.county)
        self.office_clerk = people.make_teacher(self.school, "白芸")
        self.office = people.make_post(self.school, "school_office", a=self.office_clerk)
        self.group = people.make_class(self.school)
        self.head = people.make_head(self.group, people.make_teacher(self.school, "吴静"))
        self.child = people.make_pupil(self.group, "周禾")
        self.mother = people.make_guardian(self.child, "王若琳", phone="13800001111")


@pytest.fixture
def place(db: None) -> Place:
    return Place()


def browser(person: Any) -> Any:
    return accounts.signed_in(accounts.account_for(person))


def text_of(answer: Any) -> str:
    return re.sub(r"<[^>]+>", "", answer.content.decode())


def test_an_office_writes_to_its_schools_and_follows_the_receipts(place: Place) -> None:
    desk = browser(place.clerk)
    assert "写通知" in text_of(desk.get("/notices"))
    words = {
        "title": "冬季供暖安全自查", "text": "请于周五前完成。\n<script>alert(1)</script>", "needs_confirmation": "on",
        "places": [place.county.code], "posts": ["school_office"],
    }  # fmt: skip
    assert desk.post("/notices/new", {**words, "title": ""}).status_code == 422
    made = desk.post("/notices/new", words)
    notice = Notice.objects.get()
    assert made["Location"] == f"/notices/{notice.id}/draft"
    page = text_of(desk.get(made["Location"]))
    assert "1 个岗位" in page and "&lt;script&gt;" in page
    assert "冬季供暖" in desk.get(f"/notices/{notice.id}/edit").content.decode()
    assert desk.post(f"/notices/{notice.id}/edit", {**words, "title": "供暖自查"}).status_code == 302
    file = SimpleUploadedFile("表.pdf", b"%PDF-1.7")
    assert desk.post(f"/notices/{notice.id}/files", {"file": file}, follow=True).status_code == 200
    assert f"TZ-{registry.current_school_year()[:4]}-0001" in text_of(
        desk.post(f"/notices/{notice.id}/publish", follow=True)
    )
    school = browser(place.office_clerk)
    assert "供暖自查" in text_of(school.get("/inbox"))
    assert "签收" in text_of(school.get(f"/notices/{notice.id}"))
    assert "已读未确认1" in "".join(text_of(desk.get(f"/notices/{notice.id}/receipts")).split())
    kept = {"owner": place.office.id, f"note-{place.office.id}": "已自查"}
    kept[f"file-{place.office.id}"] = SimpleUploadedFile("回执.pdf", b"%PDF-1.7")
    assert "已确认" in text_of(school.post(f"/notices/{notice.id}/confirm", kept, follow=True))
    assert Receipt.objects.get().note == "已自查"
    assert "都确认了" in text_of(desk.get(f"/notices/{notice.id}/receipts"))
    for address in notice.attachments.values_list("id", flat=True):
        assert school.get(f"/notices/files/{address}")["Content-Disposition"].startswith("attachment")


def test_a_class_teacher_writes_to_the_own_class_and_records_a_call(place: Place) -> None:
    head, mother = browser(place.head), browser(place.mother)
    made = head.post("/notices/new", {"title": "家长会", "text": "周五下午", "needs_confirmation": "on"})
    notice = Notice.objects.get()
    assert head.post(f"/notices/{notice.id}/publish")["Location"] == f"/notices/{notice.id}/receipts", made.content
    assert "为周禾确认" in text_of(mother.get(f"/notices/{notice.id}"))
    page = text_of(head.get(f"/notices/{notice.id}/receipts"))
    assert "138****1111" in page and "13800001111" not in page
    assert "138****1111" in text_of(head.get(f"/notices/{notice.id}/receipts/print"))
    record = {"subject": place.child.id, "kind": "child", "way": "phone", f"heard-{place.child.id}": "外婆"}
    assert head.post(f"/notices/{notice.id}/receipts/record", record).status_code == 302
    receipt = Receipt.objects.get()
    assert (receipt.way, receipt.heard_by, receipt.by_name) == ("phone", "外婆", "吴静")
    assert "已确认" in text_of(mother.get(f"/notices/{notice.id}"))


def test_passing_on_and_correcting(place: Place) -> None:
    notice = making.make_notice(place.desk, [making.to_posts(place.county)])
    school, other = browser(place.office_clerk), browser(place.head)
    assert other.get(f"/notices/{notice.id}").status_code == 403
    words = {"post": place.office.id, "kind": "circulate", "to": f"person:{place.head.number}", "text": "请阅"}
    assert "请阅" in text_of(school.post(f"/notices/{notice.id}/pass-on", words, follow=True))
    assert "请阅" in text_of(other.get(f"/notices/{notice.id}"))
    desk = browser(place.clerk)
    draft = desk.post(f"/notices/{notice.id}/correct")["Location"]
    correction = Notice.objects.exclude(id=notice.id).get()
    assert draft == f"/notices/{correction.id}/edit"
    assert desk.post(f"/notices/{correction.id}/publish").status_code == 302
    assert "以更正后的为准" in text_of(school.get(f"/notices/{notice.id}"))
    assert "原因" in text_of(desk.post(f"/notices/{correction.id}/withdraw", {"reason": ""}, follow=True))
    assert "已撤回" in text_of(desk.post(f"/notices/{correction.id}/withdraw", {"reason": "误发"}, follow=True))


def test_to_dos_stand_in_the_inbox_until_their_module_ends_them(place: Place) -> None:
    school = browser(place.office_clerk)
    put = {"module": "quality", "key": "order:1", "address": f"post:{place.office.id}", "url": "/quality"}
    for title in ("处理 3 条问题", "处理 4 条问题"):
        todos.put_todo(**put, title=title)
    page = text_of(school.get("/inbox"))
    assert "处理 4 条问题" in page and "处理 3 条问题" not in page
    assert [todos.close_todo(module="quality", key="order:1") for _one in range(2)] == [True, False]
    assert "处理 4 条问题" not in text_of(school.get("/inbox?tab=todos"))
    todos.put_todo(**put, title="又有了")
    assert "又有了" in text_of(school.get("/inbox"))
    assert todos.withdraw_todo(module="quality", key="order:1")
    with pytest.raises(ValueError, match="path"):
        todos.put_todo(**{**put, "url": "//evil.example"}, title="x")


def test_the_bell_counts_exactly_and_is_rung_for_everybody_who_reads_for_the_child(
    place: Place, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LINGQU_LIVE = True
    told: list[str] = []
    monkeypatch.setattr("lingqu.kernel.live.payload", lambda topic, _id="": told.append(topic) or topic)
    father = people.make_guardian(place.child, "周父")
    rooms = browser(place.mother), browser(father)
    assert "/inbox/bell" in rooms[0].get("/inbox").content.decode()
    assert "没有未读" in text_of(rooms[0].get("/inbox/bell"))
    notice = making.make_notice(place.office, [making.to_class(place.group)])
    todos.put_todo(module="m", key="1", address=f"person:{place.mother.id}", title="x", url="/x")
    with CaptureQueriesContext(connection) as captured:
        page = rooms[0].get("/inbox/bell").content.decode()
    assert "共 2 件" in page and len(captured) <= 12
    heard = {signed.split("|")[1].rsplit(":", 2)[0] for signed in re.findall(r"[^ \"]+\|[^ \"]+", page)}
    assert {f"inbox:class.{place.group.id}", f"inbox:person.{place.mother.id}"} <= heard & set(told)
    told.clear()
    rooms[0].get(f"/notices/{notice.id}")
    assert told == [f"inbox:child.{place.child.id}"] and told[0] in heard
    assert "共 1 件" in text_of(rooms[0].get("/inbox/bell?inner=1"))
    assert "没有未读" in text_of(rooms[1].get("/inbox/bell?inner=1"))


def test_sending_again_shows_who_is_new_and_then_sends(place: Place) -> None:
    desk = browser(place.clerk)
    notice = making.make_notice(place.desk, [making.to_class(place.group)])
    assert "补发" in text_of(desk.get(f"/notices/{notice.id}/receipts"))
    address = f"/notices/{notice.id}/again"
    chosen = {"places": [place.county.code], "posts": ["school_office"], "pupils": ["all"], "families": ["all"]}
    assert "已经发给" in text_of(desk.get(address))
    with CaptureQueriesContext(connection) as captured:
        page = text_of(desk.post(address, {**chosen, "step": "preview"}))
    assert "1 个岗位" in page and "1 人" in page and "1 名孩子" not in page and len(captured) <= 20
    assert notice.targets.count() == 1
    assert desk.post(address, {**chosen, "step": "send"})["Location"] == f"/notices/{notice.id}/receipts"
    assert notice.targets.count() == 4
    refused = desk.post(address, {**chosen, "step": "send"})
    assert refused.status_code == 422 and "还没有发过" in text_of(refused)
    assert browser(place.mother).get(address).status_code == 403
    assert notice.title in text_of(browser(place.child).get(f"/notices/{notice.id}"))


def test_a_class_teacher_may_write_to_the_pupils_too(place: Place) -> None:
    head = browser(place.head)
    words = {"title": "春游", "text": "请带水。", "needs_confirmation": "on", "pupil_classes": [str(place.group.id)]}
    made = head.post("/notices/new", words)["Location"]
    assert "1 名孩子 1 人" in " ".join(text_of(head.get(made)).split())


def test_who_is_no_person_has_no_bell(place: Place) -> None:
    client = accounts.signed_in(accounts.duty_account("system_admin"))
    assert "/inbox/bell" not in client.get("/").content.decode()
    assert "没有未读" in text_of(client.get("/inbox/bell"))


@pytest.mark.parametrize("who", ["clerk", "office_clerk", "head", "mother"])
def test_pages_are_bounded(place: Place, who: str) -> None:
    notice = making.make_notice(place.desk, [making.to_posts(place.county), making.to_families(place.county)])
    client = browser(getattr(place, who))
    client.get("/inbox")
    for url in ("/inbox", f"/notices/{notice.id}", "/notices", f"/notices/{notice.id}/receipts", "/notices/new"):
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        told = [str(query["sql"])[:150] for query in queries]
        assert len(queries) <= 12, (url, told)


ACTIONS = ("list", "new", "receipts", "record", "remind", "publish", "withdraw")


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("clerk", ACTIONS), ("office_clerk", ("list", "new", "receipts", "record")), ("head", ("list", "new", "receipts", "record")),
        ("mother", ()), ("child", ()), ("teacher", ()), ("principal", ("list", "receipts")),
    ],
)  # fmt: skip
def test_every_role_times_every_action(place: Place, who: str, may: tuple[str, ...]) -> None:
    """On a notice of the county to the families: its desk manages it, the school and the class teacher see their part."""
    principal = people.make_teacher(place.school, "校长")
    principal.duties.create(
        organisation=place.school, path=place.school.path, kind="principal", valid_from=people.START
    )
    notice = making.make_notice(place.desk, [making.to_families(place.county)])
    draft = making.make_draft(place.desk, [making.to_families(place.county)])
    person = {"teacher": people.make_teacher(place.school, "师"), "principal": principal}.get(who) or getattr(
        place, who
    )
    client, done = browser(person), set()
    record = {"subject": place.child.id, "kind": "child", "way": "paper"}
    for name, url, values in (
        ("list", "/notices", None), ("new", "/notices/new", None), ("receipts", f"/notices/{notice.id}/receipts", None),
        ("record", f"/notices/{notice.id}/receipts/record", record), ("publish", f"/notices/{draft.id}/publish", {}),
        ("remind", f"/notices/{notice.id}/remind", {}), ("withdraw", f"/notices/{notice.id}/withdraw", {"reason": "误发"}),
    ):  # fmt: skip
        answer = client.get(url) if values is None else client.post(url, values)
        assert answer.status_code in (200, 302, 403), (name, answer.status_code)
        if answer.status_code != 403:
            done.add(name)
    assert done == set(may)
    stranger = browser(people.make_head(people.make_class()))
    assert {stranger.get(f"/notices/{one.id}/receipts").status_code for one in (notice, draft)} == {403}


def test_a_handed_over_post_takes_its_rights_along(place: Place) -> None:
    former = browser(place.clerk)
    assert former.get("/notices").status_code == 200
    fresh = people.make_teacher(place.county, "新人")
    registry.hand_over(actor=making.SYSTEM, post_id=place.desk.id, place="a", person_id=fresh.id, on=clock.today())
    deliver_events()
    assert former.get("/notices").status_code == 403
    assert browser(fresh).get("/notices").status_code == 200
    assert identity.actor_for(accounts.account_for(fresh)).holds("inbox.notice.send", str(place.county.path))


def test_the_board_reminds_and_tells_how_often(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime(2026, 11, 24, 12, 0, tzinfo=clock.ZONE)
    monkeypatch.setattr(clock, "now", lambda: noon)
    head = browser(place.head)
    head.post("/notices/new", {"title": "家长会", "text": "周五下午", "needs_confirmation": "on"})
    notice = Notice.objects.get()
    head.post(f"/notices/{notice.id}/publish")
    url = f"/notices/{notice.id}/receipts"
    assert "提醒还没确认的" in text_of(head.get(url))
    assert "正在发出提醒" in text_of(head.post(f"/notices/{notice.id}/remind", follow=True))
    assert "正在发" in text_of(head.get(url))
    run_jobs("inbox.send_reminders")
    page = text_of(head.get(url))
    assert "提醒到 1 / 1" in page and "已提醒 1 次，最近 11-24 12:00" in page.replace("2026-", "")
    assert "刚提醒过" in text_of(head.post(f"/notices/{notice.id}/remind", follow=True))
    mother = browser(place.mother)
    assert mother.post(f"/notices/{notice.id}/remind").status_code == 403


def test_a_draft_says_when_it_will_remind(place: Place) -> None:
    desk = browser(place.clerk)
    until = (clock.now() + timedelta(days=5)).astimezone(clock.ZONE)
    words = {
        "title": "供暖自查", "text": "请自查。", "needs_confirmation": "on", "places": [place.county.code],
        "posts": ["school_office"], "remind_before": "1", "is_urgent": "on",
    }  # fmt: skip
    assert "自动提醒要有截止时间" in text_of(desk.post("/notices/new", words))
    made = desk.post("/notices/new", {**words, "deadline": until.strftime("%Y-%m-%dT%H:%M")})
    notice = Notice.objects.get()
    assert (notice.remind_before, notice.is_urgent) == (1, True)
    page = text_of(desk.get(made["Location"]))
    assert "自动提醒" in page and "紧急：节假日也发" in page
    assert 'value="1" selected' in desk.get(f"/notices/{notice.id}/edit").content.decode()


def test_quiet_hours_are_set_by_the_office_for_all_below(place: Place) -> None:
    place.clerk.duties.create(
        organisation=place.county, path=place.county.path, kind="county_officer", valid_from=people.START
    )
    county, url = browser(place.clerk), f"/notices/quiet-hours/{place.county.code}"
    assert url in county.get(f"/organisations/{place.county.code}").content.decode()
    assert "按平台的默认值" in text_of(county.get(url))
    wrong = county.post(url, {"starts": "08:00", "ends": "07:00"})
    assert wrong.status_code == 422 and "至少留出 4 个小时" in text_of(wrong)
    assert county.post(url, {"starts": "x", "ends": ""}).status_code == 422
    assert county.post(url, {"starts": "20:00", "ends": "08:30", "holidays": "on"}).status_code == 302
    assert "本单位的设置" in text_of(county.get(url)) and "20:00" in county.get(url).content.decode()
    assert county.post(url, {"unset": "1"}).status_code == 302
    assert "按平台的默认值" in text_of(county.get(url))
    assert county.get(f"/notices/quiet-hours/{place.school.code}").status_code == 403
    assert county.get(f"/notices/quiet-hours/{people.make_organisation(kind='region').code}").status_code == 403


@pytest.mark.parametrize(
    ("who", "may"),
    [("county_officer", True), ("bureau_leader", False), ("principal", False), ("school_admin", False), ("register_officer", False)],
)  # fmt: skip
def test_only_county_administrators_set_quiet_hours(place: Place, who: str, may: bool) -> None:
    at = place.county if who in ("county_officer", "bureau_leader") else place.school
    person = people.make_teacher(at, "某")
    person.duties.create(organisation=at, path=at.path, kind=who, valid_from=people.START)
    client, url = browser(person), f"/notices/quiet-hours/{place.county.code}"
    assert client.get(url).status_code == (200 if may else 403)
    assert client.post(url, {"starts": "20:00", "ends": "08:00"}).status_code == (302 if may else 403)
