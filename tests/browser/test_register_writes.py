"""The register's write pages in a real browser: every short form at both widths, and the acts that change most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing
from lingqu.foundation.registry.models import (
    Enrolment,
    Guardianship,
    Organisation,
    OrganisationRelation,
    Person,
    SuspectPair,
)
from lingqu.foundation.registry.services import merging, seats
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today

from .conftest import Screen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SYSTEM = Actor.system("tests")
PAGES = {
    "organisation": "/organisations/{code}", "county": "/organisations/{county}",
    "organisation-new": "/organisations/{county}/new", "organisation-edit": "/organisations/{code}/edit",
    "organisation-move": "/organisations/{code}/move", "organisation-close": "/organisations/{code}/close",
    "relation-new": "/organisations/{code}/relations/new", "relation-end": "/organisations/{code}/relations/{relation}/end",
    "class-new": "/schools/{code}/classes/new", "class-names": "/schools/{code}/class-names",
    "class-edit": "/classes/{group}/edit", "class-head": "/classes/{group}/head", "class-close": "/classes/{group}/close",
    "person": "/people/{number}", "person-class": "/people/{number}/class", "person-leave": "/people/{number}/leave",
    "person-return": "/people/{away}/return", "guardian-new": "/people/{number}/guardians/new",
    "guardian-end": "/people/{number}/guardians/{link}/end", "deceased": "/people/{number}/deceased",
    "same-as": "/people/{number}/same-as", "suspects": "/suspects", "suspect": "/suspects/{pair}",
    "class-moves": "/class-moves", "people": "/people?kind=student&place={code}", "staff": "/people?kind=staff&place={code}",
}  # fmt: skip


@dataclass
class Site:
    keeper: Any
    names: dict[str, Any]

    def address(self, page: str) -> str:
        return PAGES[page].format(**self.names)


@pytest.fixture
def site() -> Site:
    forget_standings()
    registry.prepare()
    county = testing.make_organisation(kind="region", name="云溪县教育局", code="3301")
    school = testing.make_school(county, name="云溪县第九中学", code="3133010009")
    group, second = testing.make_class(school), testing.make_class(school, serial=2)
    pupil, double = (testing.make_pupil(group, birth_date=testing.START.replace(year=2012)) for _ in range(2))
    away, moved = testing.make_pupil(group, "李晓"), testing.make_pupil(group, "王小雨")
    testing.make_teacher(school)
    testing.make_guardian(pupil)
    head = testing.make_school(county, name="云溪县实验中学")
    relation = OrganisationRelation.objects.create(
        kind="group", head=head, member=school, valid_from=testing.START, role="read"
    )
    keeper = accounts.duty_account("county_admin", county)
    seats.move_to_class(actor=SYSTEM, person_id=moved.id, class_id=second.id, on=testing.START, reason="家长申请")
    seats.leave_school(
        actor=SYSTEM, person_id=away.id, school_id=school.id, on=testing.START + timedelta(days=1), kind="suspended",
        reason="治病", expected_on=today() + timedelta(days=9),
    )  # fmt: skip
    pair = merging.point_out(actor=SYSTEM, first_id=pupil.id, second_id=double.id)
    return Site(keeper, {
        "code": school.code, "county": county.code, "relation": relation.id, "group": group.id, "number": pupil.number,
        "away": away.number, "link": Guardianship.objects.get(child=pupil).id, "pair": pair,
    })  # fmt: skip


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_every_write_page(request: pytest.FixtureRequest, site: Site, width: str) -> None:
    screen: Screen = request.getfixturevalue(width)
    screen.sign_in(site.keeper.login, accounts.PASSWORD)
    for page in PAGES:
        screen.visit(site.address(page))
        screen.shoot(f"write-{page}")
        screen.check()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_drawers_write_and_refuse(request: pytest.FixtureRequest, site: Site, width: str) -> None:
    screen: Screen = request.getfixturevalue(width)
    screen.sign_in(site.keeper.login, accounts.PASSWORD)
    page = screen.visit(site.address("organisation"))
    page.get_by_role("link", name="编辑", exact=True).click()
    page.locator("[name=short_name]").fill("九中")
    screen.shoot("drawer-edit")
    screen.check()
    page.get_by_role("button", name="保存").click()
    page.locator(".lq-toasts", has_text="已保存").wait_for()
    assert Organisation.objects.get(code=site.names["code"]).short_name == "九中"
    page = screen.visit(site.address("person"))
    page.locator("a[data-drawer]", has_text="调班").first.click()
    drawer = page.get_by_role("dialog")
    drawer.locator("[name=class_id]").select_option(index=0)
    drawer.locator("[name=reason]").fill("家长申请")
    drawer.get_by_role("button", name="调班").click()
    page.get_by_text("已调班").wait_for()
    screen.check()
    page.locator("a[data-drawer]", has_text="登记离校").first.click()
    drawer.locator("[name=kind]").select_option("suspended")
    drawer.locator("[name=reason]").fill("治病")
    drawer.get_by_role("button", name="登记", exact=True).click()
    drawer.get_by_text("请填写预计返校日期").first.wait_for()
    screen.problems = [problem for problem in screen.problems if "422" not in problem]
    screen.shoot("drawer-refused")
    screen.check()
    drawer.locator("[name=expected_on]").fill((today() + timedelta(days=20)).isoformat())
    drawer.get_by_role("button", name="登记", exact=True).click()
    page.get_by_text("已登记离校").wait_for()
    assert Enrolment.objects.filter(person__number=site.names["number"], valid_to=None).get().attendance == "absent"


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_two_records_become_one_and_two_again(request: pytest.FixtureRequest, site: Site, width: str) -> None:
    screen: Screen = request.getfixturevalue(width)
    screen.sign_in(site.keeper.login, accounts.PASSWORD)
    page = screen.visit("/suspects")
    page.locator(f"td a[href='{site.address('suspect')}']").last.click()
    page.locator("[name=decision][value=first]").check()
    page.get_by_label("原因").fill("重复建档")
    page.get_by_role("button", name="确定").click()
    page.get_by_text("已合并，可以随时撤销").wait_for()
    assert Person.objects.filter(canonical__isnull=False).count() == 1
    screen.visit(site.address("suspect"))
    screen.shoot("merged")
    screen.check()
    page.get_by_role("link", name="撤销合并").click()
    drawer = page.get_by_role("dialog")
    drawer.locator("[name=reason]").fill("不是同一人")
    screen.shoot("unmerge")
    screen.check()
    drawer.get_by_role("button", name="撤销合并").click()
    page.get_by_text("已撤销合并").wait_for()
    assert not Person.objects.filter(canonical__isnull=False).exists()
    assert SuspectPair.objects.get().state == "open"


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_death_asks_for_the_name_and_may_be_corrected(request: pytest.FixtureRequest, site: Site, width: str) -> None:
    screen: Screen = request.getfixturevalue(width)
    screen.sign_in(site.keeper.login, accounts.PASSWORD)
    page = screen.visit(site.address("deceased"))
    page.get_by_label("去世日期").fill(today().isoformat())
    page.get_by_label("依据").fill("死亡医学证明 3 号")
    page.get_by_label("再输入一次姓名确认").fill("周和")
    page.get_by_role("button", name="登记去世").click()
    page.get_by_text("与档案上的姓名不一致").first.wait_for()
    screen.problems = [problem for problem in screen.problems if "422" not in problem]
    screen.shoot("deceased-refused")
    screen.check()
    page.get_by_label("再输入一次姓名确认").fill("周禾")
    page.get_by_role("button", name="登记去世").click()
    page.get_by_text("已登记。").wait_for()
    screen.shoot("deceased")
    screen.check()
    page.get_by_role("link", name="更正去世登记").click()
    drawer = page.get_by_role("dialog")
    drawer.locator("[name=reason]").fill("登记有误")
    drawer.get_by_role("button", name="更正").click()
    page.get_by_text("已更正").wait_for()
    assert Person.objects.get(number=site.names["number"]).deceased_on is None
