"""Yearly work in a real browser at both widths."""

from __future__ import annotations

from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry.models import Organisation
from lingqu.foundation.yearly.services.previewing import compute, steps_in
from lingqu.foundation.yearly.services.years import ensure_rollover
from tests.yearly.worlds import FROM, add_class, add_pupil, five_four_nine_year, new_pupil, point_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city() -> Any:
    """A nine-year school under 五四, a junior school with somebody suspended, a point without a central school."""
    forget_standings()
    registry.ensure_school_year(FROM)
    nine = five_four_nine_year()
    new_pupil(nine, "G01")
    add_pupil(add_class(nine, ["G07"], 2, "七（2）班"), "季晓", state="02")
    point = point_of(None)
    add_pupil(add_class(point, ["G01", "G02"], None, "1+2复式", kind="multigrade"), "林一", grade="G02")
    rollover = ensure_rollover("2027-2028")
    compute(rollover, steps_in(rollover, path=str(registry.root_organisation().path)))  # type: ignore[union-attr]
    return nine


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_rollover_pages(request: pytest.FixtureRequest, live_server: Any, city: Organisation, width: str) -> None:
    page = request.getfixturevalue(width)
    account = testing.duty_account("register_officer")
    page.sign_in(account.login, testing.PASSWORD)
    page.visit("/yearly/rollover?year=2027-2028")
    page.shoot("rollover")
    page.check()
    assert "21 + 3 + 3 + 1 + 2 = 30 人次" in page.page.content()
    page.visit(f"/yearly/rollover/schools/{city.code}?year=2027-2028")
    page.shoot("rollover-school")
    page.check()
    page.visit("/yearly/rollover/pupils/suspended?year=2027-2028")
    page.shoot("rollover-pupils")
    page.check()
    page.visit("/yearly/rollover?year=2029-2030")
    page.shoot("rollover-empty")
    page.check()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_placement_pages(request: pytest.FixtureRequest, live_server: Any, city: Organisation, width: str) -> None:
    for n in range(24):
        new_pupil(city, "G01", f"新生{n}")
    page = request.getfixturevalue(width)
    account = testing.duty_account("register_officer")
    page.sign_in(account.login, testing.PASSWORD)
    page.visit("/yearly/placements")
    page.check()
    page.visit("/yearly/placements/new")
    page.check()
    page.page.fill("[name=school]", str(city.code))
    page.page.select_option("[name=grade]", "G01")
    page.page.fill("[name=classes]", "3")
    page.page.click("text=取名单")
    page.page.wait_for_selector("text=准备名单")
    page.shoot("placement-draft")
    page.check()
    page.page.click("#freeze button")
    page.page.wait_for_selector("#draw")
    page.check()
    page.page.click("text=投影")
    page.page.wait_for_selector(".lq-projector")
    page.shoot("placement-before")
    page.check()
    for name, text in (
        ("seed", "08 17 22 25 31 06"),
        ("seed_source", "福彩双色球，家长李某输入"),
        ("witnesses", "家长代表 5 人"),
    ):
        page.page.fill(f"[name={name}]", text)
    page.page.click(".lq-projector button")
    page.page.wait_for_selector(".lq-projector-classes")
    page.shoot("placement-drawn")
    page.check()
    page.visit("/yearly/placements")
    page.page.click("td a")
    page.page.wait_for_selector("#apply")
    page.page.click("#apply button")
    page.page.wait_for_selector("text=已写入班级")
    page.shoot("placement-applied")
    page.check()
    page.page.click("text=张贴名单")
    page.page.wait_for_selector(".lq-wall-list")
    page.shoot("placement-sheet")
    page.check()
    page.visit("/yearly/placements/moves")
    page.check()
