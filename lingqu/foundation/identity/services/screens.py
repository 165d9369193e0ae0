"""A screen in front of a class: it shows a code, the teacher's phone says yes, the screen is in until the bell.

What the code says opens nothing by itself: the session goes to the browser whose cookie holds the secret, and only after
somebody who is in, who teaches the class and who sees the same number on the screen has agreed.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lingqu.kernel import crypto, limits
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, NotFound
from lingqu.kernel.ids import uuid7

from ..models import ClassSession, ScreenRequest
from ..types.words import ClassKind, ScreenState
from . import classroom, throttle

LASTS = timedelta(minutes=2)
NEW_AT_ADDRESS, WINDOW = 1000, 600
"""Codes that the screens of one address may show in ten minutes: a large school with a screen in each of 60 rooms needs 300."""
CHOICES = 3


class ScreenGone(NotFound):
    """Unknown, used, refused or too old: one answer for all."""

    code = "screen_gone"

    def __init__(self) -> None:
        super().__init__(_("大屏上的码已经换了，或者已经用过。请对着大屏重新扫一次。"))


class WrongNumber(Conflict):
    code = "wrong_number"

    def __init__(self) -> None:
        super().__init__(
            _("数字对不上，这次扫码已作废。请确认二维码就在你面前的大屏上，再重新扫；别人发来的二维码图片不要扫。")
        )


class WrongCode(NotFound):
    """Unknown, used or older than ten minutes: one answer for all."""

    code = "wrong_code"

    def __init__(self) -> None:
        super().__init__(_("这个码不能用：可能输错了、用过了，或者已过10分钟。请在办公电脑上重新取一个。"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a waiting screen shows: ``code`` in the QR code, ``number`` beside it."""

    code: str
    number: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What the phone shows: numbers of which one stands on the screen."""

    numbers: tuple[int, ...]
    expires_at: datetime


def new_secret() -> str:
    """For the cookie of a screen's browser."""
    return secrets.token_urlsafe(24)


def wait(*, secret: str, address: str) -> Waiting:
    """The code this browser shows now; a fresh one when the last was used or is two minutes old."""
    mine = _mine(secret).filter(state=ScreenState.WAITING, expires_at__gt=now()).first()
    if mine is None:
        limits.hit(f"screen:{throttle.network_of(address)}", NEW_AT_ADDRESS, WINDOW)
        made = uuid7()
        mine = ScreenRequest.objects.create(
            id=made, browser_hash=_browser(secret), code_hash=_digest(_code(made, secret)),
            number=10 + secrets.randbelow(90), expires_at=now() + LASTS,
        )  # fmt: skip
    return Waiting(code=_code(mine.id, secret), number=mine.number, expires_at=mine.expires_at)


def look(code: str) -> Scanned:
    """What a scanned code stands for; raises :class:`ScreenGone`."""
    found = _open().filter(code_hash=_digest(code)).first()
    if found is None:
        raise ScreenGone
    return Scanned(numbers=_choices(found), expires_at=found.expires_at)


def approve(*, actor: Actor, code: str, number: int, class_id: UUID, amr: tuple[str, ...]) -> ClassSession:
    """Let the screen in for a lesson of the class. Of several phones at once one wins; a wrong number ends the code."""
    found = _open().filter(code_hash=_digest(code)).first()
    if found is None:
        raise ScreenGone
    if found.number != number:
        _open().filter(id=found.id).update(state=ScreenState.REFUSED)
        raise WrongNumber
    with transaction.atomic():
        made = classroom.open_class(actor=actor, class_id=class_id, kind=ClassKind.SCREEN, amr=amr)
        if not _open().filter(id=found.id).update(state=ScreenState.APPROVED, class_session=made):
            raise ScreenGone
    return made


def take(secret: str) -> ClassSession | None:
    """The lesson that this browser was let in for, once: the caller begins its session. None while nobody agreed."""
    agreed = _mine(secret).filter(
        state=ScreenState.APPROVED, expires_at__gt=now() - LASTS, class_session__ended_at=None,
        class_session__ends_at__gt=now(), class_session__account__state="active",
    )  # fmt: skip
    found = agreed.select_related("class_session__account", "class_session__class_group__school").first()
    if found is None:
        return None
    # Columns of this row alone: what a join has found is not looked at again after waiting for another's update.
    if not ScreenRequest.objects.filter(id=found.id, state=ScreenState.APPROVED).update(state=ScreenState.TAKEN):
        return None
    return found.class_session


def take_by_code(typed: str, *, address: str) -> ClassSession:
    """The lesson that a teacher without a phone opened elsewhere, once; wrong codes are counted for the address."""
    digest = classroom.code_digest(classroom.read_code(typed))
    waiting = ClassSession.objects.filter(
        kind=ClassKind.SCREEN, code_hash=digest, code_until__gt=now(), ended_at=None, ends_at__gt=now(),
        account__state="active",
    )  # fmt: skip
    found = waiting.select_related("account").first()
    unused = ClassSession.objects.filter(id=found.id, code_hash=digest) if found else ClassSession.objects.none()
    if found is None or not unused.update(code_hash=None, code_until=None):
        throttle.count_wrong_class_code(address)
        raise WrongCode
    return found


def _open() -> QuerySet[ScreenRequest]:
    return ScreenRequest.objects.filter(state=ScreenState.WAITING, expires_at__gt=now())


def _mine(secret: str) -> QuerySet[ScreenRequest]:
    return ScreenRequest.objects.filter(browser_hash=_browser(secret)).order_by("-made_at")


def _browser(secret: str) -> UUID:
    return crypto.blind("screen_browser", secret)


def _code(request_id: UUID, secret: str) -> str:
    """128 bits that follow from the screen's secret and say nothing about it."""
    return base64.b32encode(crypto.imprint("screen.code", f"{request_id}:{secret}")).decode().rstrip("=")


def _digest(code: str) -> UUID:
    return crypto.blind("screen_code", code[:40])


def _choices(found: ScreenRequest) -> tuple[int, ...]:
    """The right number among others, the same at every look, so that nobody learns it by reloading."""
    made, at = {found.number}, 0
    while len(made) < CHOICES:
        drawn = crypto.imprint("screen.numbers", f"{found.id}:{at}")
        made.add(10 + int.from_bytes(drawn) % 90)
        at += 1
    return tuple(sorted(made))
