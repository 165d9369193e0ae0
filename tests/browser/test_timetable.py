"""The editor of a draft and one's own week in a real browser at both widths: keyboard, no script, axe, no sideways scrolling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import testing as plans
from lingqu.foundation.timetable.models import Lesson
from tests.permissions.world import build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@dataclass
class Planned:
    """The permission tests' world with plans in its first school."""

    accounts: dict[str, Any]
    own: Any
    second: Any
    teacher: Any
    draft: Any


@pytest.fixture
def world() -> Planned:
    """The world's school with bell times, a published version and a draft; its teacher gives 数学 on Mondays."""
    registry.prepare()
    forget_standings()
    made = build_world()
    plans.make_term()
    node = made.own
    plans.make_bells(node.school)
    teacher = registry.find_person(made.accounts["teacher"].person.number)
    second = testing.make_class(node.school, "三（2）班")
    lessons = [
        plans.lesson(node.group, 1, "1", "14", [teacher], room="302"), plans.lesson(second, 2, "2", "14", [teacher]),
    ]  # fmt: skip
    plans.make_timetable(node.school, lessons)
    draft = plans.make_timetable(node.school, lessons, since=None)
    return Planned(accounts=made.accounts, own=node, second=second, teacher=teacher, draft=draft)


def sign_in(page: Any, world: Planned, role: str) -> None:
    page.sign_in(world.accounts[role].login, testing.PASSWORD)


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_lesson_is_added_by_keyboard_and_its_clash_is_told_first(
    request: pytest.FixtureRequest, live_server: Any, world: Planned, width: str
) -> None:
    screen = request.getfixturevalue(width)
    sign_in(screen, world, "academic_director")
    page = screen.visit(f"/timetables/{world.own.school.code}/versions/{world.draft.id}?class={world.second.id}")
    screen.shoot("editor")
    screen.check()
    page.get_by_role("link", name="周一第 1 节加一节课").focus()
    page.keyboard.press("Enter")
    page.locator("[name=subject]").fill("数学")
    page.locator("[name=teacher]").first.select_option(str(world.teacher.id))
    page.keyboard.press("Tab")
    page.get_by_role("button", name="保存").focus()
    page.keyboard.press("Enter")
    page.get_by_text("我知道有冲突，仍要保存").wait_for()
    assert "同时在三（1）班上数学、在三（2）班上数学" in page.content()
    screen.problems = [problem for problem in screen.problems if "409" not in problem]
    screen.check()
    page.locator("[name=accept]").check()
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已保存这节课。").wait_for()
    assert Lesson.objects.filter(timetable=world.draft, class_group_id=world.second.id, weekday=1, slot="1").exists()
    assert page.locator(".lq-week-clash").count() == 1
    screen.visit(f"/timetables/{world.own.school.code}/versions/{world.draft.id}/clashes")
    screen.check()


def test_the_editor_works_without_script(screens: Any, live_server: Any, world: Planned) -> None:
    screen = screens(390, script=False)
    sign_in(screen, world, "academic_director")
    lesson = world.draft.lessons.get(weekday=2)
    page = screen.visit(
        f"/timetables/{world.own.school.code}/versions/{world.draft.id}?class={world.second.id}&lesson={lesson.id}"
    )
    page.locator("[name=weekday]").select_option("4")
    page.get_by_role("button", name="只移动").click()
    page.get_by_text("已移动这节课。").wait_for()
    assert Lesson.objects.get(id=lesson.id).weekday == 4


@pytest.mark.parametrize("width", ["desktop", "phone"])
@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("teacher", ("/", "/timetable", "/timetable/print", "/timetable/feeds", "/timetables/{code}", "/calendar/{code}")),
        ("guardian", ("/", "/timetable", "/classes/{class_id}/week")),
        (
            "academic_director",
            ("/timetables/{code}", "/timetables/{code}/import", "/timetables/{code}/versions", "/substitutions/{code}",
             "/calendar/{code}", "/calendar/{code}/bells", "/calendar/{code}/print"),
        ),
    ],
)  # fmt: skip
def test_pages_hold(
    request: pytest.FixtureRequest, live_server: Any, world: Planned, width: str, role: str, paths: tuple[str, ...]
) -> None:
    screen = request.getfixturevalue(width)
    sign_in(screen, world, role)
    for path in paths:
        screen.visit(path.format(code=world.own.school.code, class_id=world.own.group.id))
        screen.shoot(f"{role}-{paths.index(path)}")
        screen.check()
