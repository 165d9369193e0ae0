"""From the printed slip to the guardian's home page, in real browsers: class teacher, pupil, guardian, grandmother."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.models import SliderChallenge
from lingqu.foundation.identity.services import slips
from lingqu.kernel import home
from lingqu.kernel.models import HomeState
from lingqu.kernel.testing import run_jobs
from tests.permissions.world import World, build_world

from .conftest import Screen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORD = "Shan-shui-2026"
PHONE = "12038273609"
"""A number of the demo city: it belongs to nobody and is let through in a demo home only."""


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.LINGQU_HOME = tmp_path
    settings.LINGQU_DELIVERY = {}
    return tmp_path


@pytest.fixture
def world(folder: Path) -> World:
    forget_standings()
    HomeState.objects.all().delete()
    home.set_up(kind="demo", node_code="001", version="test")
    return build_world()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The sheets that were printed; the browser gets the PDF all the same."""
    found: list[Any] = []
    original = slips.as_pdf
    monkeypatch.setattr(slips, "as_pdf", lambda sheet: found.append(sheet) or original(sheet))
    return found


def digits_sent(folder: Path) -> str:
    """The six digits of the newest message that left by the file backend."""
    run_jobs()
    newest = max((folder / "messages" / "sms").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    body = json.loads(newest.read_text(encoding="utf-8"))["body"]
    return next(part[:6] for part in body.split("验证码") if part[:6].isdigit())


def solve_slider(page: Any) -> None:
    """By keyboard, to the place that the database knows."""
    wanted = SliderChallenge.objects.latest("expires_at").place
    page.focus("[name=place]")
    for _press in range(wanted):
        page.keyboard.press("ArrowRight")
    page.click("button:has-text('对准了')")


def claim(screen: Screen, code: str, folder: Path, *, name: str, relation: str, phone: str = PHONE) -> None:
    """A guardian's three steps with a slip's code."""
    page = screen.page
    screen.visit("/activate")
    page.fill("[name=code]", code)
    page.click("main button >> nth=0")
    page.wait_for_url("**/activate/guardian")
    page.fill("[name=phone]", phone)
    page.click("button:has-text('下一步')")
    page.wait_for_selector("[name=place]")
    screen.check()
    solve_slider(page)
    page.wait_for_selector("[name=digits]")
    screen.check()
    page.fill("[name=digits]", digits_sent(folder))
    page.click("button:has-text('验证') >> nth=0")
    page.wait_for_selector("[name=name], button[name=account]")
    if page.query_selector("button[name=account]"):
        page.click("a:has-text('另一位家长')")
    page.fill("[name=name]", name)
    page.select_option("[name=relation]", relation)
    page.fill("[name=password]", WORD)
    page.fill("[name=repeat]", WORD)
    page.click("button:has-text('完成')")
    page.wait_for_selector("h1:has-text('已交给班主任核对')")
    screen.check()


def test_from_the_slip_to_the_guardians_home(
    world: World, folder: Path, drawn: list[Any], screens: Any, live_server: Any
) -> None:  # fmt: skip
    pupil = world.own.pupil
    testing.set_state(world.accounts["student"], "new")
    testing.set_state(world.accounts["guardian"], "new")
    teacher, child, parent = screens(1440), screens(390), screens(390)

    teacher.sign_in(world.accounts["class_teacher"].login, testing.PASSWORD)
    teacher.visit(f"/classes/{world.own.group.id}/slips")
    with teacher.page.expect_download() as printed:
        teacher.page.click("button:has-text('下载 PDF')")
    assert Path(printed.value.path()).read_bytes()[:5] == b"%PDF-"
    row = drawn[-1].groups[0].rows[0]

    child.visit("/activate")
    child.page.fill("[name=code]", row.left.code.lower())
    child.page.click("main button >> nth=0")
    child.page.fill("[name=password]", WORD)
    child.page.fill("[name=repeat]", WORD)
    child.page.click("button:has-text('开通并登录')")
    child.page.wait_for_url("**/me")
    child.visit("/")
    assert world.own.group.name in child.page.inner_text("main")
    child.shoot("journey-pupil")
    child.check()

    claim(parent, row.right.code, folder, name="周启明", relation="51")
    teacher.visit(f"/classes/{world.own.group.id}/accounts")
    assert f"周启明 说自己是 {pupil.name} 的父亲" in teacher.page.inner_text("main")
    teacher.shoot("journey-claims")
    teacher.check()
    teacher.page.click("button:has-text('是监护人')")
    teacher.page.wait_for_selector("text=/已确认|已处理/")

    parent.sign_in(PHONE, WORD)
    assert pupil.name in parent.page.inner_text("main")
    parent.shoot("journey-guardian")
    parent.check()
    parent.visit(f"/people/{pupil.number}")


def test_a_grandmother_helps_out_and_one_phone_stands_for_two_children_in_two_schools(
    world: World, folder: Path, drawn: list[Any], screens: Any, live_server: Any
) -> None:  # fmt: skip
    second = testing.make_person("弟弟", organisation=world.other.school)
    testing.seat(second, world.other.group)
    head = testing.make_person("另一位班主任", organisation=world.other.school)
    testing.give_duty(head, "head_teacher", world.other.school, world.other.group)
    heads = {world.own.group: world.accounts["class_teacher"], world.other.group: testing.account_for(head)}
    testing.account_for(second, "")
    for group, number in ((world.own.group, world.own.pupil.number), (world.other.group, second.number)):
        teacher, helper = screens(1440), screens(390)
        teacher.sign_in(heads[group].login, testing.PASSWORD)
        teacher.visit(f"/people/{number}/account")
        with teacher.page.expect_download():
            teacher.page.click("button:has-text('再印一张家长码')")
        testing.forget_limits()
        if group is world.own.group:
            claim(helper, drawn[-1].groups[0].rows[0].right.code, folder, name="李奶奶", relation="62")
        else:
            _claim_as_the_same(helper, drawn[-1].groups[0].rows[0].right.code, folder)
        teacher.visit(f"/classes/{group.id}/accounts")
        teacher.page.click("button:has-text('是代办人')")
        teacher.page.wait_for_selector("text=/已确认|已处理/")
    helper = screens(390)
    helper.sign_in(PHONE, WORD)
    names = helper.page.inner_text("nav[aria-label='我的孩子']")
    assert world.own.pupil.name in names
    assert "弟弟" in names
    assert "代办人" in helper.page.inner_text("main")
    helper.shoot("journey-proxy")
    helper.check()
    helper.visit(f"/people/{world.own.pupil.number}", 403)
    helper.visit(f"/classes/{world.own.group.id}", 200)


def _claim_as_the_same(screen: Screen, code: str, folder: Path) -> None:
    """The phone has opened an account already: its holder says to be the same person."""
    page = screen.page
    screen.visit(f"/activate?code={code.replace('-', '')}")
    page.fill("[name=phone]", PHONE)
    page.click("button:has-text('下一步')")
    solve_slider(page)
    page.wait_for_selector("[name=digits]")
    page.fill("[name=digits]", digits_sent(folder))
    page.click("button:has-text('验证') >> nth=0")
    page.click("button[name=account]")
    page.wait_for_selector("h1:has-text('已交给班主任核对')")
