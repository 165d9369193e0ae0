"""A mother on the phone asks for a certificate of attendance, the school settles what does not fit, anybody verifies the paper."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.governance.service_hall import register
from lingqu.governance.service_hall.models import Paper
from lingqu.kernel.clock import today

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def place() -> Any:
    registry.prepare()
    forget_standings()
    registry.ensure_root(name="云汀市教育局（演示）")
    county = people.make_organisation(kind="region", name="青湾县")
    school = people.make_school(county, name="第三中学")
    officer = people.make_teacher(school, "郝岩")
    accounts.give_duty(officer, "register_officer", school)
    child = people.make_pupil(people.make_class(school), "周禾", sex="2")
    return SimpleNamespace(
        child=child,
        mother=accounts.account_for(people.make_guardian(child, "王若琳")),
        officer=accounts.account_for(officer),
    )


def test_a_certificate_from_the_phone(desktop: Any, phone: Any, place: Any) -> None:
    register.memberships().filter(person=place.child).update(valid_to=today())
    phone.sign_in(place.mother.login, accounts.PASSWORD)
    page = phone.visit("/services")
    phone.check()
    page.get_by_role("link", name="在读证明").first.click()
    page.get_by_role("heading", name="在读证明", level=1).wait_for()
    phone.shoot("hall-guide")
    phone.check()
    phone.visit("/services/ask/study")
    page.get_by_label("做什么用").fill("办理社会保险")
    phone.check()
    page.get_by_role("button", name="申请", exact=True).click()
    page.wait_for_url("**/services/requests/*")
    phone.shoot("hall-request")
    phone.check()

    desktop.sign_in(place.officer.login, accounts.PASSWORD)
    desk = desktop.visit("/services/papers")
    desktop.check()
    desk.get_by_role("link", name="周禾").first.click()
    desk.get_by_text("没有编入班级。").wait_for()
    desktop.shoot("hall-decide")
    desktop.check()
    desk.get_by_role("button", name="核对无误，出具").click()
    desk.wait_for_url("**/services/papers**")

    page.reload()
    page.get_by_role("link", name="看证明").click()
    page.get_by_role("link", name="下载 PDF").wait_for()
    phone.shoot("hall-paper")
    phone.check()
    paper = Paper.objects.get()
    phone.page.context.clear_cookies()
    phone.visit(f"/verify/papers?number={paper.number}&code={paper.check_code}")
    page.get_by_text("真实有效").first.wait_for()
    assert "周禾" not in page.content()
    phone.check()
