"""Consent, sign-out and the settings of an application, in a real browser at both widths, with the application on a site of
its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lingqu.foundation.applications.models import Application, Consent
from lingqu.foundation.applications.testing import make_vendor
from lingqu.foundation.cas.testing import make_service
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.oidc.services import keys
from lingqu.foundation.oidc.testing import client
from lingqu.foundation.registry import api as registry
from lingqu.foundation.saml.services.providers import metadata_of, set_provider
from lingqu.foundation.saml.testing import SYSTEM, make_application
from lingqu.kernel.clock import today

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = pytest.mark.parametrize("width", ["desktop", "phone"])


class _Application(BaseHTTPRequestHandler):
    """Somebody else's site: whoever comes in sees that."""

    def do_GET(self) -> None:
        body = (
            '<!doctype html><html lang="zh"><title>app</title><link rel="icon" href="data:,"><h1>进来了</h1>'.encode()
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_told: Any) -> None:
        """Nothing on the screen of the tests."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Application)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def school() -> Any:
    forget_standings()
    keys.forget()
    city = registry.ensure_root(name="云汀市教育局（演示）")
    return testing.make_school(name="云汀市第三中学（演示）", parent=city)


def teacher_at(school: Any) -> Any:
    return testing.teacher_of(testing.make_class(school, "八（3）班"), "苏文")


def say(screen: Any, button: str) -> None:
    screen.page.get_by_role("button", name=button, exact=True).click()
    screen.page.wait_for_load_state("load")


@WIDTHS
def test_refuse_agree_and_take_back(request: pytest.FixtureRequest, school: Any, site: str, width: str) -> None:
    screen, account = request.getfixturevalue(width), teacher_at(school)
    app = make_service(
        f"{site}/portal",
        name="口语小教练（演示）",
        scopes=("roles",),
        by_consent=("profile", "phone"),
        entry_url=f"{site}/portal",
    )
    screen.sign_in(account.login, testing.PASSWORD)
    enter = f"/cas/login?service={site}/portal"
    screen.visit(enter)
    screen.shoot("consent")
    screen.check()
    say(screen, "不同意")
    screen.page.wait_for_selector("text=没有收到你的任何信息")
    screen.shoot("consent-refused")
    screen.check()
    screen.visit(enter)
    say(screen, "同意并进入")
    screen.page.wait_for_url(f"{site}/portal?ticket=ST-**")
    assert screen.page.inner_text("h1") == "进来了"
    screen.visit("/apps/mine")
    screen.page.wait_for_selector(f"text={app.name}")
    screen.shoot("consent-linked")
    screen.check()
    screen.page.get_by_role("button", name=f"收回同意：{app.name}").click()
    screen.page.wait_for_selector("text=已收回同意")
    assert Consent.objects.get().ended_at is not None
    screen.visit(enter)
    assert screen.page.get_by_role("button", name="同意并进入").is_visible()


@WIDTHS
def test_a_yes_posts_the_assertion_to_the_application(
    request: pytest.FixtureRequest, school: Any, site: str, width: str
) -> None:
    screen, account = request.getfixturevalue(width), teacher_at(school)
    app = make_application("备课台（演示）", scopes=("roles",), by_consent=("profile",))
    metadata = metadata_of(entity_id="https://sp.example.cn/", acs_url=f"{site}/acs")
    set_provider(actor=SYSTEM, application_id=app.id, metadata=metadata)
    screen.sign_in(account.login, testing.PASSWORD)
    screen.visit(f"/saml/enter/{app.client_id}")
    say(screen, "同意并进入")
    screen.page.wait_for_url(f"{site}/acs")
    assert screen.page.inner_text("h1") == "进来了" and screen.problems == []


@WIDTHS
def test_a_guardian_agrees_for_a_child(request: pytest.FixtureRequest, school: Any, site: str, width: str) -> None:
    screen = request.getfixturevalue(width)
    child = testing.make_person("周禾", organisation=school, birth_date=today().replace(year=today().year - 9, day=1))
    testing.seat(child, testing.make_class(school))
    mother = testing.make_person("王若琳", organisation=school)
    testing.guard(mother, child)
    pupil, account = testing.account_for(child), testing.account_for(mother)
    app = make_service(f"{site}/portal", name="口语小教练（演示）", scopes=("roles",), by_consent=("profile", "phone"))
    screen.sign_in(pupil.login, testing.PASSWORD)
    screen.visit(f"/cas/login?service={site}/portal", status=403)
    screen.page.wait_for_selector("text=要由家长同意")
    screen.shoot("consent-child")
    screen.check()
    screen.page.context.clear_cookies()
    screen.sign_in(account.login, testing.PASSWORD)
    screen.visit(f"/apps/mine/{child.number}")
    screen.shoot("consent-guardian")
    screen.check()
    screen.page.get_by_role("button", name=f"为周禾同意“{app.name}”").click()
    screen.page.wait_for_selector("text=孩子现在可以进入")
    screen.shoot("consent-guardian-given")
    screen.check()


@WIDTHS
def test_the_way_out_names_what_it_reaches(request: pytest.FixtureRequest, school: Any, site: str, width: str) -> None:
    screen, account = request.getfixturevalue(width), teacher_at(school)
    for name, path, columns in (
        ("体育打卡（演示）", "sport", {"logout_support": True}), ("校车通（演示）", "bus", {"session_minutes": 60}),
        ("旧图书系统（演示）", "old", {}),
    ):  # fmt: skip
        make_service(f"{site}/{path}", name=name, **columns)
    asking = client(app=make_application("备课台（演示）"))
    screen.sign_in(account.login, testing.PASSWORD)
    for path in ("sport", "bus", "old"):
        screen.visit(f"/cas/login?service={site}/{path}")
        ticket = screen.page.url.partition("ticket=")[2]
        answer = screen.page.context.request.get(
            f"{screen.base}/cas/serviceValidate", params={"service": f"{site}/{path}", "ticket": ticket}
        )
        assert "authenticationSuccess" in answer.text()
    screen.visit(f"/oidc/logout?client_id={asking.client_id}")
    screen.shoot("leave-question")
    screen.check()
    assert screen.page.get_by_text("它最多还开 60 分钟").is_visible()
    say(screen, "退出登录")
    screen.page.wait_for_selector("h1:has-text('已退出')")
    shown = screen.page.inner_text("main")
    assert (
        shown.index("体育打卡") < shown.index("不能一起退出的应用") < shown.index("旧图书系统") < shown.index("校车通")
    )
    screen.shoot("left")
    screen.check()
    screen.visit("/me")
    assert "/sign-in" in screen.page.url


@WIDTHS
@pytest.mark.parametrize("who", ["vendor", "bureau"])
def test_settings_of_an_application(
    request: pytest.FixtureRequest, school: Any, site: str, width: str, who: str
) -> None:
    screen = request.getfixturevalue(width)
    root = registry.ensure_root()
    vendor = testing.duty_account("vendor", root)
    app = make_service(f"{site}/portal", name="口语小教练（演示）")
    Application.objects.filter(id=app.id).update(vendor=make_vendor(vendor, root))
    account = vendor if who == "vendor" else testing.duty_account("county_admin", root)
    screen.sign_in(account.login, testing.PASSWORD)
    url = f"/applications/{app.client_id}"
    for path, name in ((url, "page"), (f"{url}/cas", "cas"), (f"{url}/saml", "saml"), (f"{url}/lti", "lti")):
        screen.visit(path)
        screen.shoot(f"settings-{who}-{name}")
        screen.check()
    screen.visit(f"{url}/oidc")
    screen.page.fill("[name=redirect_uris]", "not an address")
    say(screen, "保存")
    assert screen.page.locator("[aria-invalid=true]").count() == 1
    screen.shoot(f"settings-{who}-oidc-wrong")
    screen.problems = [told for told in screen.problems if "status of 422" not in told]
    screen.check()
    screen.page.fill("[name=redirect_uris]", f"{site}/callback")
    say(screen, "保存")
    screen.page.wait_for_selector("text=已保存，马上生效")
    screen.shoot(f"settings-{who}-oidc")
    screen.check()
    has_waiver = screen.page.locator("[name=pkce_waived_because]:visible").count() == 1
    assert has_waiver == (who == "bureau"), "only the bureau relaxes a rule"
