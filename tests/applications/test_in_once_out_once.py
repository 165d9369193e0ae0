"""In once, three applications of three protocols; one end, and all three refuse and are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from lingqu.foundation.applications.models import LogoutNotice
from lingqu.foundation.cas.testing import make_service
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, SsoSession
from lingqu.foundation.oidc.services import keys
from lingqu.foundation.oidc.testing import AFTER, Registered, client
from lingqu.foundation.saml.testing import make_provider
from lingqu.kernel.testing import deliver_events, run_jobs
from tests.oidc.walking import code_for, redeem, token, userinfo
from tests.saml import makers
from tests.upstream.platforms import Platform

from .desk import teacher_of
from .hearing import CAS, OIDC, SAML, cas_login, ticket_at, told_of, validate


@dataclass
class Entered:
    """A teacher in a browser who is in all three; ``body`` is what the OpenID Connect application holds."""

    account: Account
    browser: Client
    school: Any
    board: Registered
    saml: Any
    body: dict[str, str]
    ticket: str


@pytest.fixture
def entered(school: Any, vendor: Platform) -> Entered:
    keys.forget()
    board = client(backchannel_uri=vendor.url + OIDC)
    make_service(vendor.url + CAS)
    metadata = makers.metadata(certificate=makers.key_pair()[1], soap=vendor.url + SAML)
    saml, account = make_provider(metadata), teacher_of(school)
    browser = testing.browser(account)
    body = redeem(board, code_for(browser, board)).json()
    ticket = ticket_at(browser, vendor)
    assert validate(vendor, ticket) and has_assertion(browser, saml)
    return Entered(account, browser, school, board, saml, body, ticket)


def has_assertion(browser: Client, saml: Any) -> bool:
    answer = browser.get(f"/saml/enter/{saml.client_id}")
    return answer.status_code == 200 and 'name="SAMLResponse"' in answer.content.decode()


def sign_out(here: Entered) -> None:
    here.browser.post("/sign-out")


def ask_by_application(here: Entered) -> None:
    wish = urlencode({"id_token_hint": here.body["id_token"], "post_logout_redirect_uri": AFTER})
    assert here.browser.get(f"/oidc/logout?{wish}")["Location"] == AFTER


def administrator(act: str) -> Callable[[Entered], None]:
    def done(here: Entered) -> None:
        person = testing.make_person("吴静", organisation=here.school)
        testing.give_duty(person, "school_admin", here.school)
        desk = testing.browser(testing.account_for(person))
        assert desk.post(f"/people/{here.account.login}/account/{act}", {"reason": "手机丢了"}).status_code == 302

    return done


@pytest.mark.parametrize(
    "end", [sign_out, ask_by_application, administrator("end-sessions"), administrator("lock")],
    ids=["own sign-out", "asked by an application", "ended by the administrator", "stopped by the administrator"],
)  # fmt: skip
def test_one_end_for_all_three(entered: Entered, vendor: Platform, end: Callable[[Entered], None]) -> None:
    session = SsoSession.objects.get()
    unused = ticket_at(entered.browser, vendor)
    end(entered)
    assert userinfo(entered.body["access_token"]).status_code == 401
    refreshed = token(entered.board, grant_type="refresh_token", refresh_token=entered.body["refresh_token"])
    assert refreshed.status_code == 400
    assert not validate(vendor, unused)
    assert "ticket=" not in cas_login(entered.browser, vendor)
    assert not has_assertion(entered.browser, entered.saml)
    deliver_events()
    run_jobs("applications.send_logout_notices")
    assert sorted(told_of(vendor)) == sorted([str(session.id), str(session.id), entered.ticket])
    assert set(LogoutNotice.objects.values_list("state", flat=True)) == {"sent"}
