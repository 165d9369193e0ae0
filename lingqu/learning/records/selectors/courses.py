"""Courses and how people get on with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import NotFound
from lingqu.kernel.language import is_english
from lingqu.kernel.pages import Page, page_of

from .. import policies
from ..cmi5 import session, structure
from ..models import Course, Registration, UnitState
from ..types import rights


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLine:
    """A unit on the page of its course, with the reader's own state."""

    place: int
    title: str
    state: str
    scaled: float | None
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """How somebody gets on. ``done`` counts units."""

    registration_id: UUID
    name: str
    number: str
    done: int
    started_at: datetime
    done_at: datetime | None


@lru_cache(maxsize=64)
def _structure(_course_id: UUID, data: bytes) -> structure.Course:
    return structure.read_course(data)


def structure_of(course: Course) -> structure.Course:
    return _structure(course.id, bytes(course.structure))


def units_of(course: Course) -> list[structure.Unit]:
    return list(structure_of(course).units())


def activity_id(course_id: UUID, part: str) -> str:
    """The id under which statements speak of a unit, block or course: ours, never the publisher's (8.1.5, 9.3.9)."""
    return f"{settings.LINGQU_PUBLIC_URL}/cmi5/{course_id}/{part}"


def agent_of(registration: Registration) -> dict[str, Any]:
    account = {"homePage": settings.LINGQU_PUBLIC_URL, "name": registration.actor_name}
    return {"objectType": "Agent", "account": account}


def list_courses(actor: Actor, *, cursor: str = "") -> Page[Course]:
    """Open courses that the actor learns or manages; newest first."""
    places = Q(organisation_id__in=policies.places_above(actor))
    for path in actor.paths(rights.COURSES):
        places |= Q(organisation__path__within=path)
    rows = Course.objects.filter(places, closed_at=None).select_related("organisation").defer("structure")
    return page_of(rows, order=("-added_at", "-id"), cursor=cursor)


def get_course(actor: Actor, course_id: UUID) -> Course:
    row = Course.objects.select_related("organisation").filter(id=course_id).first()
    if row is None or not (policies.may_learn(actor, row) or policies.may_manage_course(actor, row)):
        raise NotFound()
    return row


def find_registration(course: Course, person_id: UUID | None) -> Registration | None:
    if person_id is None:
        return None
    ids = registry.ids_of(person_id)
    return Registration.objects.filter(course=course, person_id__in=ids).order_by("started_at").first()


def list_units(course: Course, registration: Registration | None) -> list[UnitLine]:
    states = {one.place: one for one in registration.units.all()} if registration else {}
    return [
        UnitLine(
            place=place, title=text_of(unit.title), state=_state_of(states.get(place)),
            scaled=states[place].scaled if place in states else None, is_done=is_done(unit, states.get(place)),
        )
        for place, unit in enumerate(units_of(course))
    ]  # fmt: skip


def is_done(unit: structure.Unit, state: UnitState | None) -> bool:
    return session.is_met(
        unit.move_on, completed=bool(state and state.completed_at), passed=bool(state and state.passed_at),
        waived=bool(state and state.waived_at),
    )  # fmt: skip


def list_learners(course: Course, *, cursor: str = "") -> tuple[Page[Registration], list[Learner]]:
    rows = Registration.objects.filter(course=course).select_related("person").prefetch_related("units")
    page: Page[Registration] = page_of(rows, order=("started_at", "id"), cursor=cursor)
    units = units_of(course)
    return page, [_learner(one, units) for one in page]


def _learner(one: Registration, units: Sequence[structure.Unit]) -> Learner:
    states = {state.place: state for state in one.units.all()}
    return Learner(
        registration_id=one.id, name=one.person.name, number=one.person.number, started_at=one.started_at,
        done=sum(is_done(unit, states.get(place)) for place, unit in enumerate(units)), done_at=one.done_at,
    )  # fmt: skip


def _state_of(state: UnitState | None) -> str:
    if state is None:
        return ""
    for name in ("waived", "passed", "failed", "completed"):
        if getattr(state, f"{name}_at"):
            return name
    return ""


def text_of(texts: structure.Texts) -> str:
    """The text in the reader's language, else any."""
    wanted = "en" if is_english() else "zh"
    fitting = [text for tag, text in texts.items() if tag.lower().split("-")[0] == wanted]
    return (fitting or list(texts.values()))[0]
