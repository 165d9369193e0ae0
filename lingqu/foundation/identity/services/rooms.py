"""A lesson in the computer room: pupils come in with class code and PIN, the teacher sees them and lets them out."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lingqu.kernel import audit, crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Invalid, NotFound

from ..models import Account, ClassPin, ClassSession, RoomSeat
from ..selectors import classroom as reading
from ..types.words import ClassKind, SeatState, SessionEnd
from . import classroom, pins, sso, throttle


class RoomClosed(NotFound):
    """Unknown, over or older than ten minutes: one answer for all."""

    code = "room_closed"

    def __init__(self) -> None:
        super().__init__(_("这个课堂登录码不能用：可能输错了，或者已过10分钟。请看老师屏幕上的新码。"))


class PinRefused(Invalid):
    code = "pin_refused"

    def __init__(self) -> None:
        super().__init__(_("密码不对，请再试一次。想不起来就点“请老师帮忙”。"))


class NoPin(Conflict):
    """The pupil has no PIN of the kind that the class uses: one is chosen now, and the teacher agrees."""

    code = "no_pin"


def find_by_code(typed: str, *, address: str) -> ClassSession:
    """The lesson of a class code that takes pupils in; wrong ones are counted for the address."""
    digest = classroom.code_digest(classroom.read_code(typed))
    found = reading.running().filter(kind=ClassKind.ROOM, code_hash=digest, code_until__gt=now()).first()
    if found is None:
        throttle.count_wrong_class_code(address)
        raise RoomClosed
    return found


def new_secret() -> str:
    """For the browser of a computer: what it asks for is given to it alone."""
    return secrets.token_urlsafe(24)


def pupil_of(room: ClassSession, account_id: UUID) -> Account:
    """The pupil of the room's class; :class:`NotFound` for anybody else."""
    found: Account | None = reading.pupils_of(room.class_group).filter(id=account_id).select_related("person").first()
    if found is None:
        raise NotFound(_("这个班没有这位同学。"))
    return found


def pupil_by_number(room: ClassSession, typed: str) -> Account:
    """The pupil with the number in class."""
    digits = unicodedata.normalize("NFKC", typed[:10]).strip()
    rows = reading.pupils_of(room.class_group).select_related("person")
    found: Account | None = None
    if digits.isascii() and digits.isdigit():
        found = rows.filter(
            person__class_memberships__number=int(digits), person__class_memberships__class_group=room.class_group
        ).first()
    if found is None:
        raise NotFound(_("这个班没有这个班内学号。"))
    return found


def check_pin(*, room: ClassSession, account: Account, typed: str, browser: str) -> None:
    """The pupil's own PIN, or :class:`PinRefused`, :class:`NoPin`, ``throttle.Slowed``. Outside a transaction."""
    kind = reading.pin_kind(room.class_group)
    pin = ClassPin.objects.filter(account=account, kind=kind).first()
    if pin is None:
        raise NoPin(_("第一次用：请先给自己设一个密码，老师同意后就进去了。"))
    ticket = throttle.admit_pin(class_session=room.id, account_id=account.id, browser=browser)
    if not pins.is_right(pin, account.id, kind, typed):
        _seat(room, account)
        RoomSeat.objects.filter(class_session=room, account=account).update(wrong=F("wrong") + 1, changed_at=now())
        classroom.tell(room.id)
        raise PinRefused
    throttle.give_back(ticket)


def ask(*, room: ClassSession, account: Account, typed: str, browser: str) -> None:
    """A pupil without a PIN, or who forgot it, chose one and waits for the teacher. One computer at a time may ask."""
    kind = reading.pin_kind(room.class_group)
    chosen = pins.require_good(kind, typed)
    throttle.admit_pin(class_session=room.id, account_id=account.id, browser=browser)
    held = _seat(room, account)
    mine = crypto.blind("room_browser", browser)
    if held.state in (SeatState.ASKING, SeatState.ALLOWED) and held.browser_hash != mine:
        raise Conflict(_("这位同学已经在另一台电脑上等老师同意。如果不是你，请举手。"), code="seat_taken")
    secret = pins.make_secret(account.id, kind, chosen)
    RoomSeat.objects.filter(id=held.id).update(
        state=SeatState.ASKING, pending=secret, browser_hash=mine, changed_at=now()
    )
    classroom.tell(room.id)


def allow(*, actor: Actor, session_id: UUID, account_ids: Iterable[UUID]) -> int:
    """The teacher agrees: the chosen PINs hold from now on, and the computers that asked may go in."""
    room = reading.get_class_session(actor=actor, session_id=session_id, kind=ClassKind.ROOM)
    kind = reading.pin_kind(room.class_group)
    with transaction.atomic():
        asking = RoomSeat.objects.select_for_update().filter(
            class_session=room, account__in=list(account_ids), state=SeatState.ASKING
        )
        seats = list(asking.order_by("id"))
        for seat in seats:
            pins.set_pin(seat.account_id, kind, seat.pending, actor.name)
        RoomSeat.objects.filter(id__in=[seat.id for seat in seats]).update(
            state=SeatState.ALLOWED, pending="", wrong=0, changed_at=now()
        )
        if seats:
            _trace(actor, room, "identity.pin.confirmed", pupils=len(seats))
    classroom.tell(room.id)
    return len(seats)


def refuse(*, actor: Actor, session_id: UUID, account_id: UUID) -> None:
    """Not the pupil, or not now: the computer asks anew."""
    room = reading.get_class_session(actor=actor, session_id=session_id, kind=ClassKind.ROOM)
    RoomSeat.objects.filter(class_session=room, account=account_id, state=SeatState.ASKING).update(
        state=SeatState.TRYING, pending="", browser_hash=None, changed_at=now()
    )
    classroom.tell(room.id)


def is_allowed(*, room: ClassSession, account: Account, browser: str) -> bool:
    """Whether this computer asked for the pupil and the teacher agreed; true once."""
    mine = crypto.blind("room_browser", browser)
    agreed = RoomSeat.objects.filter(
        class_session=room, account=account, state=SeatState.ALLOWED, browser_hash=mine
    ).update(state=SeatState.TRYING)
    return bool(agreed)


def waits(*, room: ClassSession, account: Account, browser: str) -> bool:
    """Whether this computer still waits for the teacher."""
    mine = crypto.blind("room_browser", browser)
    waiting = RoomSeat.objects.filter(class_session=room, account=account, browser_hash=mine)
    return waiting.filter(state__in=(SeatState.ASKING, SeatState.ALLOWED)).exists()


def came_in(*, room: ClassSession, account: Account, session_id: UUID) -> None:
    """The pupil's session runs; where the pupil sat before, it is over."""
    with transaction.atomic():
        held = RoomSeat.objects.select_for_update().get(id=_seat(room, account).id)
        if held.sso_session_id:
            sso.end([held.sso_session_id], SessionEnd.REPLACED)
        RoomSeat.objects.filter(id=held.id).update(
            state=SeatState.IN, sso_session=session_id, browser_hash=None, wrong=0, changed_at=now()
        )
    classroom.tell(room.id)


def send_out(*, actor: Actor, session_id: UUID, account_ids: Sequence[UUID]) -> int:
    """End the sessions of single pupils of the room."""
    room = reading.get_class_session(actor=actor, session_id=session_id, kind=ClassKind.ROOM)
    seats = RoomSeat.objects.filter(class_session=room, account__in=account_ids, state=SeatState.IN)
    ids = [one for one in seats.values_list("sso_session_id", flat=True) if one]
    ended = sso.end(ids, SessionEnd.BY_ADMIN)
    seats.update(state=SeatState.OUT, changed_at=now())
    classroom.tell(room.id)
    return ended


def reset_pin(*, actor: Actor, session_id: UUID, account_id: UUID) -> None:
    """Forget the PIN of a pupil of the class: the next try begins with choosing one, and the teacher agrees again."""
    room = reading.get_class_session(actor=actor, session_id=session_id, kind=ClassKind.ROOM)
    account = pupil_of(room, account_id)
    with transaction.atomic():
        ClassPin.objects.filter(account=account).delete()
        RoomSeat.objects.filter(class_session=room, account=account).update(wrong=0, changed_at=now())
        audit.record(
            actor, "identity.pin.reset", subject_kind="account", subject_id=account.id,
            path=str(room.class_group.school.path),
        )  # fmt: skip
    classroom.tell(room.id)


def _seat(room: ClassSession, account: Account) -> RoomSeat:
    return RoomSeat.objects.get_or_create(class_session=room, account=account)[0]


def _trace(actor: Actor, room: ClassSession, action: str, **data: int) -> None:
    audit.record(
        actor, action, subject_kind="class", subject_id=room.class_group_id,
        path=str(room.class_group.school.path), data=data,
    )  # fmt: skip
