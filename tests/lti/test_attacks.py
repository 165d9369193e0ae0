"""The attack table: what somebody who is not the tool, or not the person, tries."""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import Adoption, Application, Participation, Release
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.services import sso
from lingqu.foundation.identity.sessions import SID
from lingqu.foundation.identity.types.words import SessionEnd, SessionKind
from lingqu.foundation.lti.models import Launch, ResourceLink, Tool
from lingqu.foundation.lti.register import of_class
from lingqu.foundation.lti.testing import KEY, TOOL, make_tool, put_link
from lingqu.foundation.lti.types.words import CLAIM, DL, ITEMS, MEMBERS
from lingqu.foundation.oidc import testing as oidc
from lingqu.foundation.oidc.services import tokens
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now

from .conftest import School
from .making import (
    FOREIGN_KEY,
    ask,
    asserted,
    bearer,
    begun,
    chosen,
    claims_in,
    launched,
    posted,
    request_of,
    signed,
    token_answer,
    unsigned,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> tuple[applications.App, Tool]:
    return make_tool()


def choosing(school: School, app: applications.App) -> tuple[Client, str]:
    """A teacher on the way to choose, and the ``data`` that her tool sends back."""
    browser = testing.signed_in(school.teacher)
    claims = launched(browser, f"/classes/{school.group.id}/lti/choose/{app.client_id}")
    return browser, claims[f"{DL}deep_linking_settings"]["data"]


def send(token: str) -> Any:
    return Client().post("/lti/deep-links", {"JWT": token})


# ---- launches --------------------


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/", f"{TOOL}/launch/", f"{TOOL}/launch?x=1", f"{TOOL}/launch#f", f"{TOOL}/Launch", "",
        "https://tool.example.cn@evil.example/launch", f"{TOOL}.evil.example/launch", f"{TOOL}/launch/../x",
    ],
)  # fmt: skip
def test_a_redirect_uri_that_is_not_registered_gets_nothing(school: School, made: Any, uri: str) -> None:
    browser = testing.signed_in(school.teacher)
    told = begun(browser, f"/lti/enter/{made[0].client_id}")
    for more in ({}, {"prompt": "login"}):
        answer = ask(browser, told, redirect_uri=uri, **more)
        assert (answer.status_code == 400 and uri not in answer.content.decode().split("form", 1)[0]) or not uri
        assert 'name="id_token"' not in answer.content.decode()
    assert not Launch.objects.exclude(used_at=None).exists()


def test_a_hint_counts_once(school: School, made: Any) -> None:
    browser = testing.signed_in(school.teacher)
    told = begun(browser, f"/lti/enter/{made[0].client_id}")
    assert claims_in(ask(browser, told))["nonce"] == "n-1"
    again = ask(browser, told, nonce="n-2", state="s-2")
    assert again.status_code == 409 and 'name="id_token"' not in again.content.decode()
    assert Participation.objects.count() == 1


def test_a_hint_is_over_after_five_minutes(school: School, made: Any) -> None:
    browser = testing.signed_in(school.teacher)
    told = begun(browser, f"/lti/enter/{made[0].client_id}")
    Launch.objects.update(expires_at=now() - timedelta(seconds=1))
    assert ask(browser, told).status_code == 409


@pytest.mark.parametrize("whose", ["visitor", "other person", "other session", "other tool", "login_hint", "nonsense"])
def test_hints_are_of_one_session_and_tool(school: School, made: Any, whose: str) -> None:
    app, _tool = made
    browser = testing.signed_in(school.teacher)
    told, changes = begun(browser, f"/lti/enter/{app.client_id}"), {}
    if whose == "visitor":
        browser = Client()
    elif whose == "other person":
        browser = testing.signed_in(school.pupils[0])
    elif whose == "other session":
        browser = testing.signed_in(school.teacher)
    elif whose == "other tool":
        changes["client_id"] = make_tool()[0].client_id
    elif whose == "login_hint":
        changes["login_hint"] = begun(testing.signed_in(school.pupils[0]), f"/lti/enter/{app.client_id}")["login_hint"]
    else:
        changes["lti_message_hint"] = "1' or '1'='1"
    fields = posted(ask(browser, told, **changes))
    assert (fields["error"], fields["state"], "id_token" in fields) == ("login_required", "s-1", False)
    assert not Participation.objects.exists() and not Release.objects.exists()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "code"}, "invalid_request"), ({"response_type": "id_token token"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"), ({"prompt": "login"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"), ({"nonce": None}, "invalid_request"),
        ({"login_hint": None}, "invalid_request"), ({"lti_message_hint": None}, "invalid_request"),
        ({"nonce": "n" * 3000}, "invalid_request"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_answered_with_its_fault(school: School, made: Any, changes: Any, error: str) -> None:
    browser = testing.signed_in(school.teacher)
    told = begun(browser, f"/lti/enter/{made[0].client_id}")
    assert posted(ask(browser, told, **changes))["error"] == error
    twice = "/lti/auth?" + urlencode(request_of(told)) + "&nonce=n-2"
    assert posted(browser.get(twice))["error"] == "invalid_request"


def test_a_posted_request_comes_again_by_get(school: School, made: Any) -> None:
    browser = testing.signed_in(school.teacher, enforce_csrf_checks=True)
    told = begun(browser, f"/lti/enter/{made[0].client_id}")
    answer = Client(enforce_csrf_checks=True).post("/lti/auth", request_of(told))
    assert claims_in(browser.get(answer["Location"]))["aud"] == made[0].client_id


@pytest.mark.parametrize("kind", ["not adopted", "audience", "suspended", "removed", "moved"])
def test_entry_is_asked_again_when_the_tool_asks(school: School, made: Any, kind: str) -> None:
    app, tool = made
    link, pupil = put_link(tool, school.group), school.pupils[0]
    browser = testing.signed_in(pupil)
    told = begun(browser, f"/lti/links/{link.id}")
    if kind == "not adopted":
        Adoption.objects.all().delete()
    elif kind == "audience":
        Application.objects.update(audiences=["teacher"])
    elif kind == "suspended":
        applications.suspend(actor=Actor.system("test"), application_id=app.id, reason="泄露")
    elif kind == "removed":
        ResourceLink.objects.filter(id=link.id).update(removed_at=now())
    else:
        of_class("memberships").filter(person_id=pupil.person_id).update(class_group=school.other_group)
        forget_standings()
    assert ask(browser, told).status_code in (403, 404)
    assert not Participation.objects.exists()


def on_screen(account: Any) -> tuple[Client, Any]:
    """A class screen that the teacher let in."""
    browser = Client()
    session, running = browser.session, sso.begin(account, amr=["pwd"], kind=SessionKind.CLASS_SCREEN)
    session[SID] = str(running.id)
    session.save()
    return browser, running


def test_a_class_screen_enters_what_may_stand_before_a_class(school: School, made: Any) -> None:
    app, tool = made
    link = put_link(tool, school.group)
    screen, running = on_screen(school.teacher)
    enter = f"/lti/enter/{app.client_id}"
    assert screen.get(enter).status_code == 403
    for path in (f"/lti/links/{link.id}", f"/classes/{school.group.id}/lti"):
        assert screen.get(path).headers.get("Location") == "/screen", path
    told = begun(testing.signed_in(school.teacher), enter)
    assert posted(ask(screen, told))["error"] == "login_required"
    Application.objects.update(on_screen=True)
    told = begun(screen, enter)
    Application.objects.update(on_screen=False)
    assert ask(screen, told).status_code == 403
    assert not Participation.objects.exists()
    Application.objects.update(on_screen=True)
    claims = launched(screen, enter)
    assert claims[f"{CLAIM}roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Faculty"]
    assert claims[f"{CLAIM}launch_presentation"]["return_url"].endswith("/screen")
    assert Participation.objects.get().session_id == running.id


# ---- answers of Deep Linking --------------------


def forged(token: str) -> str:
    """Another payload under the same signature."""
    head, body, mark = token.split(".")
    return ".".join((head, body[:-4] + ("AAAA" if body[-4:] != "AAAA" else "BBBB"), mark))


def by_shared_secret(claims: dict[str, Any]) -> str:
    """The tool's public key taken for a shared secret (alg confusion)."""
    parts = [json.dumps({"alg": "HS256", "kid": "tool-1", "typ": "JWT"}), json.dumps(claims)]
    text = ".".join(urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
    mark = hmac.new(KEY.as_pem(private=False), text.encode(), sha256).digest()
    return f"{text}.{urlsafe_b64encode(mark).decode().rstrip('=')}"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda one: signed(one, FOREIGN_KEY), "signature"), (lambda one: unsigned(one), "signature"),
        (by_shared_secret, "signature"), (lambda one: forged(signed(one)), "(signature|JWT|data|object)"),
        (lambda one: signed({**one, "aud": "https://other.example"}), "aud"),
        (lambda one: signed({**one, "exp": int(time.time()) - 1}), "exp"),
        (lambda one: signed({**one, "exp": int(time.time()) + 7 * 86400}), "exp"),
        (lambda one: signed({k: v for k, v in one.items() if k != "exp"}), "exp"),
        (lambda one: signed({k: v for k, v in one.items() if k != "nonce"}), "nonce"),
        (lambda one: signed({**one, f"{CLAIM}deployment_id": "1"}), "deployment_id"),
        (lambda one: signed({**one, f"{CLAIM}message_type": "LtiResourceLinkRequest"}), "message_type"),
        (lambda one: signed({**one, f"{DL}data": "01a22427-c091-7f48-a8d8-a5946545b429"}), "data"),
        (lambda one: signed({k: v for k, v in one.items() if k != f"{DL}data"}), "data"),
        (lambda one: signed({**one, "iss": "lqnobody"}), "iss"), (lambda one: "nonsense", "JWT"), (lambda one: "", "JWT"),
    ],
)  # fmt: skip
def test_answers_that_cannot_be_believed_store_nothing(school: School, made: Any, make: Any, told: str) -> None:
    app, tool = made
    _browser, data = choosing(school, app)
    answer = send(make(chosen(app, tool, data)))
    assert answer.status_code == 400
    assert any(word in answer.content.decode() for word in told.strip("()").split("|"))
    assert not ResourceLink.objects.exclude(class_group=None).exists()
    assert send(signed(chosen(app, tool, data))).status_code == 302


def test_an_answer_counts_once_and_so_does_its_nonce(school: School, made: Any) -> None:
    app, tool = made
    _browser, data = choosing(school, app)
    answer = signed(chosen(app, tool, data, nonce="only-once"))
    assert send(answer).status_code == 302
    assert send(answer).status_code == 400
    assert send(signed(chosen(app, tool, data))).status_code == 400
    _browser, second = choosing(school, app)
    assert send(signed(chosen(app, tool, second, nonce="only-once"))).status_code == 400
    assert ResourceLink.objects.exclude(class_group=None).count() == 1


def test_another_tool_answers_for_nobody_else(school: School, made: Any) -> None:
    app, tool = made
    other_app, other = make_tool({"keys": FOREIGN_KEY.as_pem(private=False).decode()})
    _browser, data = choosing(school, app)
    assert send(signed(chosen(other_app, other, data), FOREIGN_KEY)).status_code == 400
    assert send(signed(chosen(app, tool, data), FOREIGN_KEY)).status_code == 400
    assert send(signed(chosen(app, other, data))).status_code == 400
    assert not ResourceLink.objects.exclude(class_group=None).exists()


def test_who_signed_out_adds_nothing(school: School, made: Any) -> None:
    app, tool = made
    _browser, data = choosing(school, app)
    sso.end_of_accounts([school.teacher.id], SessionEnd.SIGNED_OUT)
    assert send(signed(chosen(app, tool, data))).status_code == 403
    assert not ResourceLink.objects.exclude(class_group=None).exists()


def test_the_answer_touches_no_session(school: School, made: Any) -> None:
    app, tool = made
    _browser, data = choosing(school, app)
    assert not send(signed(chosen(app, tool, data))).cookies


@pytest.mark.parametrize(
    "items",
    [
        [{"type": "ltiResourceLink", "url": "javascript:alert(1)"}], [{"type": "ltiResourceLink", "url": "http://10.0.0.1/"}],
        [{"type": "ltiResourceLink", "lineItem": {"scoreMaximum": 0}}], [{"type": "ltiResourceLink", "lineItem": {"scoreMaximum": "x"}}],
        [{"type": "ltiResourceLink"}] * 51, "no list",
    ],
)  # fmt: skip
def test_content_that_cannot_stand_stores_nothing(school: School, made: Any, items: Any) -> None:
    app, tool = made
    _browser, data = choosing(school, app)
    good = [{"type": "ltiResourceLink", "title": "好的"}]
    sent = good + items if isinstance(items, list) else items
    assert send(signed(chosen(app, tool, data, **{f"{DL}content_items": sent}))).status_code == 422
    assert not ResourceLink.objects.exclude(class_group=None).exists()


def test_hostile_content_is_only_text(school: School, made: Any) -> None:
    app, tool = made
    browser, data = choosing(school, app)
    items = [
        {"type": "ltiResourceLink", "title": "<script>x</script>\0", "text": {"a": 1}, "custom": {"a b": "x", "ok": "1", "n": None}},
        {"type": "html", "html": "<b>x</b>"}, {"type": "link", "url": "https://x.cn"}, 7,
    ]  # fmt: skip
    assert send(signed(chosen(app, tool, data, **{f"{DL}content_items": items})))["Location"].endswith("?added=1")
    link = ResourceLink.objects.exclude(class_group=None).get()
    assert (link.title, link.text, link.custom) == ("<script>x</script>", "", {"ok": "1"})
    assert "<script>x" not in browser.get(f"/classes/{school.group.id}/lti").content.decode()


# ---- tokens of services --------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda app, other: signed(asserted(app), FOREIGN_KEY), lambda app, other: unsigned(asserted(app)),
        lambda app, other: by_shared_secret(asserted(app)), lambda app, other: forged(signed(asserted(app))),
        lambda app, other: signed(asserted(app, iss=other.client_id)), lambda app, other: signed(asserted(other)),
        lambda app, other: signed(asserted(app, aud="https://other.example/lti/token")),
        lambda app, other: signed(asserted(app, aud=tokens.issuer())),
        lambda app, other: signed(asserted(app, exp=int(time.time()) - 1)), lambda app, other: signed(asserted(app, exp=None)),
        lambda app, other: signed(asserted(app, exp=int(time.time()) + 86400)),
        lambda app, other: signed(asserted(app, jti=None)), lambda app, other: "", lambda app, other: "a.b.c",
    ],
)  # fmt: skip
def test_assertions_that_prove_nothing(made: Any, make: Any) -> None:
    app, _tool = made
    other, _theirs = make_tool({"keys": FOREIGN_KEY.as_pem(private=False).decode()})
    answer = token_answer(make(app, other), MEMBERS)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_assertion_counts_once(made: Any) -> None:
    assertion = signed(asserted(made[0]))
    assert token_answer(assertion, MEMBERS).status_code == 200
    assert token_answer(assertion, MEMBERS).status_code == 401


def test_grants_and_scopes(made: Any) -> None:
    app, tool = made

    def answer(scope: str, **changes: Any) -> Any:
        return token_answer(signed(asserted(app)), scope, **changes)

    assert answer(MEMBERS, grant_type="password").json()["error"] == "unsupported_grant_type"
    assert answer("openid profile").json()["error"] == "invalid_scope"
    assert answer(f"{MEMBERS} openid {MEMBERS}").json()["scope"] == MEMBERS
    Tool.objects.filter(id=tool.id).update(services=["members"])
    assert answer(ITEMS).json()["error"] == "invalid_scope"
    assert answer(f"{ITEMS} {MEMBERS}").json()["scope"] == MEMBERS


def test_tokens_of_one_kind_open_nothing_of_the_other(school: School, made: Any) -> None:
    app, tool = made
    put_link(tool, school.group)
    headers = bearer(app, MEMBERS)
    assert Client().get("/oidc/userinfo", headers=headers).status_code == 401
    client = oidc.client(app=app, grants=("client_credentials",))
    token, _seconds = tokens.access_token(client_id=client.client_id, subject=client.client_id, scopes=[MEMBERS])
    url = f"/lti/classes/{school.group.id}/members"
    assert Client().get(url, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert Client().get(url).status_code == 401
    assert Client().get(url, headers={"Authorization": headers["Authorization"][:-3] + "xyz"}).status_code == 401
    assert Client().get(url, headers=bearer(app, ITEMS)).status_code == 403
    assert Client().get(url, headers=headers).status_code == 200
