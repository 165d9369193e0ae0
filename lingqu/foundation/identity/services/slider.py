"""Before an SMS that somebody without an account causes: a slider, or a sum in words for those who do not drag.

Own, without any outside service: the gap is drawn into a picture of noise, the place is known here only. A challenge holds
two minutes, for one browser and one phone, and is used up by the first answer, right or wrong.
"""

from __future__ import annotations

import secrets
import struct
import zlib
from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.kernel import crypto, limits
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid

from ..models import SliderChallenge
from ..selectors.accounts import normalised_phone, phone_blind

WIDTH, HEIGHT, PIECE, TOP, TOLERANCE = 320, 64, 40, 12, 6
VALID_FOR = timedelta(minutes=2)
MOST_FOR_ONE_PHONE = 30
"""Challenges for one phone in an hour."""


class SliderWrong(Invalid):
    """Not on the gap, wrong sum, too late, or of another browser or phone."""

    code = "slider_wrong"

    def __init__(self) -> None:
        message = _("没有对准，或者超过了两分钟。请再试一次。")
        super().__init__(message, details={"slider": message})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page shows. ``picture`` is a data address; ``question`` the sum in words."""

    id: UUID
    picture: str
    question: str
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """A person has shown to be one for this destination."""

    destination: UUID


def make(*, browser: str, phone: str) -> Shown:
    """A challenge for one browser and one phone. Raises :class:`Invalid` for something that is no mobile number."""
    number = normalised_phone(phone)
    if not number:
        message = _("请输入11位手机号。")
        raise Invalid(message, code="bad_phone", details={"phone": message})
    limits.hit(f"slider:{number}", MOST_FOR_ONE_PHONE, 3600)
    place = PIECE + secrets.randbelow(WIDTH - 2 * PIECE)
    first, second = 1 + secrets.randbelow(9), 1 + secrets.randbelow(9)
    made = SliderChallenge.objects.create(
        browser_blind=_browser(browser), destination_blind=phone_blind(number), place=place, total=first + second,
        expires_at=now() + VALID_FOR,
    )  # fmt: skip
    words = _("零 一 二 三 四 五 六 七 八 九").split()
    question = _("%(first)s加%(second)s等于几？") % {"first": words[first], "second": words[second]}
    return Shown(id=made.id, picture=_picture(place), question=question, most=WIDTH - PIECE)


def solve(*, challenge_id: UUID | None, browser: str, phone: str, place: str = "", total: str = "") -> Solved:
    """Check one answer: where the slider stands, or the sum. The challenge is used up either way."""
    destination = phone_blind(normalised_phone(phone))
    if challenge_id is None:
        raise SliderWrong
    open_ones = SliderChallenge.objects.filter(
        id=challenge_id, browser_blind=_browser(browser), destination_blind=destination, used_at=None,
        expires_at__gt=now(),
    )  # fmt: skip
    if open_ones.update(used_at=now()) != 1:
        raise SliderWrong
    row = SliderChallenge.objects.get(id=challenge_id)
    is_right = _number(total) == row.total if total else abs(_number(place) - row.place) <= TOLERANCE
    if not is_right:
        raise SliderWrong
    return Solved(destination=destination)


def purge() -> int:
    """Challenges go an hour after their end."""
    return SliderChallenge.objects.filter(expires_at__lt=now() - timedelta(hours=1)).delete()[0]


def _number(text: str) -> int:
    plain = text.strip()
    return int(plain) if plain.isdecimal() and len(plain) <= 4 else -1000


def _browser(session_key: str) -> UUID:
    return crypto.blind("slider", session_key)


def _picture(place: int) -> str:
    """A PNG of noise with a lighter gap, as a data address."""
    noise = secrets.token_bytes(WIDTH * HEIGHT)
    rows = []
    for y in range(HEIGHT):
        line = noise[y * WIDTH : (y + 1) * WIDTH]
        row = bytearray(110 + value % 60 for value in line)
        if TOP <= y < TOP + PIECE:
            row[place : place + PIECE] = bytes(205 + value % 40 for value in line[place : place + PIECE])
        rows.append(b"\0" + bytes(row))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 1)), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)
    return "data:image/png;base64," + b64encode(png).decode()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
