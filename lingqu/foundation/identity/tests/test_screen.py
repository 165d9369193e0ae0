"""The class screen: one code, one browser, one lesson, nothing personal, out at the bell."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, ClassSession, ScreenRequest, SsoSession
from lingqu.foundation.identity.services import classroom, screens, sso
from lingqu.foundation.identity.services.rooms import RoomClosed, find_by_code
from lingqu.foundation.identity.types.words import ClassKind
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.models import AuditEntry, OutboxEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> Any:
    return testing.make_class(testing.make_school(), "八（3）班")


@pytest.fixture
def teacher(group: Any) -> Account:
    return testing.teacher_of(group, "苏老师")


def _say_yes(phone: Client, code: str, number: int, group: Any) -> Any:
    return phone.post("/screen/scan", {"c": code, "class": str(group.id), "number": str(number)})


def test_a_scan_lets_the_screen_in_until_the_end_of_the_lesson(teacher: Account, group: Any) -> None:
    screen, code, number = testing.waiting_screen()
    phone = testing.browser(teacher)
    page = phone.get(f"/screen/scan?c={code}").content.decode()
    assert "八（3）班" in page and f'value="{number}"' in page
    assert _say_yes(phone, code, number, group)["Location"] == "/screen/mine"
    assert screen.get("/screen")["Location"] == "/screen"
    lesson = screen.get("/screen")
    assert re.search("苏老师 [0-9:]{5} 开始上课", lesson.content.decode())
    running = ClassSession.objects.get()
    session = SsoSession.objects.get(kind="class_screen")
    assert (session.group_id, session.account_id, session.amr) == (running.id, teacher.id, ["pwd"])
    assert session.expires_at - running.ends_at < timedelta(seconds=2)
    assert timedelta(minutes=44) < session.expires_at - now() <= timedelta(minutes=45)
    trail = AuditEntry.objects.get(action="identity.class.opened")
    assert (trail.subject_id, trail.data["kind"]) == (str(group.id), "screen")


def test_the_screen_shows_nothing_of_the_teacher_and_takes_no_password(teacher: Account, group: Any) -> None:
    screen, code, number = testing.waiting_screen()
    _say_yes(testing.browser(teacher), code, number, group)
    screen.get("/screen")
    for address in ("/me", "/computer-room", "/sign-in/again", f"/classes/{group.id}/accounts", "/screen/mine"):
        assert screen.get(address)["Location"] == "/screen", address
    home = screen.get("/")
    assert "苏老师" not in home.content.decode()
    assert not home.wsgi_request.actor.is_signed_in
    actor = screen.get("/screen").wsgi_request.actor
    assert (actor.account_id, actor.rights, actor.role) == (teacher.id, (), "")


def test_the_photographed_code_opens_nothing_elsewhere(teacher: Account, group: Any) -> None:
    screen, code, number = testing.waiting_screen()
    thief = Client()
    thief.get("/screen")
    _say_yes(testing.browser(teacher), code, number, group)
    assert thief.get("/screen").status_code == 200
    assert thief.get(f"/screen/scan?c={code}")["Location"].startswith("/sign-in?next=")
    assert screen.get("/screen").status_code == 302
    assert SsoSession.objects.filter(kind="class_screen").count() == 1


def test_a_wrong_number_ends_the_code(teacher: Account, group: Any) -> None:
    screen, code, number = testing.waiting_screen()
    phone = testing.browser(teacher)
    others = set(screens.look(code).numbers) - {number}
    assert _say_yes(phone, code, others.pop(), group).status_code == 409
    assert _say_yes(phone, code, number, group).status_code == 404
    assert not ClassSession.objects.exists()
    fresh = screen.get("/screen").content.decode()
    assert ScreenRequest.objects.filter(state="waiting").count() == 1
    assert re.search(r'lq-screen-number">\d\d<', fresh)


def test_a_code_is_two_minutes_old_at_most(teacher: Account, group: Any) -> None:
    screen, code, number = testing.waiting_screen()
    ScreenRequest.objects.update(expires_at=now() - timedelta(seconds=1))
    assert _say_yes(testing.browser(teacher), code, number, group).status_code == 404
    screen.get("/screen")
    assert ScreenRequest.objects.count() == 2


def test_nobody_who_does_not_teach_the_class_opens_its_screen(teacher: Account, group: Any) -> None:
    stranger = testing.make_person("别班老师", organisation=group.school)
    testing.employ(stranger, group.school)
    other = testing.make_class(group.school, "八（4）班")
    testing.teach(stranger, other)
    _screen, code, number = testing.waiting_screen()
    assert _say_yes(testing.browser(testing.account_for(stranger)), code, number, group).status_code == 403
    assert not ClassSession.objects.exists()
    actor = identity.actor_for(testing.duty_account("auditor"))
    with pytest.raises(Forbidden):
        screens.approve(actor=actor, code=code, number=number, class_id=group.id, amr=("pwd",))


def test_the_end_comes_from_the_screen_the_phone_or_the_bell(teacher: Account, group: Any) -> None:
    for way in ("screen", "phone", "bell"):
        screen, code, number = testing.waiting_screen()
        phone = testing.browser(teacher)
        _say_yes(phone, code, number, group)
        screen.get("/screen")
        running = ClassSession.objects.get(ended_at=None, ends_at__gt=now())
        if way == "screen":
            assert screen.post("/screen/finish")["Location"] == "/screen"
        elif way == "phone":
            phone.post(f"/screen/{running.id}/end")
        else:
            ClassSession.objects.filter(id=running.id).update(ends_at=now() - timedelta(seconds=1))
            SsoSession.objects.filter(group_id=running.id).update(expires_at=now() - timedelta(seconds=1))
            assert sso.end_due() == 1
        assert "扫一扫" in screen.get("/screen").content.decode(), way
        assert SsoSession.objects.get(group_id=running.id).ended_because == "lesson"
    said = [row.payload["because"] for row in OutboxEvent.objects.filter(kind="identity.SessionsEnded")]
    assert said.count("lesson") == 3


def test_a_stop_of_the_teacher_ends_the_screen(teacher: Account, group: Any) -> None:
    screen, code, number = testing.waiting_screen()
    _say_yes(testing.browser(teacher), code, number, group)
    testing.set_state(teacher, "locked")
    assert screen.get("/screen").status_code == 200
    assert not SsoSession.objects.filter(kind="class_screen").exists()


def test_anothers_lesson_is_not_ended(teacher: Account, group: Any) -> None:
    _screen, code, number = testing.waiting_screen()
    _say_yes(testing.browser(teacher), code, number, group)
    running = ClassSession.objects.get()
    assert testing.browser(testing.duty_account("county_admin")).post(f"/screen/{running.id}/end").status_code == 404
    assert ClassSession.objects.get().ended_at is None


@pytest.mark.django_db(transaction=True)
def test_of_many_phones_at_once_one_lets_the_screen_in() -> None:
    group = testing.make_class(testing.make_school(), "八（3）班")
    person = testing.make_person("苏老师", organisation=group.school)
    testing.teach(person, group)
    actor = identity.actor_for(testing.account_for(person))
    secret = screens.new_secret()
    waiting = screens.wait(secret=secret, address="127.0.0.1")

    def scan(_phone: int) -> bool:
        try:
            screens.approve(actor=actor, code=waiting.code, number=waiting.number, class_id=group.id, amr=("pwd",))
        except screens.ScreenGone:
            return False
        finally:
            connection.close()
        return True

    def take(_poll: int) -> bool:
        try:
            return screens.take(secret) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(scan, range(6))) == 1
        assert sum(pool.map(take, range(6))) == 1
    assert ClassSession.objects.count() == 1


def test_a_teacher_without_a_phone_types_a_code_once(teacher: Account, group: Any) -> None:
    office, screen = testing.browser(teacher), Client()
    assert office.post("/screen/open", {"class": str(group.id)})["Location"] == "/screen/mine"
    running = ClassSession.objects.get()
    code = classroom.code_of(running)
    assert f">{code}</b>" in office.get("/screen/mine").content.decode()
    assert screen.post("/screen/code", {"code": f"{(int(code) + 1) % 1_000_000:06d}"}).status_code == 404
    assert screen.post("/screen/code", {"code": f" {code[:3]} {code[3:]}"})["Location"] == "/screen"
    assert "开始上课" in screen.get("/screen").content.decode()
    assert SsoSession.objects.get(kind="class_screen").group_id == running.id
    assert Client().post("/screen/code", {"code": code}).status_code == 404
    assert code not in office.get("/screen/mine").content.decode()


def test_a_code_for_the_screen_opens_no_computer_room_and_the_other_way_round(teacher: Account, group: Any) -> None:
    testing.browser(teacher).post("/screen/open", {"class": str(group.id)})
    screen_code = classroom.code_of(ClassSession.objects.get())
    with pytest.raises(RoomClosed):
        find_by_code(screen_code, address="127.0.0.1")
    room = classroom.open_class(actor=identity.actor_for(teacher), class_id=group.id, kind=ClassKind.ROOM, amr=("pwd",))
    assert Client().post("/screen/code", {"code": classroom.code_of(room)}).status_code == 404
    ClassSession.objects.filter(kind="screen").update(code_until=now() - timedelta(seconds=1))
    assert Client().post("/screen/code", {"code": screen_code}).status_code == 404
