"""A user's first hour at the register, in a real browser: the county's own file, the village class teacher, the year that turns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.intake.models import Import
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as register
from lingqu.foundation.registry.models import ClassGroup, Enrolment
from lingqu.foundation.statistics import testing as statistics
from lingqu.foundation.statistics.models import Sheet
from lingqu.kernel import clock
from lingqu.kernel.testing import run_jobs
from tests.journeys.county_file import CLASSES, DAMAGED, SCHOOLS, TWICE, WITHOUT_ID, write_county_file
from tests.yearly.worlds import FROM, TURN, add_pupil, everything, five_four_nine_year, new_pupil

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
YEAR = "2027-2028"
AUGUST = datetime(2027, 8, 20, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fresh(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.LINGQU_HOME = str(tmp_path / "home")
    (tmp_path / "home").mkdir()
    forget_standings()
    registry.prepare()
    yield


# ---- the county's own file --------------------


def deliver(screen: Any, path: Path) -> Import:
    """From the list of imports, by what stands on the pages, until the file is checked."""
    page = screen.visit("/imports")
    page.get_by_role("link", name="导入名册").last.click()
    page.set_input_files("[name=rosters]", str(path))
    page.get_by_role("button", name="上传并校验").click()
    page.wait_for_url("**/imports/IM-*")
    return settled(screen)


def settled(screen: Any) -> Import:
    screen.page.goto("about:blank")
    run_jobs()
    record = Import.objects.order_by("-created_at")[0]
    screen.visit(f"/imports/{record.number}")
    return record


def apply(screen: Any, button: str) -> Import:
    screen.page.get_by_role("button", name=button).click()
    screen.page.wait_for_url("**/imports/IM-*")
    return settled(screen)


def test_the_countys_own_file(desktop: Any, tmp_path: Path) -> None:
    """Hand count = report; every problem names row, column and who must fix it; the second delivery says 无变化."""
    path = tmp_path / "南陌县学生名册.xls"
    count = write_county_file(path)
    registry.ensure_root()
    operator = testing.duty_account("operator")
    desktop.sign_in(operator.login, testing.PASSWORD)
    record = deliver(desktop, path)
    page = desktop.page
    assert (record.counts["rows"], record.counts["rejected"]) == (
        count.rows + len(SCHOOLS) + len(CLASSES),
        count.blocked,
    )
    desktop.shoot("first-hour-report")
    desktop.check()
    for rule, number in (("证件号损坏", DAMAGED), ("文件内重复", TWICE), ("没有证件号", WITHOUT_ID)):
        page.get_by_role("link", name="按规则").click()
        row = page.locator("#findings tr", has_text=rule)
        assert row.locator("td").nth(2).inner_text() == str(number)
        row.get_by_role("link").click()
        assert page.locator("#findings tbody tr").count() == number
    first = count.rows_of("id_damaged")[0]
    problem = next(one for one in count.problems if one.row == first)
    page.goto(page.url.split("?")[0] + f"?row={first}#findings")
    told = page.locator("#findings tbody tr").first.inner_text()
    assert problem.who in told and problem.column in told and problem.says in told
    good = record.counts["rows"] - record.counts["rejected"]
    assert apply(desktop, f"先写入 {good} 行").state == "applied"
    desktop.shoot("first-hour-applied")
    desktop.check()
    assert Enrolment.objects.count() == count.pupils - DAMAGED
    deliver(desktop, path)
    assert apply(desktop, f"先写入 {good} 行").state == "applied"
    page.get_by_text("这些内容登记过了，没有新增也没有更新。").wait_for()
    desktop.shoot("first-hour-unchanged")
    desktop.check()


# ---- the class teacher of a village point --------------------


def village() -> tuple[Any, ClassGroup, Any]:
    registry.ensure_school_year(FROM)
    point = register.make_school(name="柳堤教学点", school_type="218")
    type(point).objects.filter(id=point.id).update(kind="teaching_point")
    group = register.make_class(point, "G01", 1, name="1+2复式班", written_name="1+2复式班", kind="multigrade")
    group.grades = ["G01", "G02"]
    group.save()
    for number in range(11):
        child = register.make_pupil(group, f"石{'小大明亮青山水木金火土'[number]}", class_number=number + 1)
        child.enrolments.update(grade=f"G0{number % 2 + 1}")
        testing.account_for(child, "")
    registry.recount()
    head = register.make_head(group, register.make_teacher(point, "杨水生"))
    return point, group, testing.account_for(head)


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_the_village_class_teacher(request: pytest.FixtureRequest, live_server: Any, width: str) -> None:
    """Finds the class from home, corrects a phone, prints list and slips, sees eleven children and no other school."""
    screen = request.getfixturevalue(width)
    _point, group, account = village()
    other = register.make_school(name="邻村小学")
    screen.sign_in(account.login, testing.PASSWORD)
    page = screen.visit("/")
    screen.shoot("first-hour-teacher-home")
    page.get_by_role("main").get_by_role("link", name="1+2复式班").first.click()
    page.wait_for_url(f"**/classes/{group.id}")
    screen.shoot("first-hour-class")
    screen.check()
    assert page.locator("main table tbody tr").count() == 11
    page.get_by_role("link", name="石明").click()
    page.get_by_role("link", name="变更信息").click()
    page.fill("[name=phone]", "13900000017")
    page.fill("[name=reason]", "家长换号")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/people/*")
    page.get_by_text("139****0017").first.wait_for()
    screen.check()
    page.goto(f"{screen.base}/classes/{group.id}")
    page.get_by_role("link", name="打印花名册").click()
    page.wait_for_url("**/roster**", wait_until="load")
    assert page.get_by_text("石").count() >= 11
    screen.shoot("first-hour-roster")
    screen.check()
    screen.visit(f"/classes/{group.id}")
    page.get_by_role("link", name="账号与开通单").first.click()
    page.get_by_role("link", name="打印开通单").first.click()
    with page.expect_download() as printed:
        page.get_by_role("button", name="下载 PDF").first.click()
    assert Path(printed.value.path()).read_bytes()[:5] == b"%PDF-"
    screen.visit(f"/schools/{other.code}", status=403)
    assert "无权查看" in page.inner_text("main")


# ---- the year turns --------------------


def printed(page: Any, part: str) -> dict[str, int]:
    """Heading → figure of the last line of one part of the sheet."""
    table = page.locator(f"section:has(#p-{part}) table")
    heads = table.locator("th").all_inner_texts()
    cells = table.locator("tbody tr").last.locator("td").all_inner_texts()
    return {
        head: int(cell.replace(",", ""))
        for head, cell in zip(heads, cells, strict=True)
        if cell.replace(",", "").isdigit()
    }


def class_sizes(page: Any) -> dict[str, int]:
    rows = page.locator("#classes tbody tr").all()
    return {row.locator("th a").inner_text(): int(row.locator("td").first.inner_text()) for row in rows}


def test_a_nine_year_school_turns_the_year(desktop: Any, screens: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables = sheet = class pages; previewed, decided, applied, undone and applied again; the sheet stays what it was."""
    registry.ensure_school_year(FROM)
    school = five_four_nine_year()
    first = ClassGroup.objects.get(school=school, grades=["G07"])
    add_pupil(first, "季晓", state="02", attendance="absent")
    new_pupil(school, "G01")
    registry.recount()
    taken = statistics.take(registry.root_organisation())
    asked = statistics.make_round(registry.root_organisation(), snapshot_id=taken.id)
    clerk = testing.duty_account("school_admin", school)
    desktop.sign_in(clerk.login, testing.PASSWORD)
    page = desktop.visit(f"/statistics/rounds/{asked.id}/schools/{school.code}")
    page.get_by_role("button", name="提交", exact=True).click()
    page.get_by_text("等校长确认。").wait_for()
    sizes, figures = class_sizes(page), printed(page, "pupils")
    assert (len(sizes), figures["班数"]) == (9, 9)
    assert figures["小计"] == sum(sizes.values()), "the child away fills no seat, next autumn's does not count yet"
    away = printed(page, "attendance")
    assert (away["就读合计"], away["有籍不在读（休学）"]) == (figures["小计"], 1)
    tables = desktop.visit(f"/statistics/snapshots/{taken.id}?place={school.code}").inner_text("main")
    assert f"{figures['小计']}" in tables
    desktop.visit(f"/statistics/rounds/{asked.id}/schools/{school.code}")
    desktop.shoot("first-hour-sheet")
    desktop.check()
    page.locator("#classes tbody th a").first.click()
    assert page.get_by_text("甲").count() >= 1
    page.goto(f"{desktop.base}/classes/{first.id}")
    names = {name for name in ("甲7", "乙7", "丙7", "季晓") if page.get_by_role("link", name=name).count()}
    assert names == {"甲7", "乙7", "丙7", "季晓"}
    with monkeypatch.context() as summer:
        summer.setattr(clock, "now", lambda: AUGUST)
        _turn(screens(1440), school, first)
        _still_signs_in(screens(390), "甲9")
    page.goto(f"{desktop.base}/statistics/rounds/{asked.id}/schools/{school.code}")
    assert (class_sizes(page), Sheet.objects.count()) == (sizes, 1)


def _turn(screen: Any, school: Any, group: ClassGroup) -> None:
    """The officer's August: everything through pages, the register read beside them."""
    registry.prepare()
    registry.recount()
    before, junior, leaving = everything(), open_rows(school, "G06"), open_rows(school, "G09")
    officer = testing.duty_account("register_officer")
    screen.sign_in(officer.login, testing.PASSWORD)
    page = screen.visit(f"/yearly/rollover?year={YEAR}")
    page.get_by_role("button", name="算出预览").first.click()
    _worked(screen)
    assert everything() == before, "a preview writes nothing"
    _decide(screen, school, group)
    _confirm(screen, "应用 1 所", "应用")
    screen.shoot("first-hour-rollover-applied")
    screen.check()
    _went_up(screen, school, junior, leaving)
    _confirm(screen, "撤销 1 所", "撤销")
    assert everything() == before, "undone is as before"
    page.locator("#schools tbody").get_by_text("可应用", exact=True).wait_for()
    screen.check()
    _confirm(screen, "应用 1 所", "应用")
    _went_up(screen, school, junior, leaving)


def _still_signs_in(screen: Any, name: str) -> None:
    """A graduate of this summer keeps the account."""
    graduate = Enrolment.objects.get(person__name=name).person
    screen.sign_in(testing.account_for(graduate).login, testing.PASSWORD)
    assert name in screen.visit("/me").inner_text("main")
    screen.shoot("first-hour-graduate")
    screen.check()


def open_rows(school: Any, grade: str) -> set[str]:
    """Numbers of those who sit in the grade now."""
    rows = Enrolment.objects.filter(school=school, grade=grade, valid_to=None)
    return set(rows.values_list("person__number", flat=True))


def _worked(screen: Any) -> None:
    """What was asked for is done by the worker; then the overview as it stands."""
    screen.page.wait_for_url("**/yearly/rollover?**")
    screen.page.goto("about:blank")
    assert run_jobs("yearly.run_rollover") == ["yearly.run_rollover"]
    screen.visit(f"/yearly/rollover?year={YEAR}")


def _confirm(screen: Any, opens: str, button: str) -> None:
    page = screen.page
    page.locator("main summary", has_text=opens).click()
    sheet = page.locator("form:has([name=confirm]):visible")
    sheet.locator("[name=confirm]").fill(YEAR[:4])
    sheet.get_by_role("button", name=button, exact=True).click()
    _worked(screen)


def _decide(screen: Any, school: Any, group: ClassGroup) -> None:
    """A repeater is refused with the rule; the child away comes back into the own class."""
    page = screen.page
    page.get_by_role("main").get_by_role("link", name=school.name).first.click()
    screen.shoot("first-hour-rollover-school")
    screen.check()
    for name, grade, told in (("甲7", "G07", "义务教育阶段不得留级"), ("季晓", "G08", "定为")):
        page.get_by_label("人员编号或姓名").fill(name)
        page.get_by_label("新学年年级").select_option(grade)
        page.get_by_label("新班级").select_option("" if name == "甲7" else str(group.id))
        page.fill("#decide [name=reason]", "家长书面申请")
        page.locator("#decide button").click()
        page.get_by_text(told).first.wait_for()
    screen.problems = [problem for problem in screen.problems if "422" not in problem]
    screen.check()
    screen.visit(f"/yearly/rollover?year={YEAR}")


def _went_up(screen: Any, school: Any, junior: set[str], leaving: set[str]) -> None:
    """All of G06 sit in G07 of the same school, G09 have no school but their account, the child away is back in class."""
    assert (len(junior), junior) == (3, open_rows(school, "G07"))
    last = Enrolment.objects.filter(person__number__in=leaving)
    assert {(row.school_id, row.valid_to) for row in last} == {(school.id, TURN)}
    for number in leaving:
        assert f"离开：{school.name}" in screen.visit(f"/people/{number}").inner_text("main")
    group = ClassGroup.objects.get(school_year_id=YEAR, grades=["G07"])
    page = screen.visit(f"/classes/{group.id}")
    assert {name for name in ("甲6", "乙6", "丙6") if page.get_by_role("link", name=name).count()} == {
        "甲6",
        "乙6",
        "丙6",
    }
    screen.check()
    screen.visit(f"/classes/{ClassGroup.objects.get(school_year_id=YEAR, grades=['G08']).id}")
    page.get_by_role("link", name="季晓").wait_for()
    screen.visit(f"/yearly/rollover?year={YEAR}")
