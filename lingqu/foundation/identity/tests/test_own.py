"""One's own account: where it is signed in, and everything held about oneself."""

from __future__ import annotations

import pytest

from lingqu.foundation.identity import agents, testing
from lingqu.foundation.identity.models import Account, SsoSession

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
