"""One's own account: where it is signed in, and everything held about oneself."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO

import fastexcel
import pytest

from lingqu.foundation.identity import agents, testing
from lingqu.foundation.identity.models import Account, SsoSession
from lingqu.kernel.clock import now
from lingqu.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Safari/537.36 Edg/120"
WECHAT = "Mozilla/5.0 (Linux; Android 13) Chrome/111 Mobile Safari/537.36 MicroMessenger/8.0"


@pytest.mark.parametrize(
    ("agent", "words"),
    [(EDGE, "Edge · Windows"), (WECHAT, "微信 · Android"), ("", "未知设备"), ("curl/8", "未知设备")],
)
def test_a_browser_is_named_so_that_its_owner_knows_it(agent: str, words: str) -> None:
    assert agents.words_of(agent) == words


def test_one_ends_a_session_elsewhere_or_all_of_them(teacher: Account) -> None:
    here = testing.browser(teacher, HTTP_USER_AGENT=EDGE)
    phones = [testing.browser(teacher, HTTP_USER_AGENT=WECHAT) for _phone in range(3)]
    page = here.get("/me").content.decode()
    assert page.count("微信 · Android") >= 3 and "Edge · Windows" in page
    first = SsoSession.objects.filter(agent=WECHAT).earliest("began_at")
    assert here.post(f"/me/sessions/{first.id}/end").status_code == 302
    assert [phone.get("/me").status_code for phone in phones] == [302, 200, 200]
    here.post("/me/sessions/end-others")
    assert [phone.get("/me").status_code for phone in phones] == [302, 302, 302]
    assert here.get("/me").status_code == 200
    assert set(SsoSession.objects.filter(agent=WECHAT).values_list("ended_because", flat=True)) == {"revoked"}


def test_nobody_ends_the_session_of_somebody_else(teacher: Account) -> None:
    victim = testing.browser(teacher)
    session = SsoSession.objects.get(account=teacher)
    testing.browser(testing.duty_account("county_admin")).post(f"/me/sessions/{session.id}/end")
    assert victim.get("/me").status_code == 200


def test_ones_own_data_asks_for_the_password_and_leaves_a_trace(teacher: Account) -> None:
    browser = testing.browser(teacher)
    SsoSession.objects.update(auth_time=now() - timedelta(minutes=11))
    asked = browser.get("/me/data?as=json")
    assert asked["Location"] == "/sign-in/again?next=%2Fme%2Fdata%3Fas%3Djson"
    assert browser.post(asked["Location"], {"password": testing.PASSWORD})["Location"] == "/me/data?as=json"
    answer = browser.get("/me/data?as=json")
    values = json.loads(b"".join(answer))
    assert values["account"]["login"] == teacher.login
    assert values["register"]["name"] == "李老师"
    assert [one["outcome"] for one in values["attempts"]] == ["ok", "ok"]
    assert testing.PASSWORD not in json.dumps(values) and "argon2" not in json.dumps(values)
    book = fastexcel.read_excel(BytesIO(b"".join(browser.get("/me/data"))).getvalue())
    assert {"account", "roles", "sign_ins", "register"} <= set(book.sheet_names)
    assert AuditEntry.objects.filter(action="identity.own_data.taken").count() == 2


def test_a_pin_is_not_enough_to_take_the_data(teacher: Account) -> None:
    browser = testing.signed_in(teacher)
    SsoSession.objects.update(amr=["pin"])
    assert browser.get("/me/data")["Location"].startswith("/sign-in/again")
