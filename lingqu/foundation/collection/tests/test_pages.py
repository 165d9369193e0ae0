"""Pages of a table, from the province's file to the board, and every role times every action."""

from __future__ import annotations

import io
import re
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.inbox.testing import todos_of
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel.models import AuditEntry, Change

from .. import testing as making
from ..models import Answer, Collection, Report, Step
from ..types.marks import Marks

pytestmark = pytest.mark.django_db


class Place:
    """A county whose desk collects, a school with its office and principal, another county beside."""

    def __init__(self) -> None:
        registry.prepare()
        self.city = people.make_root()
        self.county = people.make_organisation(kind="bureau", name="青湾县教育局", phone="0530-1")
        self.clerk = people.make_teacher(self.county, "何清")
        people.make_post(self.county, "basic_education", a=self.clerk)
        self.school = people.make_school(self.county, name="第三中学", phone="0530-2")
        self.office_clerk = people.make_teacher(self.school, "白芸", phone="13800001111")
        self.office = people.make_post(self.school, "school_office", a=self.office_clerk)
        self.principal = _duty(self.school, "principal", "冯立")
        self.other = people.make_school(self.county, name="东滩小学")
        self.group = people.make_class(self.school)
        self.child = people.make_pupil(self.group, "周禾", sex="1")


def _duty(at: Any, kind: str, name: str) -> Any:
    person = people.make_teacher(at, name)
    person.duties.create(organisation=at, path=at.path, kind=kind, valid_from=people.START)
    return person


@pytest.fixture
def place(db: None) -> Place:
    return Place()


def browser(person: Any) -> Any:
    return accounts.signed_in(accounts.account_for(person))


def text_of(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return re.sub(r"<[^>]+>", "", content.decode())


def file(content: bytes = b"", name: str = "统计表.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or making.province_file())


def publish_the_file(place: Place) -> Answer:
    """The province's file becomes a table that both schools have; the answer of one of them."""
    desk = browser(place.clerk)
    assert "新建采集" in text_of(desk.get("/collections"))
    assert desk.post("/collections/new", {"way": "file", "file": file(b"PK\x03\x04")}).status_code == 422
    made = desk.post("/collections/new", {"way": "file", "file": file()})["Location"]
    collection = Collection.objects.get()
    assert collection.title == "统计表" and made == f"/collections/{collection.id}/define"
    page = text_of(desk.get(made))
    assert "在校男生（初中）" in page and "=C5+D5" in page and "骨干教师" in page
    mark = f"/collections/{collection.id}/mark"
    given = {
        "sheet": "1",
        "cell": ["1!C5", "1!D5"],
        "kind": "fill",
        "type": "integer",
        "low": "0",
        "required": "on",
        "summed": "on",
        "do": "mark",
    }
    assert "标记了 2 格" in text_of(desk.post(mark, given, follow=True))
    assert "不是单元格范围" in text_of(desk.post(mark, {**given, "range": "第五格"}, follow=True))
    assert "请选名册口径" in text_of(desk.post(mark, {**given, "kind": "figure"}, follow=True))
    looked = desk.post(mark, {"sheet": "1", "cell": "1!C6", "do": "look"}, follow=True)
    assert "几所学校试看" in text_of(looked)
    listed = {"sheet": "2", "range": "A3:C4", "kind": "list", "list_types": "文字、文字、整数", "do": "mark"}
    assert "已标记为名单" in text_of(desk.post(mark, listed, follow=True))
    rule = {"sheet": "1", "text": "F8≤E8", "told": "寄宿不能多于在校生", "level": "block"}
    assert "规则已加上" in text_of(desk.post(f"/collections/{collection.id}/rules", rule, follow=True))
    assert "看不懂" in text_of(desk.post(f"/collections/{collection.id}/rules", {**rule, "text": "F8!!"}, follow=True))
    terms = {
        "title": "基本情况", "deadline": "2099-01-01T12:00", "places": [place.county.code], "post_kind": "school_office",
        "needs_sign": "on",
    }  # fmt: skip
    assert desk.post(f"/collections/{collection.id}/terms", {**terms, "singles": "0000"}).status_code == 422
    assert desk.post(f"/collections/{collection.id}/terms", terms).status_code == 302
    assert "发给 2 所" in text_of(desk.get(f"/collections/{collection.id}/trial"))
    assert "编号 CJ-" in text_of(desk.post(f"/collections/{collection.id}/publish", follow=True))
    answer = Answer.objects.get(school=place.school)
    assert answer.post_id == place.office.id and answer.sheet.values["1!C6"] == "1"
    assert {one.address for one in todos_of("collection")} == {
        f"post:{place.office.id}", f"duty:school_admin@{place.other.label}",
    }  # fmt: skip
    return answer


def test_from_the_provinces_file_to_a_signed_report(place: Place) -> None:
    answer = publish_the_file(place)
    school, url = browser(place.office_clerk), f"/answers/{answer.id}"
    assert "基本情况" in text_of(school.get("/collections")) and "填报：基本情况" in text_of(school.get("/inbox"))
    page = school.get(url).content.decode()
    assert 'name="c-1!C5"' in page and 'name="c-1!C6"' not in page and 'value="' in page
    entered = {"sheet": "1", "do": "save", "c-1!C5": "x", "c-1!D5": "3", "c-1!C6": "999"}
    page = text_of(school.post(f"{url}/act", entered, follow=True))
    assert "1 格不对" in page and "基本情况 C5" in page and "要填数" in page
    refused = school.post(f"{url}/act", {**entered, "do": "submit"})
    assert refused.status_code == 422 and "不能提交" in text_of(refused)
    answer.sheet.refresh_from_db()
    assert answer.sheet.values["1!C6"] == "1" and answer.sheet.values["1!D5"] == "3"
    done = school.post(f"{url}/act", {**entered, "c-1!C5": "2", "do": "submit"}, follow=True)
    assert "等校长审签" in text_of(done)
    assert school.post(f"{url}/act", {"do": "sign"}).status_code == 403
    assert todos_of("collection", f"answer:{answer.id}")[0].state == "done"
    head = browser(place.principal)
    assert "请审签" in text_of(head.get("/inbox")) and "审签上报" in text_of(head.get(url))
    assert "校验码" in text_of(head.post(f"{url}/act", {"do": "sign"}, follow=True))
    assert head.post(f"{url}/act", {"do": "sign"}).status_code == 409
    frozen = Report.objects.get()
    assert (frozen.version, frozen.signed_by, frozen.filled_by, len(frozen.digest)) == (1, "冯立", "白芸", 64)
    read = load_workbook(io.BytesIO(head.get(f"{url}/versions/1").content), data_only=True)["基本情况"]
    assert (read["C5"].value, read["E5"].value, read["C8"].value) == (2, 5, 3)
    assert AuditEntry.objects.filter(action="collection.answer.signed").count() == 1
    assert Change.objects.filter(entity="collection.answer", entity_id=str(answer.id)).exists()


def test_the_board_reminds_notes_calls_and_checks(place: Place) -> None:
    collection = making.make_collection(place.county)
    mine, late = (Answer.objects.get(school=one) for one in (place.school, place.other))
    making.report(mine)
    desk, url = browser(place.clerk), f"/collections/{collection.id}"
    page = text_of(desk.get(url))
    assert "提醒未报 1 所" in page and "东滩小学" in page and "50.0%" in page
    page = text_of(desk.post(f"{url}/remind", follow=True))
    assert "已提醒 1 所" in page or "只在收件箱里提醒了 1 所" in page
    assert "四小时内" in text_of(desk.post(f"{url}/remind", follow=True))
    assert todos_of("collection", f"answer:{late.id}")[0].title.startswith("催报")
    call = {"do": "call", "heard_by": "门卫", "said": "下午报", "back": "board"}
    page = text_of(desk.post(f"/answers/{late.id}/check", call, follow=True))
    assert "2 次，最近" in page and "门卫 下午报" in page
    assert "请写明" in text_of(desk.post(f"/answers/{mine.id}/check", {"do": "return", "reason": " "}, follow=True))
    assert "已退回" in text_of(
        desk.post(f"/answers/{mine.id}/check", {"do": "return", "reason": "E8 与名册差 3 人"}, follow=True)
    )
    school = browser(place.office_clerk)
    assert "E8 与名册差 3 人" in text_of(school.get(f"/answers/{mine.id}"))
    again = making.report(Answer.objects.get(id=mine.id), {"1!C5": "101"})
    assert again.version == 2 and Report.objects.filter(answer=mine).count() == 2
    assert "审过 1 所" in text_of(desk.post(f"{url}/act", {"do": "accept"}, follow=True))
    assert "没有学校" not in text_of(desk.get(f"{url}/missing")) and "东滩小学" in text_of(desk.get(f"{url}/missing"))
    assert "不用报" in text_of(desk.post(f"/answers/{late.id}/check", {"do": "excuse", "reason": "停办"}, follow=True))
    assert "100.0%" in text_of(desk.get(url))
    fresh = people.make_school(place.county, name="新学校")
    assert "补发了 1 所" in text_of(desk.post(f"{url}/act", {"do": "add", "codes": fresh.code}, follow=True))
    assert "不是本单位" in text_of(desk.post(f"{url}/act", {"do": "add", "codes": place.county.code}, follow=True))
    assert "截止时间已改" in text_of(
        desk.post(f"{url}/act", {"do": "extend", "deadline": "2098-01-01T12:00"}, follow=True)
    )
    assert "已撤回" in text_of(desk.post(f"{url}/act", {"do": "withdraw", "reason": "省里不要了"}, follow=True))
    assert "省里不要了" in text_of(school.get(f"/answers/{mine.id}"))
    assert not [one for one in todos_of("collection") if one.state == "open"]
    kinds = set(Step.objects.filter(answer=mine).values_list("kind", flat=True))
    assert {"submitted", "signed", "returned", "accepted"} <= kinds


def test_excel_is_checked_cell_by_cell_and_nothing_half_kept(place: Place) -> None:
    making.make_collection(place.county)
    answer = Answer.objects.get(school=place.school)
    school, url = browser(place.office_clerk), f"/answers/{answer.id}"
    content = school.get(f"{url}/file").content
    book = load_workbook(io.BytesIO(content))
    sheet = book["基本情况"]
    assert sheet["B2"].value == "第三中学" and sheet["C6"].value in (None, "")
    for ref, value in {"C5": 40, "D5": "四十", "C6": 1, "D6": 0, "C7": 0, "D7": 5000}.items():
        sheet[ref] = value

    def sent() -> Any:
        out = io.BytesIO()
        book.save(out)
        return school.post(f"{url}/upload", {"file": file(out.getvalue())}, follow=True)

    refused = sent()
    page = text_of(refused)
    assert refused.status_code == 422 and "基本情况 D5 要填数" in page and "基本情况 D7 不能大于 3000" in page, re.sub(
        r"\s+", " ", page
    )
    answer.sheet.refresh_from_db()
    assert "1!C5" not in answer.sheet.values
    sheet["D5"], sheet["D7"] = 41, 0
    assert "已收下" in text_of(sent())
    answer.sheet.refresh_from_db()
    assert answer.sheet.values["1!D5"] == "41"
    assert "请选择文件" in text_of(school.post(f"{url}/upload"))


def test_two_clerks_at_once_and_the_register_again(place: Place) -> None:
    making.make_collection(place.county)
    answer = Answer.objects.get(school=place.school)
    school, url = browser(place.office_clerk), f"/answers/{answer.id}"
    stamp = re.findall(r'name="seen" value="([^"]*)"', school.get(url).content.decode())[0]
    form = {"sheet": "1", "do": "save", "c-1!C5": "2", "seen": stamp}
    assert school.post(f"{url}/act", form).status_code == 302
    refused = school.post(f"{url}/act", {**form, "c-1!C5": "3"})
    assert refused.status_code == 409 and "刚刚保存过" in text_of(refused)
    people.make_class(place.school, serial=2)
    page = text_of(school.post(f"{url}/act", {"do": "refresh"}, follow=True))
    assert "1 格有变化" in page, re.sub(r"\s+", " ", page)
    answer.sheet.refresh_from_db()
    assert answer.sheet.values["1!B6"] == "2" and answer.sheet.values["1!C5"] == "2"


def test_a_county_sees_its_part_of_the_citys_table_and_hands_it_up(place: Place) -> None:
    collection = making.make_collection(place.city)
    elsewhere = people.make_school(people.make_organisation(name="青石县教育局"), name="城关小学")
    assert not Answer.objects.filter(school=elsewhere).exists()
    mine = making.report(Answer.objects.get(school=place.school))
    making.report(Answer.objects.get(school=place.other))
    desk, url = browser(place.clerk), f"/collections/{collection.id}"
    assert "基本情况" in text_of(desk.get("/collections?part=sent"))
    page = text_of(desk.get(url))
    assert "2 / 2" in page.replace("\n", "") or "100.0%" in page
    assert "撤回这张表" not in page and desk.post(f"{url}/act", {"do": "close"}).status_code == 403
    county = {"do": "hand_up", "office": str(place.county.id)}
    assert "还有 2 所没有审过" in text_of(desk.post(f"{url}/act", county, follow=True))
    desk.post(f"{url}/act", {"do": "accept"})
    assert "已上报" in text_of(desk.post(f"{url}/act", county, follow=True))
    assert "本区县已经上报" in text_of(
        desk.post(f"/answers/{mine.id}/check", {"do": "return", "reason": "错"}, follow=True)
    )
    city = browser(_duty(place.city, "county_officer", "市里"))
    assert "已退回" in text_of(city.post(f"/answers/{mine.id}/check", {"do": "return", "reason": "错"}, follow=True))
    assert not collection.parts.exists()


def test_a_table_typed_on_the_page_goes_the_same_way(place: Place) -> None:
    desk = browser(place.clerk)
    words = {"way": "typed", "title": "护学岗", "head": "男、女、计", "rows": "小学\n初中\n"}
    assert desk.post("/collections/new", {**words, "rows": ""}).status_code == 422
    assert desk.post("/collections/new", words).status_code == 302
    collection = Collection.objects.get()
    cells = Marks.from_data(collection.marks).cells
    assert cells["1!B2"].figure == "school_name" and cells["1!B4"].figure == "boys:primary" and len(cells) == 7


@pytest.mark.parametrize("who", ["clerk", "office_clerk", "principal"])
def test_pages_are_bounded(place: Place, who: str) -> None:
    collection, draft = making.make_collection(place.county), making.make_draft(place.county)
    answer = making.report(Answer.objects.get(school=place.school))
    for at in range(12):
        people.make_school(place.county, name=f"校{at}")
    making.make_collection(place.county)
    client = browser(getattr(place, who))
    urls = ["/collections", f"/answers/{answer.id}"]
    if who == "clerk":
        urls += [f"/collections/{collection.id}", f"/collections/{collection.id}/merged", f"/collections/{draft.id}/define",
                 f"/collections/{collection.id}?inner=1", f"/collections/{draft.id}/terms"]  # fmt: skip
    for url in urls:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200, url
        assert len(queries) <= 12, (url, [str(one["sql"])[:150] for one in queries])


ACTIONS = ("index", "new", "define", "board", "remind", "accept", "merged", "fill", "save", "sign", "return", "export")
OFFICE = ("index", "new", "define", "board", "remind", "accept", "merged", "fill", "return", "export")
LOOKS = ("index", "board", "merged", "fill", "export")


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("clerk", OFFICE), ("county_officer", OFFICE), ("bureau_leader", LOOKS), ("office_clerk", ("index", "fill", "save")),
        ("school_admin", ("index", "fill", "save")), ("principal", ("index", "fill", "save", "sign")), ("teacher", ()),
        ("child", ()), ("stranger", ("index",)), ("other_county", ("index", "new")),
    ],
)  # fmt: skip
def test_every_role_times_every_action(place: Place, who: str, may: tuple[str, ...]) -> None:
    collection, draft = making.make_collection(place.county), making.make_draft(place.county)
    answer = Answer.objects.get(collection=collection, school=place.school)
    person = {
        "county_officer": lambda: _duty(place.county, "county_officer", "管"), "bureau_leader": lambda: _duty(place.county, "bureau_leader", "领"),
        "school_admin": lambda: _duty(place.school, "school_admin", "校管"), "teacher": lambda: people.make_teacher(place.school, "师"),
        "stranger": lambda: _duty(people.make_school(), "principal", "别校"),
        "other_county": lambda: _duty(people.make_organisation(), "county_officer", "别县"),
    }.get(who, lambda: getattr(place, who))()  # fmt: skip
    client, done = browser(person), set()
    base, page = f"/collections/{collection.id}", f"/answers/{answer.id}"
    for name, url, values in (
        ("index", "/collections", None), ("new", "/collections/new", None), ("define", f"/collections/{draft.id}/define", None),
        ("board", base, None), ("remind", f"{base}/remind", {}), ("accept", f"{base}/act", {"do": "accept"}),
        ("merged", f"{base}/merged", None), ("fill", page, None), ("save", f"{page}/act", {"do": "save", "sheet": "1", "c-1!C5": "1"}),
        ("sign", f"{page}/act", {"do": "sign"}), ("return", f"{page}/check", {"do": "return", "reason": "x"}),
        ("export", f"{base}/export", None),
    ):  # fmt: skip
        answer_ = client.get(url) if values is None else client.post(url, values)
        assert answer_.status_code in (200, 302, 403, 409), (name, answer_.status_code)
        if answer_.status_code != 403:
            done.add(name)
    assert done == set(may)


def test_forged_ids_are_refused_alike(place: Place) -> None:
    desk, nobody = browser(place.clerk), UUID(int=7)
    for url in (
        f"/collections/{nobody}",
        f"/collections/{nobody}/define",
        f"/answers/{nobody}",
        f"/collections/{nobody}/flat",
    ):
        assert desk.get(url).status_code == 403, url
