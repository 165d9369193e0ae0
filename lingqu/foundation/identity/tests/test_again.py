"""Proving oneself again within a session, and what other modules learn of the session."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, SsoSession
from lingqu.foundation.identity.types.words import SessionEnd, SessionKind
from lingqu.kernel.clock import now

pytestmark = pytest.mark.django_db


def _age(hours: int = 1) -> SsoSession:
    SsoSession.objects.update(auth_time=now() - timedelta(hours=hours))
    return SsoSession.objects.get()


def test_the_right_password_moves_the_time_and_goes_on(teacher: Account) -> None:
    browser = testing.browser(teacher)
    old, key = _age(), browser.session.session_key
    page = browser.get("/sign-in/again?next=/me%3Fa%3D1")
    assert teacher.login in page.content.decode()
    answer = browser.post("/sign-in/again", {"password": testing.PASSWORD, "next": "/me?a=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/me?a=1")
    session = SsoSession.objects.get()
    assert (session.id, session.ended_at) == (old.id, None)
    assert session.auth_time > old.auth_time
    assert browser.session.session_key != key
    fact = identity.session_of(browser.get("/me").wsgi_request)
    assert fact == identity.find_sso_session(old.id)
    assert fact is not None and fact.is_live(now())
    assert (fact.kind, fact.amr, fact.auth_time) == (SessionKind.BROWSER, ("pwd",), session.auth_time)


def test_a_wrong_password_moves_nothing_and_a_foreign_next_leads_home(teacher: Account) -> None:
    browser = testing.browser(teacher)
    old = _age()
    answer = browser.post("/sign-in/again", {"password": "wrong-password", "next": "/me"})
    assert (answer.status_code, SsoSession.objects.get().auth_time) == (422, old.auth_time)
    answer = browser.post("/sign-in/again", {"password": testing.PASSWORD, "next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_a_visitor_goes_to_the_door_and_a_class_screen_takes_no_password(teacher: Account) -> None:
    assert testing.Client().get("/sign-in/again")["Location"].startswith("/sign-in?next=")
    screen = testing.signed_in(teacher)
    SsoSession.objects.update(kind=SessionKind.CLASS_SCREEN)
    assert screen.get("/sign-in/again")["Location"] == "/screen"
    assert screen.post("/sign-in/again", {"password": testing.PASSWORD})["Location"] == "/screen"


def test_an_ended_session_is_found_as_such(teacher: Account) -> None:
    testing.signed_in(teacher)
    session = SsoSession.objects.get()
    identity.end_sessions([teacher.id])
    fact = identity.find_sso_session(session.id)
    assert fact is not None
    assert (fact.is_live(now()), fact.ended_because) == (False, SessionEnd.LEFT)
