"""When the timetable's bell rings the lesson is over: on the class screen, at every computer, and in the applications that
were opened there. The test carries the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from lingqu.foundation.applications.testing import make_application
from lingqu.foundation.cas.testing import make_service
from lingqu.foundation.identity import jobs, testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.models import SsoSession
from lingqu.foundation.identity.testing import Room
from lingqu.foundation.oidc.services import keys
from lingqu.foundation.oidc.testing import CALLBACK, Registered, client
from lingqu.foundation.timetable import testing as lessons
from lingqu.kernel import clock
from lingqu.kernel.testing import deliver_events, run_jobs
from tests.oidc.walking import answer_of, ask, code_for, redeem, token, userinfo
from tests.upstream.platforms import Platform

from .hearing import CAS, OIDC, cas_login, ticket_at, told_of, validate

SetClock = Callable[[str], None]
FRIDAY = clock.today() + timedelta(days=7 + (4 - clock.today().weekday()) % 7)
"""One that is to come: cookies of sessions end by the real clock."""


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Sets the platform's clock to a time of that day; it goes on from there."""

    def set_to(time: str) -> None:
        ahead = datetime.fromisoformat(f"{FRIDAY}T{time}").replace(tzinfo=clock.ZONE) - datetime.now(UTC)

        class Carried(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + ahead

        monkeypatch.setattr(clock, "datetime", Carried)
        keys.forget()
        forget_standings()

    return set_to


@pytest.fixture
def room(db: None, set_clock: SetClock) -> Room:
    """Friday, third minute of the second lesson (08:50 to 09:30), which the teacher of the class gives."""
    set_clock("08:53")
    room = Room()
    give_lesson(room)
    return room


def give_lesson(*rooms: Room) -> None:
    start = FRIDAY - timedelta(days=30)
    lessons.make_term(start=start, end=FRIDAY + timedelta(days=60))
    for room in rooms:
        lessons.make_bells(room.group.school, valid_from=start)
        second = lessons.lesson(room.group, 5, "2", teachers=[room.teacher.person])
        lessons.make_timetable(room.group.school, [second], since=start)


def at_a_computer(room: Room) -> Client:
    computer = room.first_time(room.open())
    room.act("allow", room.pupils[0])
    assert computer.get("/class-code/pin")["Location"] == "/"
    return computer


def on_the_screen(room: Room) -> Client:
    return testing.class_screen(room.teacher, room.group)


@pytest.mark.parametrize("place", [on_the_screen, at_a_computer])
def test_the_bell_ends_lesson_and_applications(
    room: Room, vendor: Platform, set_clock: SetClock, place: Callable[[Room], Client]
) -> None:
    board = client(app=make_application("电子白板", on_screen=True), backchannel_uri=vendor.url + OIDC)
    make_service(vendor.url + CAS, name="课本", on_screen=True)
    here = place(room)
    session = SsoSession.objects.get(group_id=room.session.id)
    assert session.expires_at - clock.now() < timedelta(minutes=37), "the bell, not three quarters of an hour"
    body = redeem(board, code_for(here, board)).json()
    ticket = ticket_at(here, vendor)
    assert validate(vendor, ticket)

    set_clock("09:29")
    jobs.end_due_sessions()
    assert code_for(here, board) and ticket_at(here, vendor), "a minute before the bell everything is open"
    body = token(board, grant_type="refresh_token", refresh_token=body["refresh_token"]).json()
    waiting = code_for(here, board)

    set_clock("09:30")
    assert userinfo(body["access_token"]).status_code == 401, "before any job has run"
    assert_closed(here, board, vendor, waiting, body)
    jobs.end_due_sessions()
    deliver_events()
    run_jobs("applications.send_logout_notices")
    assert SsoSession.objects.get(id=session.id).ended_because == "lesson"
    assert {str(session.id), ticket} <= set(told_of(vendor))


@pytest.mark.deep
def test_ninety_pupils_in_two_rooms_are_out_together(db: None, vendor: Platform, set_clock: SetClock) -> None:
    set_clock("08:53")
    rooms = [Room(pupils=45, school=testing.make_school(f"330101000{at}")) for at in (1, 2)]
    give_lesson(*rooms)
    board = client(backchannel_uri=vendor.url + OIDC)
    computers = []
    for room in rooms:
        code = room.open()
        here = [room.first_time(code, number) for number in range(1, 46)]
        room.act("allow", *room.pupils)
        assert {pc.get("/class-code/pin")["Location"] for pc in here} == {"/"}
        computers += here
    held = [redeem(board, code_for(pc, board)).json()["access_token"] for pc in computers]
    assert {userinfo(access).status_code for access in held} == {200}

    set_clock("09:30")
    assert {userinfo(access).status_code for access in held} == {401}
    assert {pc.get("/me").status_code for pc in computers} == {302}
    jobs.end_due_sessions()
    deliver_events()
    run_jobs("applications.send_logout_notices")
    ended = SsoSession.objects.filter(kind="computer_room", ended_because="lesson").values_list("id", flat=True)
    assert (len(ended), sorted(told_of(vendor))) == (90, sorted(map(str, ended)))


def assert_closed(here: Client, board: Registered, vendor: Platform, waiting: str, body: dict[str, str]) -> None:
    """Neither the browser nor what an application already holds opens anything."""
    assert redeem(board, waiting).status_code == 400
    assert token(board, grant_type="refresh_token", refresh_token=body["refresh_token"]).status_code == 400
    assert not ask(here, board)["Location"].startswith(CALLBACK)
    assert answer_of(ask(here, board, prompt="none"))["error"] == "login_required"
    assert "ticket=" not in cas_login(here, vendor)
    assert here.get("/me").status_code == 302
