"""Passkeys in a real browser, with Chromium's virtual authenticator in the place of a finger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, Passkey, SsoSession

from .conftest import Screen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
OPTIONS = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def account(live_server: Any, settings: Any) -> Account:
    settings.PUBLIC = urlsplit(live_server.url)
    return testing.duty_account("security_admin")


@pytest.fixture
def keyed(account: Account, desktop: Screen) -> Iterator[tuple[Screen, Any, str]]:
    """A browser whose machine has an authenticator, and the way to speak to it."""
    devtools = desktop.page.context.new_cdp_session(desktop.page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": OPTIONS})
    yield desktop, devtools, made["authenticatorId"]
    devtools.detach()


def _register(screen: Screen, account: Account) -> None:
    screen.sign_in(account.login, testing.PASSWORD)
    page = screen.visit("/me/second-factor")
    screen.check()
    screen.shoot("passkeys-none")
    page.fill("[name=name]", "办公室电脑")
    page.click("text=添加通行密钥")
    page.wait_for_selector("#recovery")
    assert page.locator("#recovery li").count() == 10
    screen.check()
    screen.shoot("passkeys-recovery")
    screen.visit("/me/second-factor")
    screen.shoot("passkeys-one")
    screen.check()


def _sign_out(screen: Screen) -> None:
    screen.page.context.clear_cookies()


def test_register_sign_in_without_password_as_second_factor_and_after_removal(
    keyed: tuple[Screen, Any, str], account: Account
) -> None:
    screen, devtools, machine = keyed
    page = screen.page
    _register(screen, account)
    _sign_out(screen)

    screen.visit("/sign-in?next=/me")
    screen.check()
    screen.shoot("passkeys-door")
    page.click("text=用通行密钥登录")
    page.wait_for_url(re.compile(r"\d/me$"))
    assert SsoSession.objects.latest("began_at").amr == ["hwk", "mfa", "user"]
    assert Passkey.objects.get().sign_count > 0
    _sign_out(screen)

    screen.visit("/sign-in?next=/me")
    page.fill("[name=login]", account.login)
    page.fill("[name=password]", testing.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/sign-in/second")
    screen.check()
    screen.shoot("passkeys-second")
    page.click("button:has-text('用通行密钥')")
    page.wait_for_url(re.compile(r"\d/me$"))
    assert SsoSession.objects.latest("began_at").amr == ["hwk", "mfa", "pwd", "user"]

    screen.visit("/me/second-factor")
    page.click("summary:has-text('删除')")
    page.click(".lq-reveal-sheet button:has-text('删除')")
    page.wait_for_selector("text=它不能再用来登录")
    assert not Passkey.objects.exists()
    assert len(devtools.send("WebAuthn.getCredentials", {"authenticatorId": machine})["credentials"]) == 1
    _sign_out(screen)
    screen.visit("/sign-in?next=/me")
    page.click("text=用通行密钥登录")
    page.wait_for_selector("[role=alert]:has-text('通行密钥没有通过核对')")
    assert "/sign-in" in page.url


def test_whoever_cancels_reads_what_else_there_is(keyed: tuple[Screen, Any, str], account: Account) -> None:
    screen, devtools, machine = keyed
    _register(screen, account)
    _sign_out(screen)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": machine, "isUserVerified": False})
    screen.visit("/sign-in")
    screen.page.click("text=用通行密钥登录")
    screen.page.wait_for_selector("[data-passkey-note]:has-text('没有完成')")


def test_on_a_phone(account: Account, phone: Screen) -> None:
    phone.visit("/sign-in")
    phone.check()
    phone.shoot("passkeys-door")
    phone.sign_in(account.login, testing.PASSWORD)
    for path, name in (("/me/second-factor", "passkeys-none"), ("/security/second-factor", "factor-rule")):
        phone.visit(path)
        phone.check()
        phone.shoot(name)


def test_the_rule_at_a_desk(account: Account, desktop: Screen) -> None:
    desktop.sign_in(account.login, testing.PASSWORD)
    desktop.visit("/security/second-factor")
    desktop.check()
    desktop.shoot("factor-rule")


def test_it_opens_the_lock_over_a_page_which_stays_as_it_was(live_server: Any, settings: Any, desktop: Screen) -> None:
    settings.PUBLIC = urlsplit(live_server.url)
    account = testing.duty_account("county_admin")
    devtools = desktop.page.context.new_cdp_session(desktop.page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": OPTIONS})
    _register(desktop, account)
    _sign_out(desktop)
    settings.LINGQU_IDLE_MINUTES = 0.3
    page = desktop.visit("/sign-in?next=/me/password")
    page.click("text=用通行密钥登录")
    page.wait_for_url(re.compile(r"\d/me/password$"))  # the address of the door ends alike
    first = page.locator("input[type=password]").first
    first.fill("half typed")
    cover = page.locator("dialog.lq-lock")
    key = cover.locator("[data-passkey] button")
    key.wait_for(timeout=40_000)
    desktop.problems.clear()  # the browser notes the 401 that told the page of its lock
    desktop.shoot("lock-cover-passkey")
    desktop.check()
    settings.LINGQU_IDLE_MINUTES = 15
    key.click()
    cover.wait_for(state="detached")
    assert first.input_value() == "half typed"
    page.evaluate("document.querySelector('form[action=\"/locked/now\"]').submit()")
    page.wait_for_url("**/locked")
    desktop.shoot("lock-passkey")
    desktop.check()
    page.click("[data-passkey] button")
    page.wait_for_url(lambda url: "/locked" not in url)
