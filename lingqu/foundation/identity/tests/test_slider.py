"""The slider before an SMS: for one browser, one phone, two minutes, one answer."""

from __future__ import annotations

import zlib
from base64 import b64decode
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import PhoneCode, SliderChallenge
from lingqu.foundation.identity.services import codes, slider
from lingqu.foundation.identity.types.words import CodePurpose
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid, TooMany
from lingqu.kernel.models import Message

pytestmark = pytest.mark.django_db
PHONE = "13800001234"


def made(browser: str = "b", phone: str = PHONE) -> tuple[slider.Shown, SliderChallenge]:
    shown = slider.make(browser=browser, phone=phone)
    return shown, SliderChallenge.objects.get(id=shown.id)


def solve(row: SliderChallenge, **other: Any) -> slider.Solved:
    return slider.solve(**{"challenge_id": row.id, "browser": "b", "phone": PHONE, "place": str(row.place)} | other)


@pytest.mark.parametrize("off", [-slider.TOLERANCE, 0, slider.TOLERANCE])
def test_on_the_gap_is_right(off: int) -> None:
    _shown, row = made()
    assert solve(row, place=str(row.place + off)) == testing.solved(PHONE)


def test_the_sum_is_as_good() -> None:
    shown, row = made()
    assert "加" in shown.question
    assert solve(row, place="", total=f" {row.total} ") == testing.solved(PHONE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": ""}, {"place": "-1"}, {"place": "x"}, {"place": "99999999"}, {"total": "99"}, {"total": "²"},
        {"browser": "other"}, {"phone": "13800009999"}, {"phone": ""}, {"challenge_id": None},
    ],
)  # fmt: skip
def test_anything_else_is_wrong(wrong: dict[str, Any]) -> None:
    _shown, row = made()
    with pytest.raises(slider.SliderWrong):
        solve(row, **wrong)


def test_beside_the_gap_uses_the_challenge_up() -> None:
    _shown, row = made()
    with pytest.raises(slider.SliderWrong):
        solve(row, place=str(row.place + slider.TOLERANCE + 1))
    with pytest.raises(slider.SliderWrong):
        solve(row)


def test_once_and_for_two_minutes() -> None:
    _shown, row = made()
    solve(row)
    with pytest.raises(slider.SliderWrong):
        solve(row)
    _shown, late = made()
    SliderChallenge.objects.filter(id=late.id).update(expires_at=now() - timedelta(seconds=1))
    with pytest.raises(slider.SliderWrong):
        solve(late)
    SliderChallenge.objects.update(expires_at=now() - timedelta(hours=2))
    assert slider.purge() == 2


def test_no_phone_no_slider_and_not_without_end() -> None:
    with pytest.raises(Invalid):
        slider.make(browser="b", phone="12345")
    for _n in range(slider.MOST_FOR_ONE_PHONE):
        made()
    with pytest.raises(TooMany):
        made()


def test_the_gap_stands_in_the_picture_only() -> None:
    """A PNG in which the gap is lighter than the noise; the place is in no other part of the answer."""
    shown, row = made()
    png = b64decode(shown.picture.partition(",")[2])
    start = png.index(b"IDAT") + 4
    pixels = zlib.decompress(png[start : png.index(b"IEND") - 8])
    line = pixels[(slider.TOP + 1) * (slider.WIDTH + 1) + 1 :][: slider.WIDTH]
    lit = [x for x, value in enumerate(line) if value >= 205]
    assert lit == list(range(row.place, row.place + slider.PIECE))
    assert str(row.destination_blind) not in repr(shown)


def test_no_sms_leaves_before_the_slider_is_solved() -> None:
    """The whole way in a browser: phone, wrong place, sum, digits are asked for."""
    school = testing.make_school()
    child = testing.make_person("孩子", organisation=school)
    testing.seat(child, testing.make_class(school))
    [code] = codes.issue(actor=testing.SYSTEM, wanted=[codes.Wanted(purpose=CodePurpose.GUARDIAN, child_id=child.id)])
    client = Client()
    client.post("/activate", {"code": code})
    page = "/activate/guardian"
    assert client.post(page, {"step": "phone", "phone": "1"}).status_code == 422
    text = client.post(page, {"step": "phone", "phone": PHONE}).content.decode()
    assert 'type="range"' in text and "data:image/png" in text
    row = SliderChallenge.objects.get()
    sent = {"step": "slider", "phone": PHONE, "challenge": str(row.id)}
    assert client.post(page, sent | {"place": str((row.place + 100) % 300)}).status_code == 422
    assert client.post(page, sent | {"place": str(row.place)}).status_code == 422, "used up"
    assert not Message.objects.exists()
    row = SliderChallenge.objects.latest("id")
    sent["challenge"] = str(row.id)
    assert Client().post(page, sent | {"total": str(row.total)}).status_code == 302, "another browser has no code"
    assert client.post(page, sent | {"total": str(row.total)}).status_code == 302
    assert (Message.objects.count(), PhoneCode.objects.count()) == (1, 1)
    assert "digits" in client.get(page).content.decode()
