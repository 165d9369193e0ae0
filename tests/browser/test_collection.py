"""A province's table in a real browser at both widths: marked by clicking, filled, signed, followed; axe, policy, no scrolling."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from lingqu.foundation.collection import testing as making
from lingqu.foundation.collection.models import Answer, Collection
from lingqu.foundation.collection.selectors import scoping
from lingqu.foundation.collection.tables import table_of
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel import clock
from tests.browser.conftest import Screen
from tests.permissions.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    """A county's desk, a school's office, and schools that will not answer."""
    forget_standings()
    registry.prepare()
    made = build_world()
    here = made.own
    people.make_post(here.county, "basic_education", a=made.accounts["staff"].person)
    people.make_post(here.school, "school_office", a=made.accounts["academic_director"].person)
    for name in ("青湾县河湾小学（演示）", "沙洲区东滩小学（演示）", "石桥教学点（演示）"):
        people.make_post(people.make_school(here.county, name=name), "school_office", phone="0530-5550199")
    return made


def enter(screen: Screen, account: Any) -> None:
    screen.page.context.clear_cookies()
    screen.sign_in(account.login, testing.PASSWORD)


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_from_the_provinces_file_to_the_board(
    request: pytest.FixtureRequest, live_server: Any, world: World, width: str, tmp_path: Path
) -> None:
    screen: Screen = request.getfixturevalue(width)
    enter(screen, world.accounts["staff"])
    collection = _defined(screen, tmp_path)
    answer = Answer.objects.get(collection=collection, school=world.own.school)
    enter(screen, world.accounts["academic_director"])
    _filled(screen, answer)
    enter(screen, world.accounts["principal"])
    screen.visit(f"/answers/{answer.id}")
    screen.check()
    screen.page.click("button[value=sign]")
    screen.page.wait_for_selector("text=已审签上报")
    enter(screen, world.accounts["staff"])
    screen.visit(f"/collections/{collection.id}")
    screen.check()
    screen.shoot("collection-board")
    screen.visit(f"/collections/{collection.id}/merged")
    screen.check()
    screen.shoot("collection-merged")
    screen.visit("/collections?part=sent")
    screen.check()
    screen.shoot("collection-index")


def _defined(screen: Screen, folder: Path) -> Collection:
    page = screen.page
    file = folder / "义务教育学校基本情况统计表.xlsx"
    file.write_bytes(making.province_file())
    screen.visit("/collections/new")
    screen.check()
    screen.shoot("collection-new")
    page.set_input_files("input[type=file]", str(file))
    page.click("text=上传，去标记")
    page.wait_for_url("**/define")
    for key in ("1!H5", "1!H6", "1!H7"):
        page.check(f'input[name=cell][value="{key}"]')
    page.check("input[name=kind][value=last]")
    page.select_option("select[name=type]", "number")
    page.click("button[value=mark]")
    page.wait_for_selector("text=标记了 3 格")
    page.check('input[name=cell][value="1!D6"]')
    page.click("button[value=look]")
    page.wait_for_url("**cell=1!D6**")
    screen.check()
    screen.shoot("collection-define")
    page.fill("input[name=text][placeholder='C5+D5=E5']", "F8≤E8")
    page.fill("input[name=told]", "寄宿不能多于在校生")
    page.click("text=加一条")
    page.wait_for_selector("text=规则已加上")
    page.click("text=下一步：范围与期限")
    page.wait_for_url("**/terms")
    screen.check()
    page.check("input[name=needs_sign]")
    page.click("text=下一步：试填")
    page.wait_for_url("**/trial")
    screen.check()
    screen.shoot("collection-trial")
    page.click("button:has-text('发出')")
    page.wait_for_selector("text=已发出")
    return Collection.objects.get()


def _filled(screen: Screen, answer: Answer) -> None:
    page = screen.page
    screen.visit(f"/answers/{answer.id}")
    page.fill('input[name="c-1!H5"]', "12.5")
    page.press('input[name="c-1!H5"]', "Enter")
    page.keyboard.type("3,0")
    page.fill('input[name="c-1!B7"]', "x")
    page.click("button[value=save]")
    page.wait_for_selector("text=要填数")
    screen.check()
    screen.shoot("collection-fill")
    assert page.input_value('input[name="c-1!H6"]') == "30"
    page.fill('input[name="c-1!B7"]', "1")
    page.fill("textarea[name=note]", "新并入一个班")
    page.click("button[value=submit]")
    page.wait_for_selector("text=等校长审签")


BACK = 28


@pytest.fixture
def thirty(world: World) -> list[Any]:
    """Thirty schools below the county's desk, by path: the world's and those whose office nobody holds by name."""
    here = world.own.county
    for n in range(30 - len(_asked_below(here))):
        school = people.make_school(here, name=f"云汀市第{n + 1:02d}小学（演示）")
        people.make_post(school, "school_office", phone=f"0530-55502{n:02d}")
    return _asked_below(here)


def _asked_below(office: Any) -> list[Any]:
    return list(scoping.schools_of(str(office.path), scoping.Scope(places=(office.code,))))


def test_thirty_schools_answer_the_province_and_next_month_begins_with_what_they_said(
    desktop: Screen, world: World, thirty: list[Any], tmp_path: Path
) -> None:
    """28 back, one returned, one overdue with its phone; the province's file with the right sums; the next one prefilled."""
    page = desktop.page
    enter(desktop, world.accounts["staff"])
    collection = _defined(desktop, tmp_path)
    late, wrong, *others = list(Answer.objects.filter(collection=collection).order_by("-path"))
    assert len(others) == BACK
    for n, answer in enumerate([wrong, *others]):
        making.report_as_it_is(answer, {"1!H5": str(10 + n), "1!B7": "1"}, note="新并入一个班")
    Collection.objects.filter(id=collection.id).update(deadline=clock.now() - timedelta(hours=1))
    desktop.visit("/")
    assert "29 / 30 所已报" in page.inner_text("main") and "逾期 1 小时" in page.inner_text("main")
    desktop.check()
    desktop.shoot("worklist")
    desktop.visit(f"/answers/{wrong.id}")
    page.fill("input[name=reason]", "H5 危房面积请核对")
    page.click("button[value=return]")
    page.wait_for_selector("text=已退回学校")
    desktop.visit(f"/collections/{collection.id}")
    text = page.inner_text("main")
    assert f"{BACK}" in text and "已过截止时间" in text and late.school.name in text and "H5 危房面积请核对" in text
    phone = making.phone_of(late)
    assert phone and phone in text
    page.click("button:has-text('全部审过')")
    page.wait_for_selector(f"text=审过 {BACK} 所")
    with page.expect_download() as taken:
        page.click("a:has-text('按原版式导出')")
    content = Path(taken.value.path()).read_bytes()
    made = table_of(collection)
    keys = {(at, key.partition("!")[2]) for key in made.marks.cells for at in [key.partition("!")[0]]}
    making.require_same_layout(
        (tmp_path / "义务教育学校基本情况统计表.xlsx").read_bytes(), content,
        {f"xl/worksheets/sheet{at}.xml": {ref for sheet, ref in keys if sheet == at} for at in ("1", "2")},
    )  # fmt: skip
    sums = load_workbook(BytesIO(content), data_only=True)["基本情况"]
    assert (sums["H5"].value, sums["H8"].value, sums["B7"].value) == (sum(range(11, 39)), sum(range(11, 39)), BACK)
    desktop.visit(f"/collections/{collection.id}")
    page.click("button:has-text('下月再来一次')")
    page.wait_for_url("**/terms")
    assert "沿用 CJ-" in page.inner_text("main")
    following = Collection.objects.get(previous=collection)
    page.click("text=下一步：试填")
    page.wait_for_selector("text=发给 30 所")
    page.click("button:has-text('发出')")
    page.wait_for_selector("text=已发出")
    sheet = Answer.objects.get(collection=following, school=others[0].school).sheet
    assert (sheet.values["1!H5"], sheet.values["1!B7"]) == ("11", "1")
    desktop.visit("/collections/month")
    assert "共 2 张" in page.inner_text("main")
    desktop.check()
    desktop.shoot("collection-month")
