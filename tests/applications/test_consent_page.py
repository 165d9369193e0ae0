"""One consent page for every protocol: nothing leaves before a yes, and what was given can be taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.test import Client

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import Consent, Participation, Release, RequestLog
from lingqu.foundation.applications.selectors.papers import class_board
from lingqu.foundation.applications.testing import adopt, make_application, make_vendor
from lingqu.foundation.cas.models import Service, Ticket
from lingqu.foundation.cas.testing import make_service
from lingqu.foundation.identity import testing
from lingqu.foundation.lti.testing import make_tool
from lingqu.foundation.oidc.services import keys
from lingqu.foundation.oidc.testing import Registered, client
from lingqu.foundation.saml.testing import make_provider
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Invalid
from lingqu.kernel.models import AuditEntry
from tests.applications.desk import teacher_of, text_of
from tests.oidc.walking import ask as ask_oidc

SERVICE = "https://app.example.cn/portal"
LETS_IN = {"scopes": ("roles",), "by_consent": ("profile", "phone")}


@dataclass(frozen=True, slots=True)
class Way:
    """How one protocol is entered: makes the application, asks, and says whether an answer lets in."""

    make: Callable[[], applications.App]
    ask: Callable[[Client, applications.App], Any]
    is_in: Callable[[Any], bool]


def _oidc(browser: Client, app: applications.App) -> Any:
    return ask_oidc(browser, Registered(app=app, secret=""), scope="openid roles profile phone")


WAYS = {
    "oidc": Way(lambda: client(**LETS_IN).app, _oidc, lambda answer: "code=" in answer.get("Location", "")),
    "cas": Way(
        lambda: make_service(SERVICE, **LETS_IN),
        lambda browser, app: browser.get(f"/cas/login?service={quote(SERVICE)}"),
        lambda answer: "ticket=ST-" in answer.get("Location", ""),
    ),
    "saml": Way(
        lambda: make_provider(**LETS_IN),
        lambda browser, app: browser.get(f"/saml/enter/{app.client_id}"),
        lambda answer: b'name="SAMLResponse"' in answer.content,
    ),
    "lti": Way(
        lambda: make_tool(**LETS_IN)[0],
        lambda browser, app: browser.get(f"/lti/enter/{app.client_id}"),
        lambda answer: "lti_message_hint=" in answer.get("Location", ""),
    ),
}
EVERY = pytest.mark.parametrize("protocol", sorted(WAYS))


@pytest.fixture(autouse=True)
def _keys(db: None) -> None:
    keys.forget()


def blob_in(answer: Any, status: int = 200) -> str:
    found = re.search(r'name="request" value="([^"]+)"', text_of(answer, status))
    assert found is not None
    return found[1]


def reply(browser: Client, answer: Any, said: str = "yes") -> Any:
    return browser.post("/apps/consent", {"request": blob_in(answer), "answer": said})


@EVERY
def test_nothing_leaves_before_a_yes(school: Any, protocol: str) -> None:
    way, account = WAYS[protocol], teacher_of(school)
    browser, app = testing.signed_in(account), way.make()
    asked = way.ask(browser, app)
    page = text_of(asked)
    assert all(word in page for word in ("姓名", "手机号", "身份和单位", "由平台运营方开通", "不同意"))
    assert "form-action 'self' https://" in asked["Content-Security-Policy"]
    assert not Participation.objects.exists() and not Release.objects.exists() and not Ticket.objects.exists()
    assert way.is_in(reply(browser, asked))
    given = Consent.objects.get()
    assert (sorted(given.scopes), given.given_by, given.account_id) == (["phone", "profile"], "self", account.id)
    assert AuditEntry.objects.filter(action="applications.consent_given", subject_id=account.person_id).count() == 1
    assert way.is_in(way.ask(browser, app)), "asked once"


@EVERY
def test_no_is_taken_as_no(school: Any, protocol: str) -> None:
    way, browser = WAYS[protocol], testing.signed_in(teacher_of(school))
    app = way.make()
    said = reply(browser, way.ask(browser, app), "no")
    if protocol == "oidc":
        assert parse_qs(urlsplit(said["Location"]).query)["error"] == ["access_denied"]
    else:
        assert "没有收到你的任何信息" in text_of(said) and app.name in text_of(said)
    assert RequestLog.objects.get().outcome == "access_denied"
    assert not Consent.objects.exists() and not Participation.objects.exists() and not Ticket.objects.exists()
    assert blob_in(way.ask(browser, app)), "asked again next time"


@EVERY
def test_what_was_taken_back_is_asked_for_again(school: Any, protocol: str) -> None:
    way, browser = WAYS[protocol], testing.signed_in(teacher_of(school))
    app = way.make()
    reply(browser, way.ask(browser, app))
    mine = text_of(browser.get("/apps/mine"))
    assert app.name in mine and "已同意：姓名、手机号" in mine
    browser.post(f"/apps/consents/{Consent.objects.get().id}/end")
    assert blob_in(way.ask(browser, app))


@EVERY
def test_who_may_not_enter_is_not_asked(school: Any, protocol: str) -> None:
    way, browser = WAYS[protocol], testing.signed_in(teacher_of(school))
    app = way.make()
    asked = way.ask(browser, app)
    applications.suspend(actor=Actor.system("test"), application_id=app.id, reason="泄露")
    assert reply(browser, asked).status_code == 403 and not Consent.objects.exists()
    refused = way.ask(browser, app)
    assert 'name="request"' not in refused.content.decode() and not way.is_in(refused)


@EVERY
def test_a_young_pupil_waits_for_the_guardian(school: Any, protocol: str) -> None:
    """And the guardian agrees on the own page, for an application that the child's school uses."""
    way, child = (
        WAYS[protocol],
        testing.make_person("周禾", organisation=school, birth_date=today() - timedelta(days=3000)),
    )
    testing.seat(child, testing.make_class(school))
    mother = testing.make_person("周母", organisation=school)
    testing.guard(mother, child)
    browser, hers = testing.signed_in(testing.account_for(child)), testing.signed_in(testing.account_for(mother))
    app = way.make()
    waiting = way.ask(browser, app)
    assert "请家长登录后" in text_of(waiting, 403) and 'name="request"' not in waiting.content.decode()
    page = text_of(hers.get(f"/apps/mine/{child.number}"))
    assert "等您同意" in page and app.name in page
    url = f"/apps/mine/{child.number}/consents"
    assert hers.post(url, {"app": app.client_id}).status_code == 302
    assert (Consent.objects.get().given_by, Consent.objects.get().person_id) == ("guardian", child.id)
    assert "等您同意" not in text_of(hers.get(f"/apps/mine/{child.number}"))
    assert way.is_in(way.ask(browser, app))
    assert browser.post(url, {"app": app.client_id}).status_code == 404, "not by the child"


def test_a_guardian_agrees_only_to_what_reaches_the_child(county: Any, school: Any) -> None:
    child = testing.make_person("周禾", organisation=school, birth_date=date(2018, 1, 1))
    testing.seat(child, testing.make_class(school))
    mother = testing.make_person("周母", organisation=school)
    testing.guard(mother, child)
    hers, stranger = testing.signed_in(testing.account_for(mother)), testing.signed_in(teacher_of(school))
    other = testing.make_school("3302010001", "别校")
    app = make_service(SERVICE, by_consent=("phone",), adopted_by=[other])
    assert "等您同意" not in text_of(hers.get(f"/apps/mine/{child.number}"))
    url = f"/apps/mine/{child.number}/consents"
    for browser, named in ((hers, app.client_id), (hers, "lqnone"), (hers, ""), (stranger, app.client_id)):
        assert browser.post(url, {"app": named}).status_code == 404
    adopt(app, school)
    assert hers.post(url, {"app": app.client_id}).status_code == 302 and Consent.objects.count() == 1


def test_the_form_holds_for_its_own_session_and_as_it_was_made(school: Any) -> None:
    way, account = WAYS["cas"], teacher_of(school)
    browser, other = testing.signed_in(account), testing.signed_in(teacher_of(school, "李老师"))
    app = way.make()
    blob = blob_in(way.ask(browser, app))
    for who, sent in ((other, blob), (testing.signed_in(account), blob), (browser, f"{blob[:-2]}xx"), (browser, "")):
        assert who.post("/apps/consent", {"request": sent, "answer": "yes"}).status_code == 400
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post("/apps/consent", {"request": blob, "answer": "yes"}).status_code == 403
    assert Client().post("/apps/consent", {"request": blob, "answer": "yes"})["Location"].startswith("/sign-in")
    assert not Consent.objects.exists()


def test_an_address_that_has_gone_meanwhile_gets_no_ticket(school: Any) -> None:
    browser, app = testing.signed_in(teacher_of(school)), WAYS["cas"].make()
    asked = WAYS["cas"].ask(browser, app)
    Service.objects.filter(application_id=app.id).delete()
    assert reply(browser, asked).status_code == 403 and not Ticket.objects.exists()


def test_questions_in_passing_show_no_page(school: Any) -> None:
    """CAS gateway; SAML IsPassive stands in tests/saml."""
    browser = testing.signed_in(teacher_of(school))
    WAYS["cas"].make()
    assert browser.get("/cas/login", {"service": SERVICE, "gateway": "true"})["Location"] == SERVICE


def test_released_by_decision_needs_no_page(school: Any) -> None:
    browser = testing.signed_in(teacher_of(school))
    make_service(SERVICE, scopes=("profile", "phone"))
    assert WAYS["cas"].is_in(browser.get("/cas/login", {"service": SERVICE}))


def test_a_class_screen_answers_nothing_for_the_teacher(school: Any) -> None:
    group = testing.make_class(school, "八（3）班")
    screen = testing.class_screen(testing.teacher_of(group, "苏老师"), group)
    make_service(SERVICE, scopes=("roles",), by_consent=("phone",), on_screen=True)
    make_service("https://b.example.cn/", scopes=(), by_consent=("profile",), on_screen=True)
    assert WAYS["cas"].is_in(screen.get("/cas/login", {"service": SERVICE})), "a phone number is never shown there"
    refused = screen.get("/cas/login", {"service": "https://b.example.cn/"})
    assert "在自己的手机或电脑上打开一次" in text_of(refused, 403)


def test_a_ticket_asked_for_by_post_is_posted_after_the_yes(school: Any) -> None:
    browser = testing.signed_in(teacher_of(school))
    WAYS["cas"].make()
    answer = reply(browser, browser.get("/cas/login", {"service": SERVICE, "method": "POST"}))
    assert 'name="ticket" value="ST-' in text_of(answer)


# ---- what applications collect by themselves --------------------


def declare(app: applications.App, scope: str = "voice", basis: str = "consent") -> applications.App:
    applications.grant_scope(
        actor=Actor.system("test"), application_id=app.id, scope=scope, basis=basis, purpose="给朗读打分"
    )
    return applications.get_application(app.id)


def child_with_mother(school: Any) -> tuple[Any, Any]:
    child = testing.make_person("周禾", organisation=school, birth_date=today() - timedelta(days=3000))
    testing.seat(child, testing.make_class(school))
    mother = testing.make_person("周母", organisation=school)
    testing.guard(mother, child)
    return child, mother


@EVERY
def test_a_young_pupils_voice_is_recorded_only_with_the_guardians_consent(school: Any, protocol: str) -> None:
    """Whatever the protocol asks of us: everything that we would give is agreed to already."""
    way, (child, mother) = WAYS[protocol], child_with_mother(school)
    browser, hers = testing.signed_in(testing.account_for(child)), testing.signed_in(testing.account_for(mother))
    app = declare(way.make())
    Consent.objects.create(
        application_id=app.id, person=child, scopes=["phone", "profile"], given_by="guardian", giver_name="周母"
    )
    waiting = text_of(way.ask(browser, app), 403)
    assert "请家长登录后" in waiting and "声音（应用自己采集）" in waiting and "给朗读打分" in waiting
    assert "声音（应用自己采集）" in text_of(browser.get("/apps"))
    url = f"/apps/mine/{child.number}"
    page = text_of(hers.get(url))
    assert "等您同意" in page and "声音（应用自己采集）" in page
    assert hers.post(f"{url}/consents", {"app": app.client_id}).status_code == 302
    given = Consent.objects.latest("id")
    assert (given.scopes, given.given_by, given.giver_name) == (["voice"], "guardian", "周母")
    assert way.is_in(way.ask(browser, app))
    mine = text_of(browser.get("/apps/mine"))
    assert "应用自己采集" in mine and "已同意：声音（应用自己采集）" in mine
    assert hers.post(f"/apps/consents/{given.id}/end", {"number": child.number}).status_code == 302
    assert "请家长登录后" in text_of(way.ask(browser, app), 403)


@EVERY
def test_who_is_older_agrees_alone_and_nothing_more_is_released(school: Any, protocol: str) -> None:
    way, account = WAYS[protocol], teacher_of(school)
    browser, app = testing.signed_in(account), declare(declare(way.make(), "portrait"))
    asked = way.ask(browser, app)
    page = text_of(asked)
    assert all(text in page for text in ("应用自己采集、要先同意的", "肖像（应用自己采集）", "声音（应用自己采集）"))
    assert not Participation.objects.exists()
    assert way.is_in(reply(browser, asked))
    assert sorted(Consent.objects.get().scopes) == ["phone", "portrait", "profile", "voice"]
    assert not {"portrait", "voice"} & set(app.scopes)
    told = applications.claims_of(app=app, account_id=account.id, scopes=[*app.scopes, *app.collects], subject="s")
    assert not any("voice" in name or "portrait" in name for name in told)
    assert not {"portrait", "voice"} & set(Client().get("/.well-known/openid-configuration").json()["scopes_supported"])


def test_a_declaration_rests_on_consent_only(county: Any) -> None:
    account = testing.duty_account("vendor", county)
    app = make_application(
        organisation=county, vendor=make_vendor(account, county), state="draft", is_sandbox=True, live_since=None
    )
    desk, url = testing.signed_in(account), f"/applications/{app.client_id}/scopes"
    given = {"scope": "voice", "purpose": "给朗读打分"}
    for basis in ("duty", "contract"):
        assert "只能是本人或监护人同意" in text_of(desk.post(url, {**given, "basis": basis}), 422)
    assert not applications.get_application(app.id).collects
    assert desk.post(url, {**given, "basis": "consent"}).status_code == 302
    assert applications.get_application(app.id).collects == ("voice",)
    page = text_of(desk.get(f"/applications/{app.client_id}"))
    assert "声音（应用自己采集）" in page and "给朗读打分" in page
    assert "声音（应用自己采集）" in text_of(desk.get("/developer/guides/data"))
    with pytest.raises(Invalid):
        applications.create_live(
            actor=Actor.system("test"), details=applications.Details(name="录音"), scopes=("voice",)
        )


def test_paper_consents_cover_what_an_application_collects(school: Any) -> None:
    app = declare(make_application("朗读", adopted_by=[school]))
    group = testing.make_class(school, "三（1）班")
    board = class_board(group, None)
    assert (board["app"].id, board["wanted"]) == (app.id, ["声音（应用自己采集）"])


def test_a_class_screen_opens_nothing_that_records_before_the_teacher_agreed(school: Any) -> None:
    group = testing.make_class(school, "八（3）班")
    teacher = testing.teacher_of(group, "苏老师")
    screen, app = (
        testing.class_screen(teacher, group),
        declare(make_service(SERVICE, scopes=("roles",), on_screen=True)),
    )
    refused = screen.get("/cas/login", {"service": SERVICE})
    assert "在自己的手机或电脑上打开一次" in text_of(refused, 403)
    Consent.objects.create(application_id=app.id, person=teacher.person, scopes=["voice"], given_by="self")
    assert WAYS["cas"].is_in(screen.get("/cas/login", {"service": SERVICE}))
