"""The attack table: what somebody who is not the client, or not the person, tries."""

from __future__ import annotations

import base64
import hmac
import json
import re
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from lingqu.foundation.applications import testing as applications
from lingqu.foundation.identity import testing as identity
from lingqu.foundation.oidc import testing
from lingqu.foundation.oidc.models import Grant
from lingqu.foundation.oidc.services import handles, keys, tokens
from lingqu.foundation.oidc.testing import AFTER, CALLBACK

from .walking import answer_of, ask, code_for, post, redeem, request_of, token, userinfo

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return identity.signed_in(testing.teacher())


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/", CALLBACK + "/", CALLBACK + "?x=1", CALLBACK + "#f", CALLBACK.upper(), "//rp.example/callback",
        "https://rp.example@evil.example/callback", "https://rp.example.evil.example/callback", "javascript:alert(1)",
        "https://rp.example/callback/../x", "https://rp.example/%63allback", "",
    ],
)  # fmt: skip
def test_open_redirect_nobody_is_sent_to_an_address_that_is_not_registered(browser: Client, uri: str) -> None:
    client = testing.client(redirect_uris=(CALLBACK, "https://rp.example/second"))
    for more in ({}, {"response_type": "nonsense"}, {"prompt": "none"}):
        answer = ask(browser, client, redirect_uri=uri, **more)
        assert (answer.status_code, answer.has_header("Location")) == (400, False)
    assert not Grant.objects.exists()


def test_open_redirect_after_sign_out(browser: Client) -> None:
    client = testing.client()
    hint = redeem(client, code_for(browser, client)).json()["id_token"]
    for uri in ("https://evil.example/", AFTER + "/x", "//evil.example", "javascript:1"):
        answer = browser.get("/oidc/logout?" + urlencode({"id_token_hint": hint, "post_logout_redirect_uri": uri}))
        assert (answer.status_code, answer.has_header("Location")) == (400, False)
    assert browser.get("/me").status_code == 200


def test_code_injection_another_persons_code_does_not_fit_the_victims_verifier(browser: Client) -> None:
    client = testing.client()
    stolen = code_for(browser, client)
    answer = redeem(client, stolen, code_verifier="v" * 43)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert redeem(client, stolen, redirect_uri="https://rp.example/other").json()["error"] == "invalid_grant"
    assert redeem(testing.client(), stolen).json()["error"] == "invalid_grant"
    assert redeem(client, stolen).status_code == 200


def test_mix_up_every_answer_says_who_gave_it(browser: Client) -> None:
    client = testing.client()
    for more in ({}, {"prompt": "none"}, {"scope": "profile"}, {"code_challenge": None}, {"response_type": "token"}):
        assert answer_of(ask(browser, client, **more))["iss"] == tokens.issuer()
    assert answer_of(ask(browser, client, scope="profile"))["state"] == "s-1"


def test_the_issuer_never_comes_from_the_request() -> None:
    found = Client(headers={"Host": "127.0.0.1"}).get("/.well-known/openid-configuration").json()
    assert found["issuer"] == tokens.issuer() == "http://localhost:8000"
    assert {value.split("/")[2] for name, value in found.items() if name.endswith("_endpoint")} == {"localhost:8000"}


def test_csrf_consent_takes_the_form_of_its_own_session_only() -> None:
    client = testing.client(by_consent=("phone",))
    person, other = testing.teacher(), testing.teacher("李老师")
    strict = identity.signed_in(person, enforce_csrf_checks=True)
    page = ask(strict, client, scope="openid phone").content.decode()
    blob = re.search(r'name="request" value="([^"]+)"', page)
    assert blob is not None
    sent = {"request": blob[1], "answer": "yes"}
    assert strict.post("/apps/consent", sent).status_code == 403
    assert identity.signed_in(other).post("/apps/consent", sent).status_code == 400
    assert identity.signed_in(person).post("/apps/consent", sent).status_code == 400
    assert identity.signed_in(person).post("/apps/consent", {**sent, "request": blob[1][:-2] + "xx"}).status_code == 400
    assert not Grant.objects.exists()
    token_field = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token_field is not None
    answer = strict.post("/apps/consent", {**sent, "csrfmiddlewaretoken": token_field[1]})
    assert "code" in answer_of(answer)


def test_csrf_a_link_signs_nobody_out(browser: Client) -> None:
    client = testing.client()
    other = identity.signed_in(testing.teacher("李老师"))
    foreign = redeem(client, code_for(other, client)).json()["id_token"]
    for query in ({}, {"client_id": client.client_id}, {"id_token_hint": foreign}):
        answer = browser.get("/oidc/logout?" + urlencode(query))
        assert (answer.status_code, 'name="wish"' in answer.content.decode()) == (200, True)
        assert browser.get("/me").status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    wish = re.search(r'name="wish" value="([^"]+)"', answer.content.decode())
    assert wish is not None
    assert strict.post("/oidc/logout/confirm", {"wish": wish[1], "answer": "yes"}).status_code == 403
    assert other.post("/oidc/logout/confirm", {"wish": wish[1], "answer": "yes"})["Location"] == "/"
    assert (browser.get("/me").status_code, other.get("/me").status_code) == (200, 200)
    assert browser.post("/oidc/logout/confirm", {"wish": wish[1], "answer": "yes"}).status_code == 200
    assert browser.get("/me").status_code == 302


@pytest.mark.parametrize(
    "more",
    [
        {"code_challenge": None, "code_challenge_method": None}, {"code_challenge_method": "plain"},
        {"code_challenge_method": None}, {"code_challenge": "short"}, {"code_challenge": None},
    ],
)  # fmt: skip
def test_pkce_downgrade_at_the_start(browser: Client, more: dict[str, Any]) -> None:
    assert answer_of(ask(browser, testing.client(), **more))["error"] == "invalid_request"


def test_pkce_downgrade_at_the_end(browser: Client) -> None:
    client = testing.client()
    code = code_for(browser, client)
    for verifier in (None, "", "x", "é"):
        assert redeem(client, code, code_verifier=verifier).status_code == 400
    assert redeem(client, code).status_code == 200
    waived = testing.client(pkce_waived_because="旧系统，2027年升级")
    bare = code_for(browser, waived, code_challenge=None, code_challenge_method=None)
    assert redeem(waived, bare).json()["error"] == "invalid_grant"
    assert redeem(waived, bare, code_verifier=None).status_code == 200
    kept = code_for(browser, waived)
    assert redeem(waived, kept, code_verifier=None).status_code == 400


def test_alg_confusion_no_key_but_ours_makes_a_token(browser: Client) -> None:
    client = testing.client()
    access = redeem(client, code_for(browser, client)).json()["access_token"]
    head, body, _sign = access.split(".")
    kid = json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    public = keys.ring().published.get_by_kid(kid)
    forged = []
    for alg in ("none", "HS256"):
        start = _part({"alg": alg, "typ": "at+jwt", "kid": kid}) + "." + body
        sign = hmac.digest(public.as_pem(private=False), start.encode(), sha256) if alg == "HS256" else b""
        forged.append(f"{start}.{base64.urlsafe_b64encode(sign).rstrip(b'=').decode()}")
    own = ECKey.generate_key("P-256", {"kid": kid})
    forged.append(jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": kid}, claims, own))
    header = {"alg": "ES256", "typ": "at+jwt", "kid": "x", "jwk": own.as_dict(private=False)}
    forged.append(jwt.encode(header, claims, own))
    shared = OctKey.import_key(json.dumps(public.as_dict(private=False)))
    forged.append(jwt.encode({"alg": "HS256", "typ": "at+jwt", "kid": kid}, claims, shared, algorithms=["HS256"]))
    assert [userinfo(one).status_code for one in forged] == [401] * 5
    assert userinfo(access).status_code == 200


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_one_kind_of_token_does_not_pass_for_another(browser: Client) -> None:
    client = testing.client()
    body = redeem(client, code_for(browser, client)).json()
    logout = tokens.logout_token(client_id=client.client_id, subject="x", session_id=Grant.objects.get().session_id)
    for wrong in (body["id_token"], body["refresh_token"], logout, "", "a.b.c"):
        assert userinfo(wrong).status_code == 401
    for wrong in (body["access_token"], logout):
        assert Client().get("/oidc/logout?" + urlencode({"id_token_hint": wrong})).status_code == 400
    claims = tokens.read(logout, kind=tokens.LOGOUT_TYPE)
    assert "nonce" not in claims
    assert claims["exp"] - claims["iat"] == 120


def test_nonce_reuse_each_code_carries_the_nonce_of_its_own_request_once(browser: Client) -> None:
    client = testing.client()
    first = redeem(client, code_for(browser, client, nonce="first")).json()
    second = redeem(client, code_for(browser, client, nonce="second")).json()
    told = [tokens.read(one["id_token"], kind="JWT")["nonce"] for one in (first, second)]
    assert told == ["first", "second"]
    fresh = token(client, grant_type="refresh_token", refresh_token=second["refresh_token"]).json()
    assert "nonce" not in tokens.read(fresh["id_token"], kind="JWT")


def test_session_fixation_a_planted_cookie_is_not_the_session_that_signs_in() -> None:
    client, account = testing.client(), testing.teacher()
    thief = Client()
    planted = thief.session
    planted["x"] = 1
    planted.save()
    victim = Client()
    victim.cookies["lingqu_session"] = planted.session_key
    door = ask(victim, client)["Location"]
    victim.get(door)
    answer = victim.post("/sign-in", {"login": account.login, "password": identity.PASSWORD, "next": "/"})
    assert answer.status_code == 302
    assert victim.cookies["lingqu_session"].value != planted.session_key
    thief.cookies["lingqu_session"] = planted.session_key
    assert ask(thief, client)["Location"].startswith("/sign-in?")


def test_parameters_given_twice_are_refused(browser: Client) -> None:
    client = testing.client()
    good = urlencode(request_of(client))
    for name in ("client_id", "redirect_uri"):
        assert browser.get(f"/oidc/authorize?{good}&{name}=x").status_code == 400
    for name in ("scope", "state", "code_challenge", "prompt"):
        assert answer_of(browser.get(f"/oidc/authorize?{good}&{name}=openid&{name}=x"))["error"] == "invalid_request"
    form = urlencode({"grant_type": "client_credentials", "client_id": client.client_id}) + "&client_id=x"
    answer = Client().post("/oidc/token", form, content_type="application/x-www-form-urlencoded")
    assert answer.json()["error"] == "invalid_request"


def test_guessed_handles_end_no_grant(browser: Client) -> None:
    client = testing.client()
    body = redeem(client, code_for(browser, client)).json()
    grant = Grant.objects.get()
    for kind in (handles.CODE, handles.REFRESH):
        guess = kind + base64.urlsafe_b64encode(grant.id.bytes + bytes(4) + bytes(32)).rstrip(b"=").decode()
        redeem(client, guess)
        token(client, grant_type="refresh_token", refresh_token=guess)
    code_as_refresh = handles.make(handles.CODE, grant.id).replace(handles.CODE, handles.REFRESH, 1)
    token(client, grant_type="refresh_token", refresh_token=code_as_refresh)
    assert token(client, grant_type="refresh_token", refresh_token=body["refresh_token"]).status_code == 200


def test_a_client_is_believed_by_its_own_way_only() -> None:
    client = testing.client(grants=("authorization_code", "client_credentials"))
    public = testing.client(auth_method="none")
    other = testing.client()
    basic = base64.b64encode(f"{client.client_id}:{client.secret}".encode()).decode()
    asked = {"grant_type": "client_credentials"}
    assert post("/oidc/token", asked, headers={"Authorization": f"Basic {basic}"}).status_code == 200
    both = {**asked, "client_secret": client.secret}
    assert post("/oidc/token", both, headers={"Authorization": f"Basic {basic}"}).status_code == 400
    for header in ("Basic !!", "Basic " + base64.b64encode(b"no-colon").decode(), "Bearer x"):
        assert post("/oidc/token", asked, headers={"Authorization": header}).status_code == 401
    wrong = [
        {"client_id": client.client_id}, {"client_id": client.client_id, "client_secret": other.secret},
        {"client_id": client.client_id, "client_secret": client.secret + "x"}, {"client_id": "nobody", "client_secret": "x"},
        {"client_id": public.client_id, "client_secret": "x"}, {},
    ]  # fmt: skip
    assert [post("/oidc/token", {**asked, **one}).status_code for one in wrong] == [401] * 6
    assert post("/oidc/token", {**asked, "client_id": public.client_id}).json()["error"] == "unauthorized_client"
    assert applications.secret_of(client.app) != client.secret
