"""Lists, exports and pupil attributes in a real browser at both widths: axe, policy, no sideways scrolling."""

from __future__ import annotations

from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from tests.permissions.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    forget_standings()
    return build_world()


PAGES = [
    ("class_teacher", ("/classes/{class_id}/lists", "/exports", "/classes/{class_id}")),
    ("county_admin", ("/organisations/{code}/lists?kind=roll_call", "/exports")),
]


@pytest.mark.parametrize("width", ["desktop", "phone"])
@pytest.mark.parametrize(("role", "paths"), PAGES)
def test_pages(
    request: pytest.FixtureRequest, live_server: Any, world: World, width: str, role: str, paths: tuple[str, ...]
) -> None:  # fmt: skip
    screen = request.getfixturevalue(width)
    screen.sign_in(world.accounts[role].login, testing.PASSWORD)
    for path in paths:
        address = path.format(class_id=world.own.group.id, code=world.own.school.code, number=world.own.pupil.number)
        screen.visit(address)
        screen.shoot(f"lists-{role}-{paths.index(path)}")
        screen.check()


def test_a_class_teacher_takes_a_list(live_server: Any, world: World, desktop: Any) -> None:
    desktop.sign_in(world.accounts["class_teacher"].login, testing.PASSWORD)
    page = desktop.visit(f"/classes/{world.own.group.id}/lists")
    with page.expect_download() as told:
        page.get_by_role("button", name="导出 Excel").click()
    assert told.value.suggested_filename.endswith(".xlsx")
    page.get_by_label("显示完整值").check()
    page.get_by_label("选择 电话").check()
    page.get_by_role("button", name="打印（PDF）").click()
    assert "请写明用途" in page.content()
    desktop.problems.clear()  # the 422 above
    desktop.check()


ATTRIBUTES = "/classes/{class_id}/attributes?kind="


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_attributes_are_recorded_and_masked(
    request: pytest.FixtureRequest, live_server: Any, world: World, width: str
) -> None:
    screen = request.getfixturevalue(width)
    screen.sign_in(world.accounts["class_teacher"].login, testing.PASSWORD)
    ticks = ATTRIBUTES.format(class_id=world.own.group.id)
    page = screen.visit(ticks + "left_behind")
    screen.shoot("attributes-purpose")
    screen.check()
    page.get_by_role("button", name="打开").click()
    page.get_by_label("选择 学生1").check()
    page.get_by_label("学生1的类别").select_option("both")
    page.get_by_label("依据").fill("家访")
    screen.shoot("attributes-ticks")
    screen.check()
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已登记，1 人有变化。").first.wait_for()
    page = screen.visit(f"/people/{world.own.pupil.number}")
    assert "说明用途后显示" in page.content()
    assert "父母双方外出" not in page.content()
    screen.shoot("attributes-person")
    screen.check()
    page.goto(f"{screen.base}/people/{world.own.pupil.number}/attributes")
    screen.check()
