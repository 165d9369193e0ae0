"""The way of a ticket through the pages: who gets one, who may redeem it, and everything that must be refused."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from django.db import connection
from django.test import Client

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import Participation, Release, RequestLog
from lingqu.foundation.cas import services
from lingqu.foundation.cas.models import Ticket
from lingqu.foundation.cas.testing import SYSTEM, make_service
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import SsoSession
from lingqu.foundation.identity.services import sso
from lingqu.kernel.clock import now

SERVICE = "https://app.example.cn/portal?a=1"
OTHER = "https://other.example.cn/"


def login(browser: Client, service: str = SERVICE, **more: str) -> Any:
    return browser.get("/cas/login", {"service": service, **more})


def ticket_in(answer: Any) -> str:
    assert answer.status_code == 302, answer.content[:300]
    return parse_qs(urlsplit(answer["Location"]).query)["ticket"][0]


def ask(ticket: str, service: str = SERVICE, path: str = "p3/serviceValidate", **more: str) -> dict[str, Any]:
    answer = Client().get(f"/cas/{path}", {"service": service, "ticket": ticket, "format": "JSON", **more})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()["serviceResponse"]
    return found


def code_of(answer: dict[str, Any]) -> str:
    return str(answer.get("authenticationFailure", {}).get("code", "ok"))


@pytest.fixture
def app(db: None) -> applications.App:
    return make_service("https://app.example.cn/portal", scopes=("profile", "roles", "classes", "person_number"))


@pytest.fixture
def browser(teacher: Any) -> Client:
    return testing.browser(teacher)


def test_a_visitor_signs_in_first_and_comes_back_with_a_ticket(app: applications.App, teacher: Any) -> None:
    visitor = Client()
    asked = login(visitor)
    assert asked.status_code == 302 and asked["Location"].startswith("/sign-in?next=%2Fcas%2Flogin")
    back = parse_qs(urlsplit(asked["Location"]).query)["next"][0]
    door = visitor.get(asked["Location"])
    assert "form-action 'self' https://app.example.cn" in door["Content-Security-Policy"]
    entered = visitor.post("/sign-in", {"login": teacher.login, "password": testing.PASSWORD, "next": back})
    assert entered["Location"] == back
    answer = ask(ticket_in(visitor.get(back)))
    success = answer["authenticationSuccess"]
    assert success["user"] == applications.subject_of(app=app, account_id=teacher.id)
    assert success["attributes"]["name"] == ["苏文"]
    assert success["attributes"]["lingqu_roles"] == ["teacher@3301000001"]
    assert success["attributes"]["lingqu_classes_names"] == ["三（1）班"]
    assert success["attributes"]["lingqu_person_number"] == [teacher.login]
    assert success["attributes"]["isFromNewLogin"] is True
    assert Release.objects.get().fields == [
        "lingqu_classes",
        "lingqu_person_number",
        "lingqu_roles",
        "name",
        "updated_at",
    ]
    assert RequestLog.objects.get().outcome == "ok"


def test_the_address_keeps_its_query_and_nothing_but_the_digest_is_stored(
    app: applications.App, browser: Client
) -> None:
    answer = login(browser, "https://app.example.cn/portal/x?a=1&b=%20#top")
    assert answer["Location"].startswith("https://app.example.cn/portal/x?a=1&b=%20&ticket=ST-")
    assert answer["Location"].endswith("#top")
    ticket = ticket_in(answer)
    assert ticket not in str(Ticket.objects.values_list()[0])


def test_tickets_are_of_the_signs_and_the_length_that_every_client_takes(
    app: applications.App, browser: Client
) -> None:
    tickets = {ticket_in(login(browser)) for _time in range(20)}
    assert len(tickets) == 20
    assert all(re.fullmatch("ST-[A-Za-z0-9-]{29}", ticket) for ticket in tickets)


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("validate", "yes\n{user}\n", "no\n\n"), ("serviceValidate", "<cas:user>{user}</cas:user></cas:auth", "INVALID_TICKET"),
        ("proxyValidate", "<cas:user>{user}</cas:user></cas:auth", "INVALID_TICKET"),
        ("p3/serviceValidate", "<cas:name>苏文</cas:name>", "INVALID_TICKET"),
        ("p3/proxyValidate", "<cas:name>苏文</cas:name>", "INVALID_TICKET"),
    ],
)  # fmt: skip
def test_every_generation_redeems_once(
    app: applications.App, browser: Client, teacher: Any, path: str, good: str, bad: str
) -> None:
    ticket = ticket_in(login(browser))
    user = applications.subject_of(app=app, account_id=teacher.id)
    told = Client().get(f"/cas/{path}", {"service": SERVICE, "ticket": ticket}).content.decode()
    assert good.format(user=user) in told
    replayed = Client().get(f"/cas/{path}", {"service": SERVICE, "ticket": ticket}).content.decode()
    assert bad in replayed and user not in replayed


def test_saml_1_clients_redeem_too(app: applications.App, browser: Client, teacher: Any) -> None:
    ticket = ticket_in(login(browser))
    body = (
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><samlp:Request'
        ' xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol" RequestID="_r1">'
        f"<samlp:AssertionArtifact>{ticket}</samlp:AssertionArtifact></samlp:Request></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
    url = f"/cas/samlValidate?TARGET={quote(SERVICE, safe='')}"
    told = Client().post(url, body, content_type="text/xml").content.decode()
    assert "saml1p:Success" in told and 'InResponseTo="_r1"' in told and "苏文" in told
    for again in (body, body.replace(ticket, "ST-x"), "<!DOCTYPE a><a/>", "<a", ""):
        assert "RequestDenied" in Client().post(url, again, content_type="text/xml").content.decode()


# ---- what must be refused --------------------


def test_replayed(app: applications.App, browser: Client) -> None:
    ticket = ticket_in(login(browser))
    assert [code_of(ask(ticket)) for _time in range(3)] == ["ok", "INVALID_TICKET", "INVALID_TICKET"]


def test_for_another_service_and_then_for_the_right_one(app: applications.App, browser: Client) -> None:
    make_service(OTHER, name="另一个")
    ticket = ticket_in(login(browser))
    assert code_of(ask(ticket, OTHER)) == "INVALID_SERVICE"
    assert code_of(ask(ticket)) == "INVALID_TICKET"


@pytest.mark.parametrize("service", [SERVICE + "&x", SERVICE[:-1], SERVICE.upper(), "https://app.example.cn/portal"])
def test_for_nearly_the_same_address(app: applications.App, browser: Client, service: str) -> None:
    assert code_of(ask(ticket_in(login(browser)), service)) == "INVALID_SERVICE"


def test_expired(app: applications.App, browser: Client) -> None:
    ticket = ticket_in(login(browser))
    made = Ticket.objects.get()
    assert 9 <= (made.expires_at - made.made_at).total_seconds() <= 10
    Ticket.objects.update(expires_at=now())
    assert code_of(ask(ticket)) == "INVALID_TICKET"


def test_altered_or_missing(app: applications.App, browser: Client) -> None:
    ticket = ticket_in(login(browser))
    assert {code_of(ask(given)) for given in (ticket[:-1] + "!", ticket.lower(), "ST-", f"{ticket} ")} == {
        "INVALID_TICKET"
    }
    assert code_of(ask("")) == code_of(ask(ticket, "")) == "INVALID_REQUEST"
    assert code_of(ask(ticket)) == "ok"


def test_renew_wants_a_new_proof(app: applications.App, browser: Client) -> None:
    """A ticket of an old sign-in is not good for ``renew``, and asking for renewal leads to the password."""
    assert code_of(ask(ticket_in(login(browser)), renew="true")) == "INVALID_TICKET_SPEC"
    asked = login(browser, renew="true")
    assert asked["Location"].startswith("/sign-in/again?")
    back = parse_qs(urlsplit(asked["Location"]).query)["next"][0]
    unproved = browser.get(back)
    assert unproved["Location"].startswith("/sign-in/again?"), "coming back without the password is not a proof"
    proved = browser.post("/sign-in/again", {"password": testing.PASSWORD, "next": back})
    assert code_of(ask(ticket_in(browser.get(proved["Location"])), renew="true")) == "ok"
    elsewhere = back.replace("portal", "portal%2Fadmin")
    assert browser.get(elsewhere)["Location"].startswith("/sign-in/again?"), "a proof is for one address"


def test_gateway_never_shows_the_door(app: applications.App, browser: Client) -> None:
    assert login(Client(), gateway="true")["Location"] == SERVICE
    assert "ticket=ST-" in login(browser, gateway="true")["Location"]
    assert login(Client(), gateway="true", renew="true")["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "service",
    [
        "https://evil.example.cn/", "https://app.example.cn/", "http://app.example.cn/portal", "https://app.example.cn/portal2",
        "https://app.example.cn/portal/../", "https://app.example.cn@evil.cn/portal", "//app.example.cn/portal", "javascript:1",
        "https://app.example.cn\\.evil.cn/portal", "https://app.example.cn/portal\r\nX: y",
    ],
)  # fmt: skip
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    app: applications.App, browser: Client, service: str
) -> None:
    for client in (browser, Client()):
        for more in ({}, {"gateway": "true"}, {"method": "POST"}):
            answer = login(client, service, **more)
            assert answer.status_code == 403 and "没有在统一登录里登记" in answer.content.decode()
    left = browser.get("/cas/logout", {"service": service})
    assert left.status_code == 200 and "已退出" in left.content.decode()
    assert not Ticket.objects.exists()


def test_by_post_the_ticket_stands_in_a_form(app: applications.App, browser: Client) -> None:
    answer = login(browser, method="POST")
    page = answer.content.decode()
    assert 'action="https://app.example.cn/portal?a=1"' in page and 'name="ticket" value="ST-' in page
    assert "csrf" not in page
    assert "form-action 'self' https://app.example.cn;" in answer["Content-Security-Policy"]


def test_who_may_not_enter_gets_no_ticket(browser: Client) -> None:
    make_service("https://app.example.cn/portal", audiences=("student",))
    answer = login(browser)
    assert answer.status_code == 403 and "不对您的身份开放" in answer.content.decode()
    assert not Ticket.objects.exists()


def test_a_suspended_application_redeems_nothing(app: applications.App, browser: Client) -> None:
    ticket = ticket_in(login(browser))
    applications.suspend(actor=SYSTEM, application_id=app.id, reason="出事了")
    assert code_of(ask(ticket)) == "INVALID_TICKET"
    assert login(browser).status_code == 403


def test_a_ticket_does_not_outlive_its_session(app: applications.App, browser: Client) -> None:
    ticket = ticket_in(login(browser))
    browser.post("/sign-out")
    assert code_of(ask(ticket)) == "INVALID_TICKET"
    assert not Participation.objects.exists()


def test_leaving_ends_the_session_and_goes_back_only_to_a_registered_place(
    app: applications.App, browser: Client
) -> None:
    answer = browser.get("/cas/logout", {"service": "https://app.example.cn/portal/bye"})
    assert answer["Location"] == "https://app.example.cn/portal/bye"
    assert SsoSession.objects.get().ended_because == "signed_out"
    assert login(browser)["Location"].startswith("/sign-in?")


def test_the_start_page_says_how_to_get_on(browser: Client) -> None:
    assert "你已登录" in browser.get("/cas/login").content.decode()
    assert "还没有登录" in Client().get("/cas/login").content.decode()


@pytest.mark.django_db(transaction=True)
def test_six_at_once_get_one(app: applications.App, teacher: Any) -> None:
    session = sso.begin(teacher, amr=["pwd"])
    ticket = services.give_ticket(app=app, session_id=session.id, service=SERVICE, is_fresh=False)
    outcomes: list[str] = []
    gate = threading.Barrier(6)

    def redeem() -> None:
        gate.wait()
        try:
            outcomes.append(code_of(ask(ticket)))
        finally:
            connection.close()

    threads = [threading.Thread(target=redeem) for _one in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["INVALID_TICKET"] * 5 + ["ok"]
    assert Participation.objects.count() == 1


def test_old_tickets_go(app: applications.App, teacher: Any) -> None:
    session = sso.begin(teacher, amr=["pwd"])
    for _one in range(2):
        services.give_ticket(app=app, session_id=session.id, service=SERVICE, is_fresh=False)
    Ticket.objects.filter(digest=Ticket.objects.first().digest).update(expires_at=now() - timedelta(hours=25))
    assert (services.purge(), Ticket.objects.count()) == (1, 1)


def test_flags_are_read_as_clients_write_them(app: applications.App, browser: Client) -> None:
    assert "ticket=" in login(browser, renew="false")["Location"]
    assert browser.get("/cas/login?" + urlencode({"service": SERVICE}) + "&renew")["Location"].startswith(
        "/sign-in/again"
    )
