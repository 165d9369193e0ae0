"""Statistics in a real browser at both widths, and a round from the county's question to the received scan."""

from __future__ import annotations

from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.statistics import testing as statistics
from lingqu.foundation.statistics.models import Sheet
from lingqu.foundation.statistics.services import sheets
from lingqu.kernel.clock import today
from tests.permissions.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    forget_standings()
    made = build_world()
    for number in range(24):
        pupil = testing.make_person(f"学生{number}", organisation=made.own.school, sex="12"[number % 2])
        testing.seat(pupil, made.own.group)
    return made


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_pages_of_the_county(request: pytest.FixtureRequest, live_server: Any, world: World, width: str) -> None:
    page = request.getfixturevalue(width)
    taken, asked = statistics.take(world.own.county), statistics.make_round(world.own.county)
    page.sign_in(world.accounts["county_admin"].login, testing.PASSWORD)
    code = world.own.school.code
    for name, path in {
        "snapshots": "/statistics", "tables": f"/statistics/snapshots/{taken.id}",
        "tables-school": f"/statistics/snapshots/{taken.id}?place={code}&side=territory",
        "rows": f"/statistics/snapshots/{taken.id}/rows?table=grades&column=total&row=G05", "rounds": "/statistics/rounds",
        "board": f"/statistics/rounds/{asked.id}", "phones": f"/statistics/rounds/{asked.id}/phones",
        "conditions-read": f"/statistics/schools/{code}/conditions",
    }.items():  # fmt: skip
        page.visit(path)
        page.shoot(f"statistics-{name}")
        page.check()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_pages_of_the_school(request: pytest.FixtureRequest, live_server: Any, world: World, width: str) -> None:
    page = request.getfixturevalue(width)
    asked, code = statistics.make_round(world.own.county), world.own.school.code
    page.sign_in(world.accounts["school_admin"].login, testing.PASSWORD)
    for name, path in {
        "conditions": f"/statistics/schools/{code}/conditions", "draft": f"/statistics/rounds/{asked.id}/schools/{code}",
    }.items():  # fmt: skip
        page.visit(path)
        page.shoot(f"statistics-{name}")
        page.check()
    sheet = sheets.submit_sheet(actor=statistics.SYSTEM, round_id=asked.id, school_code=code)
    page.visit(f"/verify/sheets?number={sheet.number}&code={sheet.check_code}")
    page.shoot("statistics-verify")
    page.check()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_round_from_question_to_receipt(
    screens: Any, live_server: Any, world: World, width: str, tmp_path: Any
) -> None:
    size = 1440 if width == "desktop" else 390
    asked, code = statistics.make_round(world.own.county), world.own.school.code
    address = f"/statistics/rounds/{asked.id}/schools/{code}"
    clerk, head, county = screens(size), screens(size), screens(size)
    clerk.sign_in(world.accounts["school_admin"].login, testing.PASSWORD)
    clerk.visit(address)
    clerk.page.get_by_role("button", name="提交", exact=True).click()
    clerk.page.get_by_text("等校长确认。").wait_for()
    head.sign_in(world.accounts["principal"].login, testing.PASSWORD)
    head.visit(address)
    head.shoot("statistics-sheet-principal")
    head.check()
    for row in head.page.locator("#classes tbody tr").all():
        row.locator("[name=tick]").check()
    head.page.get_by_role("button", name="保存核对").click()
    head.page.get_by_text("已核对 1／1 个班。").wait_for()
    for box in head.page.locator("#blocks [name=tick]").all():
        box.check()
    head.page.get_by_role("button", name="确认并冻结").click()
    head.page.get_by_text("已确认，数据已冻结。").wait_for()
    sheet = Sheet.objects.get()
    assert (sheet.state, sheet.ticks) == ("confirmed", ["pupils", "staff", "attributes", "sizes"])
    paper = tmp_path / "盖章.pdf"
    paper.write_bytes(b"%PDF-1.7 scan")
    head.page.set_input_files("[name=scan]", paper)
    head.page.fill("[name=code]", sheet.check_code)
    head.page.get_by_role("button", name="上传", exact=True).click()
    head.page.get_by_text("盖章件已上传。").wait_for()
    head.shoot("statistics-sheet-confirmed")
    head.check()
    county.sign_in(world.accounts["county_admin"].login, testing.PASSWORD)
    county.visit(address)
    county.page.get_by_role("button", name="接收").click()
    county.page.get_by_text("已接收。").first.wait_for()
    assert Sheet.objects.get().state == "received"
    assert today() <= asked.deadline
