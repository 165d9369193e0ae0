"""Identity's pages in a real browser at both widths: axe, policy, no sideways scrolling."""

from __future__ import annotations

from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.services import codes
from lingqu.foundation.identity.types.words import CodePurpose
from tests.permissions.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    forget_standings()
    return build_world()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_the_door(request: pytest.FixtureRequest, live_server: Any, world: World, width: str) -> None:
    page = request.getfixturevalue(width)
    page.visit("/sign-in")
    page.shoot("sign-in")
    page.check()
    [code] = codes.issue(
        actor=testing.SYSTEM, wanted=[codes.Wanted(purpose=CodePurpose.GUARDIAN, child_id=world.own.pupil.id)]
    )
    page.visit("/activate")
    page.check()
    page.visit(f"/activate?code={code}")
    page.shoot("guardian")
    page.check()


@pytest.mark.parametrize("width", ["desktop", "phone"])
@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("class_teacher", ("/classes/{class_id}/accounts", "/classes/{class_id}/slips", "/me", "/me/password")),
        ("school_admin", ("/schools/{code}/accounts", "/schools/{code}/accounts?part=staff", "/slips")),
        ("security_admin", ("/roles", "/roles/grant")),
        ("auditor", ("/audit",)),
        ("student", ("/me",)),
        ("guardian", ("/me",)),
    ],
)
def test_pages_inside(
    request: pytest.FixtureRequest, live_server: Any, world: World, width: str, role: str, paths: tuple[str, ...]
) -> None:  # fmt: skip
    page = request.getfixturevalue(width)
    page.sign_in(world.accounts[role].login, testing.PASSWORD)
    for path in paths:
        page.visit(path.format(class_id=world.own.group.id, code=world.own.school.code))
        page.shoot(f"{role}-{paths.index(path)}")
        page.check()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_the_lock_covers_a_page_and_gives_it_back_as_it_was(
    request: pytest.FixtureRequest, live_server: Any, world: World, settings: Any, width: str
) -> None:
    settings.LINGQU_IDLE_MINUTES = 0.1
    page = request.getfixturevalue(width)
    page.sign_in(world.accounts["class_teacher"].login, testing.PASSWORD)
    shown = page.visit("/me/password")
    first = shown.locator("input[type=password]").first
    first.fill("half typed")
    cover = shown.locator("dialog.lq-lock")
    cover.locator("input[type=password]").wait_for(timeout=40_000)
    page.problems.clear()  # the browser notes the 401 that told the page of its lock
    page.shoot("lock-cover")
    page.check()
    shown.keyboard.press("Escape")
    assert cover.is_visible()
    cover.locator("input[type=password]").fill("wrong")
    cover.locator("[data-lock-form] button[type=submit]").click()
    cover.locator("[data-lock-error]").wait_for()
    cover.locator("input[type=password]").fill(testing.PASSWORD)
    cover.locator("[data-lock-form] button[type=submit]").click()
    cover.wait_for(state="detached")
    assert first.input_value() == "half typed"
    settings.LINGQU_IDLE_MINUTES = 15
    page.problems.clear()
    page.visit("/me")
    shown.evaluate("document.querySelector('form[action=\"/locked/now\"]').submit()")
    shown.wait_for_url("**/locked")
    page.shoot("lock")
    page.check()
    shown.locator("input[type=password]").fill(testing.PASSWORD)
    shown.locator("[data-lock-form] button[type=submit]").click()
    shown.wait_for_url(lambda url: "/locked" not in url)
