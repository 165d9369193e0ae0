"""Which class a teacher has now, what its screen shows, who is in the computer room."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import NotFound

from .. import register, roles
from ..models import Account, ClassCard, ClassPin, ClassSession, RoomSeat
from ..types.classroom import LOWEST_GRADES, Offer, Seat, Strip
from ..types.words import ClassKind, PinKind, SeatState

LESSON = timedelta(minutes=45)
"""How long a session lasts where no timetable says when the bell rings."""
EARLY = timedelta(minutes=10)
"""So long before the bell a lesson may be opened."""


def list_offers(actor: Actor) -> tuple[Offer, ...]:
    """Classes that the actor teaches or heads, those whose lesson she gives now first.

    Who teaches follows from the register and today's timetable with its substitutions, whatever role was chosen: nobody
    changes roles in front of a class. Accounts of an overseeing duty teach nothing.
    """
    if actor.person_id is None or actor.role in roles.OVERSEERS:
        return ()
    facts = registry.relations_of(actor.person_id)
    at = now()
    found: dict[UUID, Offer] = {}
    schools = {one.class_id: one.school_name for one in (*facts.head_classes, *facts.taught_classes)}
    for one in _held_now(actor.person_id, at):
        found.setdefault(
            one.class_id,
            Offer(
                class_id=one.class_id, class_name=one.class_name, school_name=schools.get(one.class_id, ""),
                lesson=f"{one.subject_label} · {one.period}", ends=_moment(one.day, one.ends), is_lesson=True,
            ),
        )  # fmt: skip
    for fact in (*facts.taught_classes, *facts.head_classes):
        found.setdefault(
            fact.class_id,
            Offer(
                class_id=fact.class_id, class_name=fact.name, school_name=fact.school_name, lesson="",
                ends=at + LESSON, is_lesson=False,
            ),
        )  # fmt: skip
    return tuple(found.values())


def find_offer(actor: Actor, class_id: UUID) -> Offer | None:
    """The offer of one class, None where the actor has nothing to teach."""
    return next((one for one in list_offers(actor) if one.class_id == class_id), None)


def _held_now(person_id: UUID, at: datetime) -> list[timetable.TodayLesson]:
    """Lessons that run or begin within ten minutes; a running one goes before the next."""
    held = [
        one
        for one in timetable.lessons_today(registry.ids_of(person_id))
        if one.starts and one.ends and one.state not in ("away", "cancelled")
        and _moment(one.day, one.starts) - EARLY <= at < _moment(one.day, one.ends)
    ]  # fmt: skip
    return sorted(held, key=lambda one: one.ends or one.starts)  # type: ignore[arg-type,return-value]


def _moment(day: Any, at: Any) -> datetime:
    return datetime.combine(day, at, clock.ZONE)


def strip_of(class_id: UUID) -> tuple[Strip, ...]:
    """Today's lessons of a class as its screen shows them."""
    at, made, is_next = now(), [], True
    for one in timetable.lessons_of_class(class_id):
        if not one.starts or not one.ends or one.state in ("away", "cancelled"):
            continue
        state = "past" if at >= _moment(one.day, one.ends) else "now" if at >= _moment(one.day, one.starts) else "later"
        if state == "later" and is_next:
            state, is_next = "next", False
        made.append(
            Strip(
                period=one.period, subject=one.subject_label, teachers=one.teachers, state=state,
                starts=f"{one.starts:%H:%M}", ends=f"{one.ends:%H:%M}",
            )
        )  # fmt: skip
    return tuple(made)


def running() -> Any:
    """Class sessions that go on."""
    return ClassSession.objects.filter(ended_at=None, ends_at__gt=now())


def get_class_session(*, actor: Actor, session_id: UUID, kind: str) -> ClassSession:
    """One's own class session, running or over; :class:`NotFound` for anybody else's."""
    found = ClassSession.objects.select_related("class_group__school").filter(id=session_id, kind=kind).first()
    if found is None or found.account_id != actor.account_id:
        raise NotFound
    return found


def list_running(actor: Actor) -> tuple[ClassSession, ...]:
    """One's own running class sessions, the newest first."""
    if actor.account_id is None:
        return ()
    found = running().filter(account_id=actor.account_id).select_related("class_group__school")
    return tuple(found.order_by("-began_at")[:10])


def uses_pictures(group: Any) -> bool:
    """Whether the pupils of the class tap pictures; a multigrade class does as soon as one of its grades does."""
    return bool(set(group.grades) & set(LOWEST_GRADES))


def pin_kind(group: Any) -> str:
    return PinKind.PICTURES if uses_pictures(group) else PinKind.DIGITS


def list_seats(session: ClassSession) -> tuple[Seat, ...]:
    """Every pupil of the class by number in class, and how far each is. Four statements for any class."""
    group = session.class_group
    rows = pupils_of(group).values_list("id", "person__name", "person__class_memberships__number")
    found = {row[0]: row for row in rows}
    taken = {seat.account_id: seat for seat in RoomSeat.objects.filter(class_session=session)}
    pins = set(ClassPin.objects.filter(account__in=found, kind=pin_kind(group)).values_list("account_id", flat=True))
    cards = set(ClassCard.objects.filter(account__in=found, revoked_at=None).values_list("account_id", flat=True))
    made = [
        Seat(
            account_id=account_id, name=name, number=number, has_pin=account_id in pins, has_card=account_id in cards,
            state=taken[account_id].state if account_id in taken else SeatState.TRYING,
            wrong=taken[account_id].wrong if account_id in taken else 0,
        )
        for account_id, name, number in found.values()
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda one: (one.number or 10_000, one.name)))


def pupils_of(group: Any) -> Any:
    """Accounts of those who sit in the class, able to come in."""
    return Account.objects.filter(
        person__class_memberships__class_group=group, person__class_memberships__valid_to=None,
        person__deceased_on=None, person__canonical=None, state__in=("new", "active"),
    )  # fmt: skip


def find_room(session_id: UUID) -> ClassSession | None:
    """A computer room's lesson that still takes pupils in."""
    found = running().filter(id=session_id, kind=ClassKind.ROOM, code_until__gt=now())
    room: ClassSession | None = found.select_related("class_group__school").first()
    return room


def get_group(class_id: UUID) -> Any:
    return register.get_class(class_id)


def list_cards(group: Any) -> tuple[dict[str, Any], ...]:
    """Pupils of a class with the day their card was printed, None without one; for callers that checked the permission."""
    rows = pupils_of(group).values_list("id", "person__name", "person__class_memberships__number")
    found = {row[0]: row for row in rows}
    held = dict(ClassCard.objects.filter(account__in=found, revoked_at=None).values_list("account_id", "made_at"))
    made = [
        {"id": account_id, "name": name, "number": number, "made_at": held.get(account_id)}
        for account_id, name, number in found.values()
    ]
    return tuple(sorted(made, key=lambda one: (one["number"] or 10_000, one["name"])))
