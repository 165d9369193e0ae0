"""学位余量: arithmetic, plans, board, what families see; rules of a county on their pages."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.governance.service_hall import register
from lingqu.governance.service_hall.models import GuideNote, PlaceRule, SeatPlan
from lingqu.governance.service_hall.selectors import rules as rule_reading
from lingqu.governance.service_hall.selectors import seats as reading
from lingqu.governance.service_hall.services import rules as rule_services
from lingqu.governance.service_hall.services import seats as services
from lingqu.governance.service_hall.types.seats import Seats, sums_of
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Invalid
from lingqu.kernel.ids import uuid7

from .test_papers import text_of

SYSTEM = Actor.system("tests")
small = st.integers(0, 60)


@given(classes=small, per_class=st.integers(1, 60), sitting=st.integers(0, 4000), pending=small)
def test_places_add_up(classes: int, per_class: int, sitting: int, pending: int) -> None:
    line = Seats(school_id=uuid7(), grade="G07", classes=classes, per_class=per_class, sitting=sitting, pending=pending)
    assert line.free - line.over == classes * per_class - sitting - pending
    assert line.free == 0 or line.over == 0
    sums = sums_of([line, line])
    assert (sums.places, sums.free, sums.over) == (2 * line.places, 2 * line.free, 2 * (line.over > 0))


@pytest.fixture
def county(db: None) -> Any:
    registry.prepare()
    return people.make_organisation(kind="region", name="青湾县")


def school_with(county: Any, *sizes: tuple[str, int], **fields: Any) -> Any:
    school = people.make_school(county, **fields)
    for serial, (grade, size) in enumerate(sizes, 1):
        people.make_class(school, grade, serial, size=size)
    return school


def test_without_a_plan_the_classes_that_exist_count_with_the_countys_places(county: Any) -> None:
    school = school_with(county, ("G07", 50), ("G07", 47), ("G08", 52))
    lines = {line.grade: line for line in reading.seats_of([school])[school.id]}
    assert (lines["G07"].places, lines["G07"].sitting, lines["G07"].free, lines["G07"].is_entry) == (100, 97, 3, True)
    assert (lines["G08"].free, lines["G08"].over) == (0, 2)
    assert reading.free_at(school, "G07") == 3 and reading.free_at(school, "G12") == 0


def test_a_plan_counts_and_five_four_schools_have_their_own_stages(county: Any) -> None:
    school = school_with(county, ("G06", 45), schooling="five_four")
    assert reading.seats_of([school])[school.id][0].per_class == 50
    services.save_plan(
        actor=SYSTEM, year=registry.current_school_year(), lines=services.read_plan(f"{school.code}\t六年级\t2\t40\n{school.code}\tG07\t1\t"),
    )  # fmt: skip
    lines = {line.grade: line for line in reading.seats_of([school])[school.id]}
    assert (lines["G06"].free, lines["G06"].planned, lines["G07"].free) == (35, True, 50)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("学校\t年级\t班数\t每班\n{code}\t七年级\t两\t", "第 2 行：班数应为 0 到 99 的整数。"), ("{code}\t初七\t2\t", "第 1 行：年级写成“七年级”或 G07。"),
        ("{code}\t七年级\t2\t500", "第 1 行：每班学位应为 1 到 80 的整数。"), ("{code}\tG07\t1\t\n{code}\t七年级\t2\t", "第 2 行：这所学校的这个年级写了两次。"),
        ("{code}\tG07\t1\t\n0000\tG07\t2\t", "没有标识码为 0000 的学校，或者它不归本单位管理。"), ("\tG07\t1", "第 1 行：缺学校标识码。"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named_and_nothing_is_written(county: Any, text: str, told: str) -> None:
    school = school_with(county, ("G07", 40))
    with pytest.raises(Invalid) as refused:
        lines = services.read_plan(text.format(code=school.code))
        services.save_plan(actor=SYSTEM, year=registry.current_school_year(), lines=lines)
    assert refused.value.message == told and not SeatPlan.objects.exists()


@given(st.text(alphabet="G07七年级\t\n０12 ,x", max_size=60))
def test_whatever_is_pasted_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        lines = services.read_plan(text)
    except Invalid as refusal:
        assert refusal.message
    else:
        assert all(line.grade in registry.GRADES and 0 <= line.classes <= 99 for line in lines)


def clerk_of(county: Any) -> Any:
    person = people.make_teacher(county, "何清")
    accounts.give_duty(person, "county_officer", county)
    return accounts.signed_in(accounts.account_for(person))


def test_the_board_costs_the_same_for_any_number_of_schools(county: Any) -> None:
    for _turn in range(3):
        school_with(county, ("G07", 40), ("G08", 50))
    desk = clerk_of(county)
    desk.get("/seats")
    with CaptureQueriesContext(connection) as few:
        assert "30" in text_of(desk.get("/seats"))
    for _turn in range(20):
        school_with(county, ("G07", 40))
    with CaptureQueriesContext(connection) as many:
        assert desk.get("/seats").status_code == 200
    assert len(many) <= 12 and len(few) <= 12


def test_the_county_plans_a_school_on_its_page_and_takes_the_plan_out_again(county: Any) -> None:
    school = school_with(county, ("G07", 45))
    desk, url = clerk_of(county), f"/seats/{school.code}?year={registry.current_school_year()}"
    page = text_of(desk.get(url))
    assert "七年级" in page and "现有班级" in page
    assert desk.post(url, {"grade": ["G07"], "classes": ["x"], "per_class": [""]}).status_code == 422
    desk.post(url, {"grade": ["G07", "G08"], "classes": ["3", "2"], "per_class": ["45", ""]})
    assert reading.free_at(school, "G07") == 90 and reading.free_at(school, "G08") == 100
    desk.post(url, {"grade": ["G07", "G08"], "classes": ["3", "2"], "per_class": ["45", ""], "drop": ["G08"]})
    assert reading.free_at(school, "G08") == 0
    rows = f"{school.code}\t九年级\t1\t50"
    shown = text_of(desk.post("/seats/import", {"rows": rows}))
    assert "没有计划" in shown and "1 班 × 50" in shown and reading.free_at(school, "G09") == 0
    pasted = desk.post("/seats/import", {"rows": rows, "apply": "1"}, follow=True)
    assert "共 1 行，改动 1 行" in text_of(pasted) and reading.free_at(school, "G09") == 50
    assert "完全一样" in text_of(desk.post("/seats/import", {"rows": rows}))


def sheet_of(content: bytes, name: str) -> Any:
    return SimpleUploadedFile(name, content)


def test_the_template_comes_back_filled_in_and_is_shown_before_it_counts(county: Any) -> None:
    school = school_with(county, ("G07", 45), ("G08", 50), name="青湾实验中学")
    far = people.make_school(people.make_organisation(kind="region", name="青石县"), name="青石中学")
    desk = clerk_of(county)
    book = load_workbook(io.BytesIO(desk.get("/seats/template").content))
    sheet = book.active
    assert [cell.value for cell in sheet[3]][:3] == [school.code, "青湾实验中学", "七年级"] and sheet.max_row == 4
    sheet["D3"], sheet["E3"] = 3, 45
    held = io.BytesIO()
    book.save(held)
    shown = text_of(desk.post("/seats/import", {"file": sheet_of(held.getvalue(), "学位.xlsx")}))
    assert "3 班 × 45" in shown and "读到 1 行" in shown and not SeatPlan.objects.exists()
    sheet["D4"] = "四"
    sheet.append([far.code, "青石中学", "七年级", 2])
    held = io.BytesIO()
    book.save(held)
    wrong = desk.post("/seats/import", {"file": sheet_of(held.getvalue(), "学位.xlsx")})
    told = re.sub(r"\s+", " ", text_of(wrong))
    assert wrong.status_code == 422 and not SeatPlan.objects.exists()
    assert "班数应为 0 到 99 的整数" in told and f"没有标识码为 {far.code} 的学校" in told and "有 2 处不对" in told


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "学校标识码,年级,班数\n{code},七年级,2\n".encode("gb18030"), "2 班 × 按规则"),
        ("a.csv", "\ufeff年级,计划班数,学校代码,每班人数\nG07,２,{code},40\n".encode(), "2 班 × 40"),
        ("a.csv", "学校,人数\n甲,2\n".encode(), "没有找到“学校标识码”"), ("a.xlsx", b"PK\x03\x04broken", "打不开"),
        ("a.pdf", b"%PDF-1.7", "没有找到“学校标识码”"), ("a.csv", b"", "是空文件"),
    ],
)  # fmt: skip
def test_files_as_schools_send_them_are_read_or_refused_clearly(
    county: Any, name: str, content: bytes, told: str
) -> None:
    school = school_with(county, ("G07", 40))
    desk = clerk_of(county)
    content = content.replace(b"{code}", school.code.encode())
    assert told in text_of(desk.post("/seats/import", {"file": sheet_of(content, name)}))
    assert not SeatPlan.objects.exists()


def test_families_see_what_the_county_lets_them_see(county: Any, client: Any) -> None:
    school_with(county, ("G07", 44), name="第三中学")
    shown = {}
    for choice in ("whether", "number", "nothing"):
        values = {**rule_reading.shipped()["seats"].values, "shown": choice}
        rule_services.set_rule(
            actor=SYSTEM,
            organisation_code=county.code,
            kind="seats",
            values=values,
            source="县教育局文件",
            valid_from=today(),
        )
        shown[choice] = text_of(client.get(f"/services/seats?county={county.code}"))
    assert "七年级有" in shown["whether"] and "七年级 6" in shown["number"]
    assert "第三中学" not in shown["nothing"] and "不公开空余学位" in shown["nothing"]


def test_the_nearest_office_decides_and_a_change_leaves_the_past(county: Any) -> None:
    school = people.make_school(county)
    path, values = str(school.path), rule_reading.shipped()["suspension"].values
    assert rule_reading.rule_at(path, "suspension").organisation == ""
    later = today() + timedelta(days=10)
    for office, months, day in ((county.parent, 9, today()), (county, 6, today()), (county, 8, later)):
        rule_services.set_rule(
            actor=SYSTEM, organisation_code=office.code, kind="suspension", values={**values, "most_months": months},
            source="文件", valid_from=day,
        )  # fmt: skip
    assert rule_reading.suspension_rule(path).most_months == 6
    assert rule_reading.suspension_rule(path, later).most_months == 8
    assert rule_reading.suspension_rule(str(county.parent.path)).most_months == 9
    with pytest.raises(Invalid):
        rule_services.set_rule(
            actor=SYSTEM, organisation_code=county.code, kind="suspension", values=values, source="文件",
            valid_from=today() - timedelta(days=1),
        )  # fmt: skip
    assert PlaceRule.objects.filter(valid_to=None).count() == 2


def test_a_county_writes_its_transfer_rule_and_the_guide_tells_it(county: Any, client: Any) -> None:
    desk, url = clerk_of(county), f"/services/rules/{county.code}/transfer"
    assert "平台默认" in text_of(desk.get(f"/services/rules/{county.code}"))
    words = {
        "windows": "07-05 至 08-20 秋季", "leaving": "", "entry": "1", "grades": ["G08"], "same_grade": "on", "days": "7",
        "source": "青教〔2026〕12号第三条", "valid_from": today().isoformat(),
    }  # fmt: skip
    assert "没有读懂" in text_of(desk.post(url, {**words, "windows": "七月"}))
    assert desk.post(url, {**words, "source": ""}).status_code == 422
    assert desk.post(url, words).status_code == 302
    rule = rule_reading.transfer_rule(str(county.path))
    assert (rule.days, rule.refuses_suspended, [one.grade for one in rule.exclusions]) == (
        7,
        False,
        ["leaving", "entry", "G08"],
    )
    assert "八年级全年不转" in text_of(desk.get(f"/services/rules/{county.code}"))
    assert "青教〔2026〕12号" in text_of(desk.get("/services/guides/transfer"))
    desk.post(
        f"/services/rules/{county.code}/guides/study",
        {"contact": "基教科 0530-1", "days": "1", "materials": "身份证 免提交\n照片"},
    )
    page = text_of(desk.get("/services/guides/study"))
    assert "基教科 0530-1" in page and "照片" in page and GuideNote.objects.get().materials[0]["spared"] is True
    assert register.is_office(county.code)


def test_a_mother_is_told_that_nobody_leaves_school_in_g07(county: Any) -> None:
    school = people.make_school(county)
    child = people.make_pupil(people.make_class(school, "G07", name="七（1）班"), "周禾")
    phone = accounts.signed_in(accounts.account_for(people.make_guardian(child)))
    told = text_of(phone.get("/services/guides/withdrawal"))
    assert "现在不能办" in told and "七年级不得退学：义务教育阶段学校不得让学生退学" in told


def test_services_are_found_by_other_words_initials_and_themes(client: Any, db: None) -> None:
    def found(query: str) -> list[str]:
        return re.findall(r'href="/services/guides/(\w+)"', client.get(f"/services?{query}").content.decode())

    assert found("q=改名") == ["key_data"] and found("q=zdzm") == ["study"] and found("q=xyzzy") == []
    assert found("q=孩子生病住院")[0] == "suspension" and found("theme=leave") == ["suspension", "return", "withdrawal"]
    assert found("for=teacher") == [] and len(found("")) == 9
