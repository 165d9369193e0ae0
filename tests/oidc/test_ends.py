"""Ends hold at once at every endpoint, whatever was issued before; and what is released is what was granted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import Application, Consent, Participation, Release, ScopeGrant
from lingqu.foundation.identity import api as identity_api
from lingqu.foundation.identity import testing as identity
from lingqu.foundation.identity.models import Account, SsoSession
from lingqu.foundation.oidc import testing
from lingqu.foundation.oidc.models import Grant, SigningKey
from lingqu.foundation.oidc.services import grants, keys, leaving, tokens
from lingqu.kernel.clock import now
from lingqu.kernel.testing import deliver_events

from .walking import answer_of, ask, code_for, post, redeem, token, userinfo

pytestmark = pytest.mark.django_db


def suspend(entered: Entered) -> None:
    applications.suspend(actor=testing.SYSTEM, application_id=entered.client.app.id, reason="试")


def end_session(entered: Entered) -> None:
    entered.browser.post("/sign-out")


def lock(entered: Entered) -> None:
    Account.objects.filter(id=entered.account.id).update(state="locked")


def expire(entered: Entered) -> None:
    SsoSession.objects.update(expires_at=now() - timedelta(seconds=1))


class Entered:
    """Somebody is in an application."""

    def __init__(self, **settings: Any) -> None:
        self.client, self.account = testing.client(**settings), testing.teacher()
        self.browser = identity.signed_in(self.account)
        self.body = redeem(self.client, code_for(self.browser, self.client)).json()
        self.waiting = code_for(self.browser, self.client)


@pytest.mark.parametrize("act", [suspend, end_session, lock, expire])
def test_an_end_holds_at_once_everywhere(act: Any) -> None:
    here = Entered()
    assert userinfo(here.body["access_token"]).status_code == 200
    act(here)
    proof = {"client_id": here.client.client_id, "client_secret": here.client.secret}
    assert userinfo(here.body["access_token"]).status_code == 401
    assert redeem(here.client, here.waiting).status_code in (400, 401)
    assert token(here.client, grant_type="refresh_token", refresh_token=here.body["refresh_token"]).status_code in (
        400,
        401,
    )
    for name in ("access_token", "refresh_token"):
        answer = post("/oidc/introspect", {**proof, "token": here.body[name]})
        assert answer.status_code == 401 or answer.json() == {"active": False}


def test_what_a_suspension_ended_does_not_live_again() -> None:
    here = Entered()
    suspend(here)
    deliver_events()
    applications.resume(actor=testing.SYSTEM, application_id=here.client.app.id)
    assert userinfo(here.body["access_token"]).status_code == 401
    assert token(here.client, grant_type="refresh_token", refresh_token=here.body["refresh_token"]).status_code == 400
    assert redeem(here.client, code_for(here.browser, here.client)).status_code == 200


def test_only_what_is_granted_and_asked_for_is_told_and_noted() -> None:
    client, account = testing.client(scopes=("profile", "person_number")), testing.teacher()
    browser = identity.signed_in(account)
    body = redeem(client, code_for(browser, client, scope="openid person_number phone nonsense")).json()
    assert body["scope"] == "openid person_number"
    told = userinfo(body["access_token"]).json()
    assert set(told) == {"sub", "lingqu_person_number"}
    assert told["sub"] == tokens.read(body["id_token"], kind="JWT")["sub"]
    userinfo(body["access_token"])
    assert Release.objects.get().count == 2
    ScopeGrant.objects.filter(scope="person_number").update(ended_at=now())
    assert set(userinfo(body["access_token"]).json()) == {"sub"}


def test_consent_taken_back_ends_the_tokens() -> None:
    client, account = testing.client(by_consent=("phone",)), testing.teacher()
    browser = identity.signed_in(account)
    page = ask(browser, client, scope="openid phone")
    assert (page.status_code, "手机号" in page.content.decode()) == (200, True)
    assert "form-action 'self' https://rp.example" in page["Content-Security-Policy"]
    blob = page.content.decode().split('name="request" value="')[1].split('"')[0]
    code = answer_of(browser.post("/apps/consent", {"request": blob, "answer": "yes"}))["code"]
    body = redeem(client, code).json()
    assert userinfo(body["access_token"]).status_code == 200
    actor = identity_api.actor_for(account)
    applications.end_consent(actor=actor, consent_id=Consent.objects.get().id)
    deliver_events()
    assert userinfo(body["access_token"]).status_code == 401


def test_tokens_of_an_application_that_cannot_log_out_end_with_its_cap() -> None:
    client = testing.client()
    Application.objects.filter(id=client.app.id).update(session_minutes=5)
    body = redeem(client, code_for(identity.signed_in(testing.teacher()), client)).json()
    assert 290 <= body["expires_in"] <= 300
    Grant.objects.update(lasts_until=now() - timedelta(seconds=1))
    assert token(client, grant_type="refresh_token", refresh_token=body["refresh_token"]).status_code == 400


def test_the_end_of_a_session_is_told_by_a_logout_token() -> None:
    client = testing.client(backchannel_uri="https://rp.example/logout")
    browser = identity.signed_in(testing.teacher())
    body = redeem(client, code_for(browser, client)).json()
    row = Participation.objects.get()
    took = applications.Took(
        session_id=row.session_id, account_id=row.session.account_id, application=client.app, protocol="oidc", key="",
        data=row.data, subject=row.data["sub"],
    )  # fmt: skip
    call = leaving.logout_call(took)
    assert call is not None
    assert (call.url, call.content_type) == ("https://rp.example/logout", "application/x-www-form-urlencoded")
    claims = tokens.read(call.body.decode().removeprefix("logout_token="), kind=tokens.LOGOUT_TYPE)
    entered = tokens.read(body["id_token"], kind="JWT")
    assert (claims["sub"], claims["sid"], claims["aud"]) == (entered["sub"], entered["sid"], client.client_id)
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}


def test_keys_are_published_before_they_sign_and_after() -> None:
    keys.turn()
    first = SigningKey.objects.get(alg="ES256")
    old = tokens.sign({"iss": tokens.issuer(), "exp": 9999999999})
    at = now() + keys.SIGNS_FOR - keys.EARLY + timedelta(hours=1)
    assert keys.turn(at=at) == 2
    coming = SigningKey.objects.filter(alg="ES256").exclude(kid=first.kid).get()
    assert coming.signs_from == at + keys.EARLY
    assert {key["kid"] for key in Client().get("/oidc/jwks").json()["keys"]} >= {first.kid, coming.kid}
    assert keys.ring().signing["ES256"].kid == first.kid
    SigningKey.objects.filter(kid=coming.kid).update(signs_from=now())
    keys.forget()
    assert keys.ring().signing["ES256"].kid == coming.kid
    assert tokens.read(old, kind="JWT")["exp"] == 9999999999
    assert all("d" not in key for key in Client().get("/oidc/jwks").json()["keys"])
    keys.turn(at=now() + keys.LATE + timedelta(hours=1))
    with pytest.raises(tokens.BadToken):
        tokens.read(old, kind="JWT")


def test_a_key_that_others_may_know_is_out_at_once(django_capture_on_commit_callbacks: Any) -> None:
    old = tokens.sign({"iss": tokens.issuer(), "exp": 9999999999})
    with django_capture_on_commit_callbacks(execute=True):
        keys.replace_at_once(actor=testing.SYSTEM)
    with pytest.raises(tokens.BadToken):
        tokens.read(old, kind="JWT")
    assert tokens.read(tokens.sign({"iss": tokens.issuer(), "exp": 9999999999}), kind="JWT")


def test_over_grants_are_purged_a_month_later() -> None:
    Entered()
    Grant.objects.update(lasts_until=now() - grants.KEPT - timedelta(hours=1))
    assert grants.purge() == 2
