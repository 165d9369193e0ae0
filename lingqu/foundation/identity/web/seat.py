"""The pupil's side of a computer room: class code, then number and PIN, or name and pictures, or a card.

Everything works by plain forms; a tapped picture is a form too, so the oldest browser of a computer room will do.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lingqu.kernel import clock
from lingqu.kernel.access import public
from lingqu.kernel.errors import DomainError

from .. import sessions
from ..models import Account, ClassSession
from ..selectors import accounts, classroom
from ..services import activation, cards, pins, rooms
from ..types.classroom import PICTURES, PICTURES_IN_A_PIN
from ..types.words import SessionKind
from .door import origin_of, with_retry_after

KEY = "identity_room"
"""In the session: the room, this browser's secret, the pupil, pictures tapped so far, a card that was scanned."""
WAIT_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where this browser stands on its way in."""

    room: ClassSession
    secret: str
    pupil: Account | None


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The class code. A scanned card arrives in the address; it goes to the session, and the address is clean again."""
    if request.method != "POST":
        if scanned := request.GET.get("card", ""):
            request.session[KEY] = {**_held(request), "card": scanned[:64]}
            return redirect("identity:class_seat" if _place(request) else "identity:class_code")
        return _code_page(request)
    typed = request.POST.get("code", "")
    try:
        room = rooms.find_by_code(typed, address=origin_of(request).address)
    except DomainError as refusal:
        return with_retry_after(_code_page(request, refusal.message, typed[:20], refusal.status), refusal)
    card = _held(request).get("card", "")
    request.session[KEY] = {"room": str(room.id), "secret": rooms.new_secret(), "card": card}
    return redirect("identity:class_seat")


@public
@never_cache
@sensitive_post_parameters("pin", "card")
@require_http_methods(["GET", "HEAD", "POST"])
def who(request: HttpRequest) -> HttpResponse:
    """Who I am: a name to tap, or number and PIN at once, or a card."""
    place = _place(request)
    if place is None:
        return redirect("identity:class_code")
    if request.method != "POST":
        return _who_page(request, place)
    try:
        if card := request.POST.get("card", ""):
            return _enter(request, place, cards.find_holder(room=place.room, typed=card), amr="card")
        if wanted := request.POST.get("who", ""):
            return _go_to_pin(request, rooms.pupil_of(place.room, UUID(wanted)))
        pupil = rooms.pupil_by_number(place.room, request.POST.get("number", ""))
        return _try_pin(request, place, pupil, request.POST.get("pin", ""))
    except ValueError:
        return _who_page(request, place, _("请点自己的名字。"), 422)
    except rooms.NoPin:
        return _go_to_pin(request, pupil)
    except DomainError as refusal:
        return with_retry_after(_who_page(request, place, refusal.message, refusal.status), refusal)


@public
@never_cache
@sensitive_post_parameters("pin", "tap")
@require_http_methods(["GET", "HEAD", "POST"])
def pin(request: HttpRequest) -> HttpResponse:
    """The PIN of the pupil who was chosen: tapped or typed; without one, or when it is forgotten, a new one is chosen
    here and waits for the teacher."""
    place = _place(request)
    if place is None or place.pupil is None:
        return redirect("identity:class_seat" if place else "identity:class_code")
    if rooms.is_allowed(room=place.room, account=place.pupil, browser=place.secret):
        return _enter(request, place, place.pupil, amr="pin")
    if request.method != "POST":
        return _pin_page(request, place)
    if "new" in request.POST:
        _note(request, choosing=True, taps=[], first="")
        return redirect("identity:class_pin")
    if "again" in request.POST:
        _note(request, taps=[])
        return redirect("identity:class_pin")
    typed = request.POST.get("pin", "")
    if classroom.uses_pictures(place.room.class_group):
        taps = [*_held(request).get("taps", []), request.POST.get("tap", "")[:20]]
        _note(request, taps=taps)
        if len(taps) < PICTURES_IN_A_PIN:
            return redirect("identity:class_pin")
        typed = pins.join_pictures(taps)
        _note(request, taps=[])
    try:
        if _held(request).get("choosing"):
            return _choose(request, place, place.pupil, typed)
        return _try_pin(request, place, place.pupil, typed)
    except rooms.NoPin:
        _note(request, choosing=True)
        return _pin_page(request, place)
    except DomainError as refusal:
        return with_retry_after(_pin_page(request, place, refusal.message, refusal.status), refusal)


def _choose(request: HttpRequest, place: Place, pupil: Account, typed: str) -> HttpResponse:
    """A new PIN, given twice; then it waits for the teacher."""
    kind = classroom.pin_kind(place.room.class_group)
    chosen = pins.require_good(kind, typed)
    repeat = request.POST.get("repeat")
    first = _held(request).get("first", "")
    if repeat is None and not first:
        _note(request, first=pins.trace_of(pupil.id, chosen))
        return redirect("identity:class_pin")
    _note(request, first="")
    if (repeat is not None and repeat != typed) or (repeat is None and first != pins.trace_of(pupil.id, chosen)):
        return _pin_page(request, place, _("两次不一样，请从头再设一次。"), 422)
    rooms.ask(room=place.room, account=pupil, typed=typed, browser=place.secret)
    _note(request, choosing=False)
    return redirect("identity:class_pin")


def _try_pin(request: HttpRequest, place: Place, pupil: Account, typed: str) -> HttpResponse:
    rooms.check_pin(room=place.room, account=pupil, typed=typed, browser=place.secret)
    return _enter(request, place, pupil, amr="pin")


def _enter(request: HttpRequest, place: Place, pupil: Account, *, amr: str) -> HttpResponse:
    activation.put_in_use(pupil)
    made = sessions.begin(
        request, pupil, amr=[amr], kind=SessionKind.COMPUTER_ROOM, lasts=place.room.ends_at - clock.now(),
        group_id=place.room.id,
    )  # fmt: skip
    rooms.came_in(room=place.room, account=pupil, session_id=made.id)
    return redirect("/")


def _go_to_pin(request: HttpRequest, pupil: Account) -> HttpResponse:
    _note(request, who=str(pupil.id), taps=[], choosing=False, first="")
    return redirect("identity:class_pin")


def _code_page(request: HttpRequest, error: str = "", typed: str = "", status: int = 200) -> HttpResponse:
    shown = {"error": error, "typed": typed, "has_card": bool(_held(request).get("card"))}
    return render(request, "identity/class_code.html", shown, status=status)


def _who_page(request: HttpRequest, place: Place, error: str = "", status: int = 200) -> HttpResponse:
    pictures = classroom.uses_pictures(place.room.class_group)
    shown = {
        "room": place.room, "group": place.room.class_group, "pictures": pictures, "error": error,
        "seats": classroom.list_seats(place.room) if pictures else (), "card": _held(request).get("card", ""),
    }  # fmt: skip
    return render(request, "identity/class_seat.html", shown, status=status)


def _pin_page(request: HttpRequest, place: Place, error: str = "", status: int = 200) -> HttpResponse:
    pupil = place.pupil
    assert pupil is not None
    held = _held(request)
    waits = rooms.waits(room=place.room, account=pupil, browser=place.secret)
    order = list(PICTURES)
    random.shuffle(order)
    shown = {
        "group": place.room.class_group, "name": accounts.name_of(pupil), "error": error, "order": order,
        "pictures": classroom.uses_pictures(place.room.class_group), "taps": len(held.get("taps", [])),
        "count": PICTURES_IN_A_PIN, "choosing": bool(held.get("choosing")), "second": bool(held.get("first")),
        "waits": waits,
    }  # fmt: skip
    response = render(request, "identity/class_pin.html", shown, status=status)
    if waits:
        response["Refresh"] = str(WAIT_SECONDS)
    return response


def _held(request: HttpRequest) -> dict[str, Any]:
    held: dict[str, Any] = request.session.get(KEY) or {}
    return held


def _note(request: HttpRequest, **values: Any) -> None:
    request.session[KEY] = {**_held(request), **values}


def _place(request: HttpRequest) -> Place | None:
    """Room and pupil of this browser while the room takes pupils in."""
    held = _held(request)
    try:
        room = classroom.find_room(UUID(held.get("room", "")))
    except ValueError:
        return None
    if room is None or not held.get("secret"):
        return None
    pupil = classroom.pupils_of(room.class_group).filter(id=held["who"]).first() if held.get("who") else None
    return Place(room=room, secret=held["secret"], pupil=pupil)
