"""Two proofs: what an account asks for beside the word of a platform above, and whose word is enough."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.test import Client

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, FactorRule, OneTimeApp, Passkey, SsoSession
from lingqu.foundation.upstream.models import Source, Visit
from lingqu.foundation.upstream.services import proved_second
from lingqu.foundation.upstream.testing import make_source
from lingqu.foundation.upstream.types import Arrived
from lingqu.kernel import crypto
from lingqu.kernel.clock import now

from .platforms import CAS_OK, Platform
from .test_upstream import Issuer, issuer  # noqa: F401
from .visiting import ID_NUMBER, go, is_in, ticket_source, told

SECRET = b"12345678901234567890"


def code() -> str:
    totp = TOTP(SECRET, 6, SHA1(), 30, enforce_key_length=False)
    return totp.generate(int(time.time())).decode()


@pytest.fixture
def guarded(teacher: Account) -> Account:
    sealed = crypto.seal_fields({"secret": base64.b32encode(SECRET).decode()})
    OneTimeApp.objects.create(account=teacher, sealed=sealed, confirmed_at=now(), last_step=0)
    return teacher


def test_the_second_factor_is_asked_after_the_answer_from_above(above: Platform, guarded: Account) -> None:
    ticket_source(above)
    above.says("/verify", told())
    browser = Client()
    assert go(browser, ticket="TK-1")["Location"] == "/sign-in/second" and not is_in(browser)
    page = browser.get("/sign-in/second").content.decode()
    assert "上级平台已确认身份" in page and "密码对了" not in page
    assert browser.post("/sign-in/second", {"code": "000000"}).status_code == 422 and not is_in(browser)
    assert not Visit.objects.exists()
    assert browser.post("/sign-in/second", {"code": code()})["Location"] == "/me" and is_in(browser)
    session = SsoSession.objects.get()
    assert session.amr == ["fed", "otp"]
    visit = Visit.objects.get()
    assert (visit.session_id, visit.subject, visit.session_above) == (session.id, "P-77", "s-1")
    assert Client().post("/sign-in/second", {"code": code()}).status_code == 422, "another browser has proved nothing"


def test_a_logout_above_reaches_who_proved_both(issuer: Issuer, guarded: Account) -> None:  # noqa: F811
    browser = Client()
    assert issuer.visit(browser)["Location"] == "/sign-in/second"
    browser.post("/sign-in/second", {"code": code()})
    assert is_in(browser)
    event = {"http://schemas.openid.net/event/backchannel-logout": {}}
    token = issuer.signed(events=event, jti="j-1", sid="up-1")
    assert Client().post("/from/province/logout", {"logout_token": token}).status_code == 200
    assert not is_in(browser)


def test_an_account_stopped_between_the_two_stays_out(above: Platform, guarded: Account) -> None:
    ticket_source(above)
    above.says("/verify", told())
    browser = Client()
    go(browser, ticket="TK-1")
    Account.objects.update(state="locked")
    assert browser.post("/sign-in/second", {"code": code()})["Location"] == "/sign-in"
    assert not is_in(browser) and not Visit.objects.exists()


@pytest.mark.parametrize(
    ("is_trusted", "claims", "is_let_in"),
    [
        (True, {"amr": ["pwd", "mfa"]}, True), (True, {"acr": "loa-3"}, True), (True, {"amr": ["pwd"]}, False),
        (True, {"acr": "loa-2"}, False), (True, {"acr": ""}, False), (True, {"amr": "mfa pwd"}, True), (True, {}, False),
        (False, {"amr": ["mfa"], "acr": "loa-3"}, False),
    ],
)  # fmt: skip
def test_the_word_of_a_source_counts_when_it_is_trusted_for_it(
    issuer: Issuer,  # noqa: F811
    guarded: Account,
    is_trusted: bool,
    claims: dict[str, Any],
    is_let_in: bool,
) -> None:
    source = Source.objects.get()
    Source.objects.update(trusts_factor=is_trusted, options={**source.options, "factor_acr": ["loa-3"]})
    issuer.changes = claims
    browser = Client()
    assert issuer.visit(browser)["Location"] == ("/" if is_let_in else "/sign-in/second")
    assert is_in(browser) is is_let_in
    if is_let_in:
        assert SsoSession.objects.get().amr == ["fed", "mfa"]


def test_what_only_the_userinfo_says_is_no_proof(issuer: Issuer, above: Platform, guarded: Account) -> None:  # noqa: F811
    Source.objects.update(trusts_factor=True)
    above.answers["/.well-known/openid-configuration"]["userinfo_endpoint"] = f"{above.url}/userinfo"
    above.says("/userinfo", {"sub": "u-1", "amr": ["mfa"]})
    assert issuer.visit(Client())["Location"] == "/sign-in/second"


def test_cas_and_tickets_tell_their_means_too(above: Platform, guarded: Account) -> None:
    names = {"name": "xm", "id_number": "sfzh"}
    make_source(kind="cas", options={"server_url": f"{above.url}/cas", "claims": names}, trusts_factor=True)
    answer = CAS_OK.format(id_number=ID_NUMBER)
    above.says("/cas/p3/serviceValidate", answer)
    assert go(Client(), ticket="ST-1")["Location"] == "/sign-in/second"
    means = "<cas:amr>pwd</cas:amr><cas:amr>mfa</cas:amr></cas:attributes>"
    above.says("/cas/p3/serviceValidate", answer.replace("</cas:attributes>", means))
    assert go(Client(), ticket="ST-2")["Location"] == "/me"
    ticket_source(above, code="portal", trusts_factor=True)
    above.says("/verify", told(amr="pwd mfa"))
    assert go(Client(), "portal", ticket="TK-1")["Location"] == "/me"


def test_a_level_that_nobody_named_is_none() -> None:
    source = Source(trusts_factor=True, options={"factor_acr": "loa-3"})
    assert proved_second(source=source, arrived=Arrived(subject="u", acr="loa-3"))
    assert not proved_second(source=Source(trusts_factor=True), arrived=Arrived(subject="u", acr="0"))


@pytest.mark.parametrize("is_trusted", [True, False])
def test_a_role_that_demands_one_is_content_with_the_trusted_word(
    issuer: Issuer,  # noqa: F811
    teacher: Account,
    is_trusted: bool,
) -> None:
    """Who has no second factor here sets one up first, unless it was proved above."""
    Source.objects.update(trusts_factor=is_trusted)
    FactorRule.objects.create(id=1, roles=["teacher"], grace_days=0, since=now())
    Account.objects.update(activated_at=now())
    issuer.changes = {"amr": ["mfa"]}
    browser = Client()
    issuer.visit(browser)
    answer = browser.get("/me")
    if is_trusted:
        assert answer.status_code == 200
    else:
        assert answer["Location"] == "/me/second-factor"
        assert browser.get("/me/second-factor").status_code == 200, "coming from above is proof enough to set one up"


def test_a_locked_visit_may_come_from_above_again(above: Platform, teacher: Account) -> None:
    ticket_source(above)
    above.says("/verify", told())
    person = teacher.person
    assert person is not None
    testing.give_duty(person, "register_officer", person.organisation)
    browser = Client()
    go(browser, ticket="TK-1")
    browser.post("/locked/now")
    page = browser.get("/locked?next=/me").content.decode()
    assert "/from/province?next=/me" in page
    assert not Passkey.objects.exists() and "data-passkey" not in page
