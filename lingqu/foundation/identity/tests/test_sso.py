"""SSO sessions: what they carry, what ends them, and that every end is said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, SsoSession
from lingqu.foundation.identity.services import locking, sso
from lingqu.foundation.identity.types.words import SessionEnd, SessionKind
from lingqu.kernel.clock import now
from lingqu.kernel.ids import uuid7
from lingqu.kernel.models import OutboxEvent

pytestmark = pytest.mark.django_db


def _said() -> list[tuple[str, list[str]]]:
    found = OutboxEvent.objects.filter(kind="identity.SessionsEnded").order_by("id")
    return [(row.payload["because"], row.payload["session_ids"]) for row in found]


def test_a_session_knows_when_and_how(teacher: Account) -> None:
    client = testing.browser(teacher, HTTP_USER_AGENT="Browser/1 " + "x" * 400)
    [session] = SsoSession.objects.filter(account=teacher)
    assert (session.amr, session.kind, session.ended_at) == (["pwd"], "browser", None)
    assert len(session.agent) == sso.MOST_AGENT
    assert session.expires_at - session.auth_time == sso.LONGEST
    assert client.get("/me").wsgi_request.sso_session.id == session.id


def test_signing_out_ends_it_once_and_says_so(teacher: Account) -> None:
    client = testing.browser(teacher)
    session = SsoSession.objects.get(account=teacher)
    client.post("/sign-out")
    client.post("/sign-out")
    session.refresh_from_db()
    assert session.ended_because == SessionEnd.SIGNED_OUT
    assert _said() == [("signed_out", [str(session.id)])]


def test_signing_in_again_replaces_the_browsers_session(teacher: Account) -> None:
    client = testing.browser(teacher)
    first = SsoSession.objects.get(account=teacher)
    client.post("/sign-in", {"login": "", "password": ""})
    session = client.session
    assert client.get("/sign-in").status_code == 302
    testing.set_state(teacher, "locked")
    testing.set_state(teacher, "active")
    client.post("/sign-in", {"login": teacher.login, "password": testing.PASSWORD})
    first.refresh_from_db()
    assert first.ended_because == SessionEnd.REPLACED
    assert client.session.session_key != session.session_key
    assert SsoSession.objects.filter(account=teacher, ended_at=None).count() == 1


def test_a_changed_password_ends_all_but_this_one(teacher: Account) -> None:
    here, elsewhere = testing.browser(teacher), testing.browser(teacher)
    sent = {"old": testing.PASSWORD, "password": "Quite-another-2026", "repeat": "Quite-another-2026"}
    assert here.post("/me/password", sent).status_code == 302
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 302
    assert [because for because, _ids in _said()] == ["password"]


def test_time_is_over_for_the_request_before_the_job_says_so(teacher: Account) -> None:
    client = testing.browser(teacher)
    SsoSession.objects.update(expires_at=now() - timedelta(seconds=1))
    assert client.get("/me").status_code == 302
    assert _said() == []
    assert (sso.end_due(), sso.end_due()) == (1, 0)
    assert [because for because, _ids in _said()] == ["expired"]


def test_a_class_session_ends_as_one(teacher: Account) -> None:
    group = uuid7()
    for _seat in range(3):
        sso.begin(teacher, amr=["pin"], kind=SessionKind.COMPUTER_ROOM, group_id=group, lasts=timedelta(minutes=45))
    other = sso.begin(teacher, amr=["pwd"])
    assert sso.end_of_group(group, SessionEnd.LESSON) == 3
    other.refresh_from_db()
    assert other.ended_at is None


def test_a_stop_ends_sessions_and_many_are_said_in_portions(teacher: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sso, "EVENT_CHUNK", 2)
    for _device in range(3):
        sso.begin(teacher, amr=["pwd"])
    locking.lock_account(actor=testing.SYSTEM, account=teacher)
    assert [(because, len(ids)) for because, ids in _said()] == [("locked", 2), ("locked", 1)]


def test_confirming_moves_the_time_and_adds_the_means(teacher: Account) -> None:
    session = sso.begin(teacher, amr=["pwd"])
    SsoSession.objects.filter(id=session.id).update(auth_time=now() - timedelta(hours=1))
    session.refresh_from_db()
    sso.confirm(session, amr=["otp"])
    session.refresh_from_db()
    assert session.amr == ["otp", "pwd"]
    assert now() - session.auth_time < timedelta(seconds=5)


def test_nothing_lasts_longer_than_twelve_hours(teacher: Account) -> None:
    session = sso.begin(teacher, amr=["pwd"], lasts=timedelta(days=30))
    assert session.expires_at - session.auth_time == sso.LONGEST


def test_an_end_has_a_cause(teacher: Account) -> None:
    session = sso.begin(teacher, amr=["pwd"])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE identity_ssosession SET ended_at = now() WHERE id = %s", [session.id])


def test_old_sessions_go(teacher: Account) -> None:
    session = sso.begin(teacher, amr=["pwd"])
    sso.end([session.id], SessionEnd.REVOKED)
    assert sso.purge() == 0
    SsoSession.objects.update(ended_at=now() - timedelta(days=sso.KEPT_DAYS + 1))
    assert sso.purge() == 1
