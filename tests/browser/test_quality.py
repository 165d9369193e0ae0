"""Quality in a real browser at both widths: what a county and a school see, an order, a waiver; axe, policy, no scrolling."""

from __future__ import annotations

from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.quality import api as quality
from lingqu.kernel.actor import Actor
from tests.permissions.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    forget_standings()
    made = build_world()
    quality.evaluate(actor=Actor.system("tests"), path=str(made.own.county.path))
    return made


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_county_orders_and_a_school_explains(
    request: pytest.FixtureRequest, live_server: Any, world: World, width: str
) -> None:
    screen = request.getfixturevalue(width)
    screen.sign_in(world.accounts["county_admin"].login, testing.PASSWORD)
    page = screen.visit("/quality")
    for part in ("schools", "rules", "orders"):
        screen.visit(f"/quality/at/{world.own.county.code}?part={part}")
        screen.shoot(f"quality-area-{part}")
        screen.check()
    screen.visit("/quality/rules")
    screen.check()
    screen.visit(f"/quality/at/{world.own.school.code}/order")
    screen.check()
    page.get_by_label("要求").fill("本周办完")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已派单。").first.wait_for()
    screen.shoot("quality-school")
    screen.check()
    page.get_by_role("link", name="说明").first.click()
    page.get_by_label("说明", exact=False).last.fill("已核实")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已保存说明。").first.wait_for()
    screen.check()
