"""The computer room: in with class code and PIN, seen by the teacher, out together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import ClassCard, ClassPin, ClassSession, RoomSeat, SsoSession
from lingqu.foundation.identity.services import classroom, throttle
from lingqu.foundation.identity.services.cards import print_cards
from lingqu.foundation.identity.testing import PIN, Room
from lingqu.foundation.identity.types.classroom import PICTURES
from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import testing as lessons
from lingqu.kernel import clock
from lingqu.kernel.clock import now
from lingqu.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
PICTURE_PIN = ("apple", "boat", "cat", "sun")


def test_the_first_time_a_pupil_chooses_a_pin_and_the_teacher_agrees() -> None:
    room = Room()
    pc = room.first_time(room.open())
    waiting = pc.get("/class-code/pin")
    assert (waiting["Refresh"], "等老师" in waiting.content.decode()) == ("3", True)
    assert not ClassPin.objects.exists()
    assert "同意 学生1" in room.desk.get(f"/computer-room/{room.session.id}").content.decode()
    room.act("allow", room.pupils[0])
    assert pc.get("/class-code/pin")["Location"] == "/"
    assert pc.get("/me").status_code == 200
    session = SsoSession.objects.get(account=room.pupils[0])
    assert (session.kind, session.amr, session.group_id) == ("computer_room", ["pin"], room.session.id)
    assert PIN not in ClassPin.objects.get().secret
    assert RoomSeat.objects.get().state == "in"
    assert room.desk.get(f"/computer-room/{room.session.id}/seats").content.decode().count("已进</span>") == 1
    assert AuditEntry.objects.filter(action="identity.pin.confirmed").count() == 1


def test_the_next_time_number_and_pin_suffice_and_another_computer_replaces_the_first() -> None:
    room = Room()
    code = room.open()
    room.first_time(code)
    room.act("allow", room.pupils[0])
    first, second = room.at(code), room.at(code)
    for pc in (first, second):
        assert pc.post("/class-code/me", {"number": "１", "pin": PIN})["Location"] == "/"
    assert first.get("/me").status_code == 302
    assert second.get("/me").status_code == 200


def test_only_the_computer_that_asked_goes_in_and_one_asks_at_a_time() -> None:
    room = Room()
    code = room.open()
    room.first_time(code)
    other = room.at(code)
    other.post("/class-code/me", {"number": "1", "pin": ""})
    other.post("/class-code/pin", {"pin": ""})
    refused = other.post("/class-code/pin", {"pin": "835164", "repeat": "835164"})
    assert refused.status_code == 409
    room.act("allow", room.pupils[0])
    assert other.get("/class-code/pin").status_code == 200
    assert other.get("/me").status_code == 302
    room.act("refuse", room.pupils[1])


def test_the_little_ones_tap_their_name_and_four_pictures() -> None:
    room = Room("G02")
    code = room.open()
    pc, pupil = room.at(code), room.pupils[0]
    assert "学生3" in pc.get("/class-code/me").content.decode()
    assert pc.post("/class-code/me", {"who": str(pupil.id)})["Location"] == "/class-code/pin"
    page = pc.get("/class-code/pin").content.decode()
    assert page.count('name="tap"') == len(PICTURES) == 12

    def tap(*names: str) -> Any:
        return [pc.post("/class-code/pin", {"tap": name}) for name in names][-1]

    assert tap(*PICTURE_PIN).status_code == 200  # no PIN yet: now one is chosen
    assert tap("apple", "apple", "apple", "sun").status_code == 422
    tap(*PICTURE_PIN)
    assert "再点一遍" in pc.get("/class-code/pin").content.decode()
    assert tap(*reversed(PICTURE_PIN)).status_code == 422
    tap(*PICTURE_PIN)
    tap(*PICTURE_PIN)
    room.act("allow", pupil)
    assert pc.get("/class-code/pin")["Location"] == "/"
    again = room.at(code)
    again.post("/class-code/me", {"who": str(pupil.id)})
    assert [again.post("/class-code/pin", {"tap": one}) for one in reversed(PICTURE_PIN)][-1].status_code == 422
    assert [again.post("/class-code/pin", {"tap": one}) for one in PICTURE_PIN][-1]["Location"] == "/"


@pytest.mark.parametrize("bad", ["123456", "111111", "12345", "1234567", "abcdef", "112112"])
def test_a_pin_that_everybody_guesses_is_not_taken(bad: str) -> None:
    room = Room()
    pc = room.at(room.open())
    pc.post("/class-code/me", {"number": "1", "pin": ""})
    pc.post("/class-code/pin", {"pin": ""})
    assert pc.post("/class-code/pin", {"pin": bad, "repeat": bad}).status_code == 422
    assert not RoomSeat.objects.filter(state="asking").exists()


def test_guessing_is_slowed_for_one_seat_and_never_for_the_room(monkeypatch: Any) -> None:
    room = Room()
    code = room.open()
    for at in (1, 2):
        room.first_time(code, at)
    room.act("allow", *room.pupils[:2])
    bad = room.at(code)
    seen = [bad.post("/class-code/me", {"number": "1", "pin": f"93{at:04d}"}).status_code for at in range(8)]
    assert seen == [422] * 5 + [429] * 3
    assert "输错 5 次" in room.desk.get(f"/computer-room/{room.session.id}").content.decode()
    assert room.at(code).post("/class-code/me", {"number": "1", "pin": PIN})["Location"] == "/"
    assert room.at(code).post("/class-code/me", {"number": "2", "pin": PIN})["Location"] == "/"


def test_a_wrong_class_code_is_counted_for_the_address_only(monkeypatch: Any) -> None:
    monkeypatch.setattr(throttle, "CLASS_CODES", throttle.Bucket("class-codes-test", 3, 60))
    room = Room()
    code = room.open()
    wrong = "000000" if code != "000000" else "000001"
    stranger = Client(REMOTE_ADDR="10.9.9.9")
    assert [stranger.post("/class-code", {"code": wrong}).status_code for _try in range(4)] == [404, 404, 404, 429]
    room.at(code)


def test_a_code_takes_nobody_in_after_ten_minutes_or_when_another_was_made() -> None:
    room = Room()
    code = room.open()
    room.act("code")
    fresh = classroom.code_of(room.session)
    assert Client().post("/class-code", {"code": code}).status_code == (404 if fresh != code else 302)
    pc = room.at(fresh)
    ClassSession.objects.update(code_until=now() - timedelta(seconds=1))
    assert Client().post("/class-code", {"code": fresh}).status_code == 404
    assert pc.get("/class-code/me")["Location"] == "/class-code"


def test_all_end_together_and_one_alone() -> None:
    room = Room()
    code = room.open()
    computers = [room.first_time(code, at) for at in (1, 2, 3)]
    room.act("allow", *room.pupils)
    assert {pc.get("/class-code/pin")["Location"] for pc in computers} == {"/"}
    room.act("out", room.pupils[0])
    assert [pc.get("/me").status_code for pc in computers] == [302, 200, 200]
    assert room.act("end")["Location"] == "/computer-room"
    assert [pc.get("/me").status_code for pc in computers] == [302, 302, 302]
    assert room.desk.get("/me").status_code == 200
    assert set(SsoSession.objects.filter(kind="computer_room").values_list("ended_because", flat=True)) == {
        "by_admin", "lesson",
    }  # fmt: skip


def test_the_bell_of_the_timetable_ends_the_lesson(monkeypatch: Any) -> None:
    room = Room()
    lessons.make_term()
    lessons.make_bells(room.group.school)
    at = now().astimezone(clock.ZONE).replace(hour=8, minute=30, second=0, microsecond=0)
    at -= timedelta(days=(at.weekday() - 4) % 7)
    monkeypatch.setattr("lingqu.foundation.identity.selectors.classroom.now", lambda: at)
    monkeypatch.setattr(clock, "today", lambda: at.date())
    lessons.make_timetable(room.group.school, [lessons.lesson(room.group, 5, "1", teachers=[room.teacher.person])])
    from lingqu.foundation.identity import api as identity
    from lingqu.foundation.identity.selectors import classroom as reading

    [offer] = reading.list_offers(identity.actor_for(room.teacher))
    assert offer.is_lesson
    assert "第1节" in offer.lesson.replace(" ", "")
    assert offer.ends > at
    assert offer.ends.date() == at.date()


def test_a_forgotten_pin_is_reset_by_the_teacher_or_replaced_with_her_consent() -> None:
    room = Room()
    code = room.open()
    room.first_time(code)
    room.act("allow", room.pupils[0])
    room.act("reset", room.pupils[0])
    assert not ClassPin.objects.exists()
    pc = room.at(code)
    assert pc.post("/class-code/me", {"number": "1", "pin": PIN})["Location"] == "/class-code/pin"
    assert AuditEntry.objects.filter(action="identity.pin.reset").count() == 1


def test_a_card_works_inside_its_class_code_until_it_is_revoked(monkeypatch: Any) -> None:
    room = Room()
    codes: list[str] = []
    monkeypatch.setattr(
        "lingqu.foundation.identity.services.cards._address",
        lambda code: codes.append(code) or f"http://localhost/class-code?card={code}",
    )
    made = print_cards(actor=testing.SYSTEM, class_id=room.group.id)
    assert (made.people, made.pdf[:5]) == (3, b"%PDF-")
    assert not ClassCard.objects.filter(code_hash__in=[]).exists()
    pc = Client()
    assert pc.get(f"/class-code?card={codes[0]}")["Location"] == "/class-code"
    pc.post("/class-code", {"code": room.open()})
    assert pc.post("/class-code/me", {"card": codes[0]})["Location"] == "/"
    assert SsoSession.objects.get(kind="computer_room").amr == ["card"]
    print_cards(actor=testing.SYSTEM, class_id=room.group.id, account_ids=frozenset([room.pupils[0].id]))
    scanner = room.at(classroom.code_of(room.session))
    assert scanner.post("/class-code/me", {"card": codes[0]}).status_code == 404
    assert scanner.post("/class-code/me", {"card": f"http://x/class-code?card={codes[1]}"})["Location"] == "/"


def test_nobody_else_sees_or_steers_the_room() -> None:
    room = Room()
    room.open()
    address = f"/computer-room/{room.session.id}"
    other = testing.make_person("别班老师", organisation=room.group.school)
    testing.employ(other, room.group.school)
    for account in (
        testing.account_for(other),
        testing.duty_account("county_admin"),
        testing.in_use(room.pupils[0].id),
    ):
        stranger = testing.browser(account)
        assert stranger.get(address).status_code == 404
        assert stranger.post(f"{address}/act", {"do": "end"}).status_code == 404
        assert stranger.post("/computer-room", {"class": str(room.group.id)}).status_code == 403
    assert room.session.ended_at is None


def test_the_room_page_is_bounded(django_assert_max_num_queries: Any) -> None:
    room = Room()
    room.open()
    room.desk.get(f"/computer-room/{room.session.id}")
    with django_assert_max_num_queries(12):
        room.desk.get(f"/computer-room/{room.session.id}")
    assert registry.school_year_of(clock.today())
