"""The second factor stands between password and session, and each code is used once."""

from __future__ import annotations

import base64
import re
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, OneTimeApp, RecoveryCode, SsoSession
from lingqu.foundation.identity.services import activation
from lingqu.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return testing.duty_account("county_admin")


def _digits(secret: str, steps: int = 0) -> str:
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), 30, enforce_key_length=False)
    return totp.generate(int(time.time()) + steps * 30).decode()


def turn_on(account: Account, browser: Any = None) -> tuple[Any, str, list[str]]:
    browser = browser or testing.browser(account)
    page = browser.post("/me/second-factor", {"begin": "1"}).content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page)[1]
    assert browser.post("/me/second-factor", {"code": "000000"}).status_code == 302
    assert not OneTimeApp.objects.get().confirmed_at
    done = browser.post("/me/second-factor", {"code": _digits(secret, -1)}).content.decode()
    return browser, secret, re.findall(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", done)


def _at_the_door(account: Account) -> Any:
    client = testing.Client()
    answer = client.post("/sign-in", {"login": account.login, "password": testing.PASSWORD, "next": "/me"})
    assert answer["Location"] == "/sign-in/second"
    assert client.get("/me")["Location"].startswith("/sign-in")
    return client


def test_password_and_digits_let_in_once(account: Account) -> None:
    _browser, secret, recovery = turn_on(account)
    assert len(set(recovery)) == 10
    client, digits = _at_the_door(account), _digits(secret)
    assert client.post("/sign-in/second", {"code": "12345"}).status_code == 422
    assert client.post("/sign-in/second", {"code": digits})["Location"] == "/me"
    assert SsoSession.objects.latest("began_at").amr == ["otp", "pwd"]
    assert _at_the_door(account).post("/sign-in/second", {"code": digits}).status_code == 422
    assert secret.encode() not in bytes(OneTimeApp.objects.get().sealed)


def test_a_recovery_code_lets_in_once(account: Account) -> None:
    _browser, _secret, recovery = turn_on(account)
    assert _at_the_door(account).post("/sign-in/second", {"code": recovery[0].lower()})["Location"] == "/me"
    assert _at_the_door(account).post("/sign-in/second", {"code": recovery[0]}).status_code == 422
    assert RecoveryCode.objects.filter(used_at=None).count() == 9


def test_guessing_ends_after_eight(account: Account) -> None:
    turn_on(account)
    client = _at_the_door(account)
    seen = [client.post("/sign-in/second", {"code": f"{at:06d}"}).status_code for at in range(9)]
    assert seen[-1] == 429


def test_a_reset_password_does_not_go_round_it() -> None:
    school = testing.make_school()
    person = testing.make_person("李老师", organisation=school)
    testing.employ(person, school)
    account = testing.account_for(person)
    turn_on(account)
    code = activation.issue_reset(actor=testing.SYSTEM, account=account)
    client = testing.Client()
    client.post("/activate", {"code": code})
    word = {"password": "Shan-shui-2026", "repeat": "Shan-shui-2026"}
    assert client.post("/activate", word)["Location"] == "/sign-in/second"
    assert client.get("/me").status_code == 302


def test_without_the_password_there_is_no_second_step_and_it_is_turned_off_with_a_trace(account: Account) -> None:
    assert testing.Client().get("/sign-in/second").status_code == 422
    browser, _secret, _recovery = turn_on(account)
    browser.post("/me/second-factor", {"remove": "1"})
    assert not OneTimeApp.objects.exists() and not RecoveryCode.objects.exists()
    assert testing.browser(account).get("/me").status_code == 200
    assert AuditEntry.objects.filter(action__startswith="identity.factor").count() == 2
