"""A notice in a real browser at both widths: an office writes, a school signs, a mother confirms for each child, the office
follows; axe, policy, no scrolling."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.inbox import testing as making
from lingqu.foundation.inbox.models import Notice, QuietHours
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel.testing import run_jobs
from tests.browser.conftest import Screen
from tests.permissions.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    """Desks of the county and the school; two children of one mother, three others in the class."""
    forget_standings()
    registry.prepare()
    made = build_world()
    here = made.own
    people.make_post(here.county, "basic_education", a=made.accounts["staff"].person)
    people.make_post(here.school, "school_office", a=made.accounts["academic_director"].person)
    people.make_post(here.school, "moral_office", phone="")
    QuietHours.objects.create(organisation=here.county, starts=time(0), ends=time(0), holidays=False, changed_by="x")
    for name in ("程果", "马跃", "方小北", "周苗"):
        child = testing.make_person(name, organisation=here.school)
        testing.seat(child, here.group)
        if name == "周苗":
            testing.guard(here.parent, child)
        else:
            people.make_guardian(child, f"{name}的母亲", phone="12000007714")
    return made


def enter(screen: Screen, account: Any) -> None:
    screen.page.context.clear_cookies()
    screen.sign_in(account.login, testing.PASSWORD)


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_from_the_desk_to_the_families_and_back(
    request: pytest.FixtureRequest, live_server: Any, world: World, width: str
) -> None:
    screen: Screen = request.getfixturevalue(width)
    enter(screen, world.accounts["staff"])
    notice = _published(screen)
    enter(screen, world.accounts["academic_director"])
    _signed_for_the_school(screen, notice)
    enter(screen, world.accounts["guardian"])
    _confirmed_for_one_child(screen, notice)
    enter(screen, world.accounts["class_teacher"])
    _noted_a_call(screen, notice)
    enter(screen, world.accounts["staff"])
    _reminded(screen, notice)
    _followed(screen, notice)


def _published(screen: Screen) -> Notice:
    page = screen.visit("/notices")
    screen.check()
    page.locator('a[href="/notices/new"]').first.click()
    page.get_by_label("标题").fill("寒潮期间上学时间调整")
    page.get_by_label("正文").fill("下周一起推迟 30 分钟到校。\n校门 8:00 开，需要早到的请回复。")
    page.get_by_label("校办").check()
    page.get_by_label("全部年级").check()
    screen.shoot("inbox-edit")
    _check_as_a_whole(screen)
    page.get_by_role("button", name="存为草稿，下一步").click()
    page.get_by_text("5 名孩子").first.wait_for()
    screen.shoot("inbox-draft")
    screen.check()
    page.get_by_role("button", name="发布").click()
    page.get_by_text("已发布，编号").first.wait_for()
    return Notice.objects.get()


def _check_as_a_whole(screen: Screen) -> None:
    """The long form on a screen as long as itself: the bars of phones cover ticks only until one scrolls."""
    usual = screen.page.viewport_size
    assert usual is not None
    height = int(screen.page.evaluate("document.documentElement.scrollHeight")) + 200
    screen.page.set_viewport_size({"width": usual["width"], "height": height})
    screen.check()
    screen.page.set_viewport_size(usual)


def _signed_for_the_school(screen: Screen, notice: Notice) -> None:
    page = screen.visit("/inbox")
    screen.shoot("inbox-list")
    screen.check()
    page.get_by_text(notice.title).first.click()
    page.get_by_role("button", name="签收").wait_for()
    screen.shoot("inbox-notice-post")
    screen.check()
    page.get_by_role("button", name="签收").click()
    page.get_by_text("已确认。").first.wait_for()


def _confirmed_for_one_child(screen: Screen, notice: Notice) -> None:
    page = screen.visit(f"/notices/{notice.id}")
    screen.shoot("inbox-notice-family")
    screen.check()
    page.get_by_role("button", name="为周苗确认").click()
    page.get_by_text("已确认。").first.wait_for()
    assert page.get_by_role("button", name="为学生1确认").count() == 1


def _noted_a_call(screen: Screen, notice: Notice) -> None:
    page = screen.visit(f"/notices/{notice.id}/receipts?kind=child")
    page.locator("summary", has_text="记确认").first.click()
    page.get_by_label("接听人").first.fill("外婆")
    page.get_by_role("button", name="电话已确认").first.click()
    page.get_by_text("已记录。").first.wait_for()
    screen.shoot("inbox-receipts-class")
    screen.check()


def _reminded(screen: Screen, notice: Notice) -> None:
    """Pressed once; the worker's work is done here. Day or night: the place has no quiet hours."""
    page = screen.visit(f"/notices/{notice.id}/receipts")
    page.get_by_role("button", name="提醒还没确认的").click()
    page.get_by_text("正在发出提醒").first.wait_for()
    run_jobs("inbox.send_reminders")
    page = screen.visit(f"/notices/{notice.id}/receipts?kind=child")
    page.get_by_text("已提醒 1 次").first.wait_for()
    screen.shoot("inbox-reminded")
    screen.check()
    page.get_by_role("button", name="提醒还没确认的").click()
    page.get_by_text("刚提醒过").first.wait_for()


def _followed(screen: Screen, notice: Notice) -> None:
    page = screen.visit(f"/notices/{notice.id}/receipts")
    screen.shoot("inbox-receipts")
    screen.check()
    page.get_by_role("link", name="学校1").first.click()
    page.get_by_text("按班").first.wait_for()
    screen.visit(f"/notices/{notice.id}/receipts?kind=post")
    screen.check()
    screen.visit(f"/notices/{notice.id}/receipts/print?kind=child")
    screen.shoot("inbox-print")
    screen.check()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_the_bell_in_the_bar(request: pytest.FixtureRequest, live_server: Any, world: World, width: str) -> None:
    """Counted after the page, again after reading; the fixture has no live process, so nothing is told."""
    desk = registry.belonging_of(world.accounts["staff"].person.id).posts[0]
    notices = [making.make_notice(desk, [making.to_families(world.own.county)], f"通知{n}") for n in range(2)]
    screen: Screen = request.getfixturevalue(width)
    enter(screen, world.accounts["guardian"])
    screen.page.clock.install()
    page = screen.visit("/")
    bell = page.get_by_role("link", name="收件箱，未读通知、待办和新消息共 2 件")
    bell.wait_for()
    with page.expect_request("**/inbox/bell?inner=1") as asked:
        page.clock.fast_forward("01:01")
    assert asked.value.headers["x-lingqu-quiet"] == "1", "asking by itself keeps no idle session awake"
    screen.shoot("bell")
    screen.check()
    bell.click()
    page.wait_for_url("**/inbox")
    screen.visit(f"/notices/{notices[0].id}")
    page.get_by_role("link", name="收件箱，未读通知、待办和新消息共 1 件").wait_for()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_posts_of_an_organisation(request: pytest.FixtureRequest, live_server: Any, world: World, width: str) -> None:
    screen: Screen = request.getfixturevalue(width)
    enter(screen, world.accounts["school_admin"])
    page = screen.visit(f"/organisations/{world.own.school.code}?part=posts")
    screen.shoot("posts")
    screen.check()
    page.locator('a[href$="/posts/new"]').click()
    page.locator("[name=kind]").select_option("academic_office")
    page.locator("[name=a]").select_option(label="teacher")
    page.get_by_role("button", name="设立").click()
    page.get_by_text("岗位已设立。").first.wait_for()
    page.locator('a[href$="/hand-over"]').first.click()
    page.locator("[name=person]").wait_for()
    screen.check()


def test_pages_in_english(screens: Any, live_server: Any, world: World) -> None:
    desk = registry.belonging_of(world.accounts["staff"].person.id).posts[0]
    notice = making.make_notice(desk, [making.to_families(world.own.county)])
    screen = screens(1440, locale="en-US")
    screen.sign_in(world.accounts["staff"].login, testing.PASSWORD)
    page = screen.visit(f"/notices/{notice.id}/receipts")
    assert "Children not confirmed for" in page.content()
    screen.shoot("inbox-receipts-english")
    screen.check()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_quiet_hours(request: pytest.FixtureRequest, live_server: Any, world: World, width: str) -> None:
    screen: Screen = request.getfixturevalue(width)
    enter(screen, world.accounts["county_admin"])
    page = screen.visit(f"/organisations/{world.own.county.code}")
    screen.check()
    page.get_by_role("link", name="安静时间").first.click()
    page.locator("[name=starts]").fill("20:30")
    page.get_by_label("节假日不发").check()
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已保存，马上生效。").first.wait_for()
    screen.shoot("inbox-quiet-hours")
    screen.check()
    page.locator("[name=ends]").fill("20:00")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("一天里至少留出 4 个小时").first.wait_for()
    screen.shoot("inbox-quiet-hours-wrong")
    page.get_by_role("button", name="改为按上级的设置").click()
    page.get_by_text("按平台的默认值").first.wait_for()
