"""A session that sees pupils locks when nobody uses it: nothing is shown, nothing is done, and the password goes on."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client

from lingqu.foundation.identity import locking, roles, testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.models import Account
from lingqu.kernel.clock import now


@pytest.fixture(autouse=True)
def fresh(db: None) -> None:
    forget_standings()


@pytest.fixture
def clerk() -> Account:
    return testing.duty_account("register_officer")


def leave(client: Client, seconds: int) -> None:
    """Nothing is asked for so long."""
    session = client.session
    session[locking.SEEN] = int(now().timestamp()) - seconds
    session.save()


def idle(account: Account) -> Client:
    client = testing.browser(account)
    leave(client, 901)
    return client


def test_within_the_time_nothing_happens_and_little_is_written(clerk: Account, django_assert_num_queries: Any) -> None:
    client = testing.browser(clerk)
    assert client.get("/me").status_code == 200
    before = Session.objects.get().session_data
    assert client.get("/me").status_code == 200
    assert Session.objects.get().session_data == before
    leave(client, 899)
    assert client.get("/me").status_code == 200
    assert now().timestamp() - client.session[locking.SEEN] < 60


def test_an_idle_session_shows_nothing_and_the_password_goes_on(clerk: Account) -> None:
    client = idle(clerk)
    answer = client.get("/me?a=1")
    assert (answer.status_code, answer["Location"]) == (302, "/locked?next=%2Fme%3Fa%3D1")
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert clerk.login in page.content.decode()
    assert client.get("/me").status_code == 302  # asking again does not wake it
    wrong = client.post("/locked", {"password": "no", "next": "/me?a=1"})
    assert wrong.status_code == 422
    assert "密码不对" in wrong.content.decode()
    key = client.session.session_key
    right = client.post("/locked", {"password": testing.PASSWORD, "next": "/me?a=1"})
    assert (right.status_code, right["Location"]) == (302, "/me?a=1")
    assert client.session.session_key != key
    assert client.get("/me").status_code == 200


def test_what_was_sent_is_not_done_and_the_lock_says_so(clerk: Account) -> None:
    client = idle(clerk)
    answer = client.post("/me/password", {"old": "x"}, headers={"Referer": "http://testserver/me/password?from=me"})
    assert (answer.status_code, answer["Location"]) == (302, "/locked?next=%2Fme%2Fpassword%3Ffrom%3Dme&unsaved=1")
    assert "没有保存" in client.get(answer["Location"]).content.decode()
    again = client.post("/locked", {"password": "no", "unsaved": "1", "next": "/me/password"})
    assert "没有保存" in again.content.decode()
    clerk.refresh_from_db()
    assert testing.browser(clerk)


def test_parts_and_scripts_are_told_in_their_own_way(clerk: Account) -> None:
    client = idle(clerk)
    part = client.get("/me", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/people?q=1"})
    assert (part.status_code, part["HX-Redirect"]) == (204, "/locked?next=%2Fpeople%3Fq%3D1")
    told = client.get("/locked/awake", headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["code"]) == (401, "locked")
    done = client.post("/locked", {"password": testing.PASSWORD}, headers={"Accept": "application/json"})
    assert done.status_code == 204


def test_a_part_that_renews_itself_leaves_the_page_where_it_is(clerk: Account) -> None:
    client = idle(clerk)
    part = client.get("/inbox/bell?inner=1", headers={"HX-Request": "true", locking.QUIET: "1"})
    assert (part.status_code, part.content, part.has_header("HX-Redirect")) == (204, b"", False)


def test_requests_of_the_page_itself_do_not_keep_it_awake(clerk: Account) -> None:
    client = testing.browser(clerk)
    leave(client, 800)
    assert client.get("/me", headers={locking.QUIET: "1"}).status_code == 200
    assert now().timestamp() - client.session[locking.SEEN] >= 800
    assert client.get("/locked/awake").status_code == 204
    assert now().timestamp() - client.session[locking.SEEN] < 60


def test_somebody_else_may_sign_in_or_the_owner_out(clerk: Account) -> None:
    client = idle(clerk)
    assert client.get("/sign-in").status_code == 200
    other = testing.duty_account("auditor")
    client.post("/sign-in", {"login": other.login, "password": testing.PASSWORD})
    assert other.login in client.get("/me").content.decode() or other.name in client.get("/me").content.decode()
    second = idle(clerk)
    second.post("/sign-out")
    assert second.get("/locked")["Location"].startswith("/sign-in")


def test_another_s_password_does_not_open_it(clerk: Account) -> None:
    client = idle(clerk)
    other = testing.duty_account("register_officer", login="other_one")
    Account.objects.filter(id=other.id).update(password="")
    assert client.post("/locked", {"password": "Other-2026-lingqu"}).status_code == 422
    assert client.get("/me").status_code == 302


def test_one_may_lock_before_leaving(clerk: Account) -> None:
    client = testing.browser(clerk)
    assert client.post("/locked/now")["Location"] == "/locked"
    assert client.get("/me").status_code == 302


def test_pupils_and_parents_never_lock(settings: Any) -> None:
    school = testing.make_school()
    child = testing.make_person(organisation=school)
    group = testing.make_class(school)
    testing.seat(child, group)
    parent = testing.make_person("王母", organisation=school)
    testing.guard(parent, child)
    for person in (child, parent):
        client = testing.browser(testing.account_for(person))
        leave(client, 10_000)
        assert client.get("/me").status_code == 200
        client.post("/locked/now")
        assert client.get("/me").status_code == 200


@pytest.mark.parametrize("role", sorted(set(roles.ROLES) - {"student", "guardian"}))
def test_every_role_that_sees_pupils_locks_and_no_other(role: str, settings: Any) -> None:
    if not roles.ROLES[role].is_grantable:
        assert role in {"class_teacher", "teacher", "staff"}
        return
    sees = bool(roles.SEES_PUPILS & set(roles.ROLES[role].rights))
    place = None if roles.ROLES[role].at & roles.OFFICES else testing.make_school()
    client = idle(testing.duty_account(role, place))
    assert client.get("/me").status_code == (302 if sees else 200)
    settings.LINGQU_IDLE_MINUTES = 0
    assert testing.browser(testing.duty_account(role, place)).get("/me").status_code == 200


def test_a_stream_of_a_locked_session_ends(clerk: Account) -> None:
    from django.http import HttpRequest, HttpResponse

    from lingqu.foundation.identity.middleware import ActorMiddleware

    client = idle(clerk)
    request = HttpRequest()
    request.COOKIES["lingqu_session"] = client.session.session_key
    request.session = SessionStore(client.session.session_key)
    ActorMiddleware(lambda _request: HttpResponse())(request)
    assert request.actor.is_signed_in is False
