"""Shelf, administration, developer pages and consents in a real browser at both widths."""

from __future__ import annotations

from typing import Any

import pytest

from lingqu.config.demo.applications import set_up_applications
from lingqu.config.demo.numbers import CITY_REGION
from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import Application, LegacyAccount
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.registry import api as registry

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city() -> Any:
    forget_standings()
    made = registry.ensure_root(name="云汀市教育局（演示）", code=CITY_REGION)
    testing.duty_account("vendor", made, login="demo.vendor")
    set_up_applications()
    return made


def used(school: Any) -> applications.App:
    """One of the shelf's applications, with some traffic."""
    row = Application.objects.get(name="体育打卡（演示）")
    app = applications.get_application(row.id)
    pupil = testing.make_person("周禾", organisation=school)
    account = testing.account_for(pupil)
    applications.record_release(app=app, account_id=account.id, protocol="oidc", fields=["name", "lingqu_classes"])
    for outcome, took in (("ok", 41), ("ok", 88), ("invalid_grant", 12)):
        applications.log_request(
            app=app, protocol="oidc", endpoint="/oauth/token", outcome=outcome, milliseconds=took, request_id="01a2-3c"
        )
    for state, name in (("missing", "陈一诺"), ("ambiguous", "李子涵")):
        LegacyAccount.objects.create(application=row, vendor_user=f"old-{state}", name=name, state=state)
    return app


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_shelf_and_consents(request: pytest.FixtureRequest, live_server: Any, city: Any, width: str) -> None:
    page = request.getfixturevalue(width)
    school = testing.make_school(name="云汀市第三中学（演示）", parent=city)
    group = testing.make_class(school)
    teacher = testing.make_person("苏文", organisation=school)
    testing.employ(teacher, school)
    testing.give_duty(teacher, "head_teacher", school, group)
    for name in ("周禾", "江一帆"):
        testing.seat(testing.make_person(name, organisation=school), group)
    account = testing.account_for(teacher)
    app = used(school)
    applications.record_release(app=app, account_id=account.id, protocol="oidc", fields=["name"])
    page.sign_in(account.login, testing.PASSWORD)
    for path, name in (
        ("/apps", "shelf"), ("/apps?q=不存在", "shelf-none"), ("/apps/mine", "linked"),
        (f"/classes/{group.id}/app-consents", "papers"), ("/developer/guides/data", "guide-data"),
    ):  # fmt: skip
        page.visit(path)
        page.shoot(f"apps-{name}")
        page.check()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_bureau(request: pytest.FixtureRequest, live_server: Any, city: Any, width: str) -> None:
    page = request.getfixturevalue(width)
    app = used(testing.make_school(name="云汀市第三中学（演示）", parent=city))
    account = testing.duty_account("county_admin", city)
    page.sign_in(account.login, testing.PASSWORD)
    url = f"/applications/{app.client_id}"
    for path, name in (
        ("/applications", "list"), (url, "page"), (f"{url}/edit", "edit"), (f"{url}/filing", "filing"),
        (f"{url}/adopt", "adopt"), (f"{url}/requests", "requests"), (f"{url}/releases", "releases"),
        (f"{url}/users", "legacy"), ("/applications/new", "new"),
    ):  # fmt: skip
        page.visit(path)
        page.shoot(f"apps-{name}")
        page.check()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_vendor(request: pytest.FixtureRequest, live_server: Any, city: Any, width: str) -> None:
    page = request.getfixturevalue(width)
    page.sign_in("demo.vendor", testing.PASSWORD)
    page.visit("/developer")
    page.page.click("text=准备沙箱人员")
    page.page.wait_for_selector("text=只显示这一次")
    page.shoot("apps-developer")
    page.check()
    draft = Application.objects.get(state="draft")
    page.visit(f"/applications/{draft.client_id}")
    page.page.click("text=生成密钥")
    page.page.wait_for_selector("text=新密钥")
    page.shoot("apps-draft")
    page.check()
