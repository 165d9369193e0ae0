"""A teacher chooses a resource in a vendor's tool and a pupil opens it, in a real browser across two sites."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from lingqu.foundation.applications import testing as making
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.lti.models import Tool
from lingqu.foundation.lti.services.claims import issuer
from lingqu.foundation.lti.services.launching import address
from lingqu.foundation.lti.testing import make_tool
from lingqu.foundation.oidc.services import keys
from tests.lti.conftest import School, make_school
from tests.lti.tool import VendorTool, running

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def vendor(live_server: Any, settings: Any) -> Iterator[VendorTool]:
    forget_standings()
    keys.forget()
    settings.PUBLIC = urlsplit(live_server.url)
    settings.LINGQU_OUTGOING_ALLOW = ["127.0.0.1/32"]
    with running() as tool:
        yield tool


def installed(tool: VendorTool, **application: Any) -> tuple[Any, Tool]:
    """The vendor's tool and the platform know each other."""
    app, row = make_tool(
        {
            "login_url": f"{tool.url}/login", "redirect_uris": (f"{tool.url}/launch",), "target_url": f"{tool.url}/launch",
            "deep_linking_url": f"{tool.url}/launch", "jwks_url": f"{tool.url}/jwks", "keys": "",
        },
        **application,
    )  # fmt: skip
    tool.register({
        "issuer": issuer(), "client_id": app.client_id, "deployment_ids": [str(row.id)], "auth_login_url": address("auth"),
        "auth_token_url": address("token"), "key_set_url": address("jwks"),
    })  # fmt: skip
    return app, row


def choose(screen: Any, school: School) -> None:
    """From the empty page of the class through the tool and back; forms send themselves."""
    screen.visit(f"/classes/{school.group.id}/lti")
    screen.shoot("lti-class-empty")
    screen.check()
    screen.page.click("text=去挑选")
    screen.page.wait_for_url("**/lti?added=2")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_choosing_and_opening(request: pytest.FixtureRequest, vendor: VendorTool, width: str) -> None:
    screen, school = request.getfixturevalue(width), make_school()
    installed(vendor, name="口语小教练（演示）")
    make_tool({"deep_linking_url": ""}, name="汉语词典（演示）")
    screen.sign_in(school.teacher.login, testing.PASSWORD)
    choose(screen, school)
    screen.shoot("lti-class-teacher")
    screen.check()
    assert vendor.faults == []
    screen.page.click("summary:has-text('移出') >> nth=0")
    screen.shoot("lti-class-remove")
    screen.page.context.clear_cookies()
    screen.sign_in(school.pupils[0].login, testing.PASSWORD)
    screen.visit(f"/classes/{school.group.id}")
    screen.page.click("text=应用资源")
    screen.page.wait_for_url("**/lti")
    screen.shoot("lti-class-pupil")
    screen.check()
    screen.page.click("[aria-label='打开 分数小测']")
    screen.page.wait_for_url(f"{vendor.url}/launch")
    assert screen.page.inner_text("h1") == "周禾" and vendor.faults == []


def test_a_visitor_signs_in_on_the_way(desktop: Any, vendor: VendorTool) -> None:
    school = make_school()
    app, _row = installed(vendor)
    desktop.visit(f"/lti/enter/{app.client_id}")
    desktop.page.fill("[name=login]", school.teacher.login)
    desktop.page.fill("[name=password]", testing.PASSWORD)
    desktop.page.press("[name=password]", "Enter")
    desktop.page.wait_for_url(f"{vendor.url}/launch")
    assert desktop.page.inner_text("h1") == "苏文" and vendor.faults == []


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_settings(request: pytest.FixtureRequest, vendor: VendorTool, width: str) -> None:
    screen = request.getfixturevalue(width)
    app, _row = installed(vendor, name="口语小教练（演示）")
    bare = making.make_application("汉语词典（演示）")
    account = testing.duty_account("county_admin")
    screen.sign_in(account.login, testing.PASSWORD)
    for path, name in (
        (f"/applications/{app.client_id}/lti", "settings"), (f"/applications/{bare.client_id}/lti", "settings-new"),
        (f"/applications/{app.client_id}", "application"), ("/developer/guides/lti", "guide"),
    ):  # fmt: skip
        screen.visit(path)
        screen.shoot(f"lti-{name}")
        screen.check()
    screen.visit(f"/applications/{bare.client_id}/lti")
    screen.page.fill("[name=login_url]", "http://tool.example.cn/login")
    screen.page.fill("[name=redirect_uris]", "https://tool.example.cn/launch")
    screen.page.fill("[name=target_url]", "https://tool.example.cn/open")
    screen.page.click("text=保存")
    screen.page.wait_for_selector("[role=alert]")
    screen.shoot("lti-settings-wrong")
