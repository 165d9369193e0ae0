"""In which class a pupil sits, or a parent's children: what a family's week needs, in one or two statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from .. import register


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A child and its class (a row with its school)."""

    number: str
    name: str
    group: Any


def seats_of(ids: Iterable[UUID]) -> tuple[Seat, ...]:
    """The classes of people, administrative ones before 教学班; one for each child that lives."""
    wanted = list(ids)
    rows = register.memberships().filter(
        Q(person_id__in=wanted) | Q(person__canonical_id__in=wanted), valid_to=None, person__deceased_on=None
    )
    found: dict[UUID, Seat] = {}
    for row in sorted(
        rows.select_related("class_group__school", "person__canonical"),
        key=lambda row: (row.class_group.kind == "teaching", row.id),
    ):
        person = row.person.canonical or row.person
        if person.deceased_on is None:
            found.setdefault(person.id, Seat(number=person.number, name=person.name, group=row.class_group))
    return tuple(found.values())


def seats_of_wards(guardian_ids: Iterable[UUID]) -> tuple[Seat, ...]:
    """The classes of somebody's children, in the order of the links."""
    links = register.people().filter(
        guardianships__guardian_id__in=list(guardian_ids), guardianships__valid_to=None, deceased_on=None
    )
    pairs = links.order_by("guardianships__id").values_list("id", "canonical_id", "number", "canonical__number")
    order = {
        canonical_number or number: place for place, (_id, _canonical, number, canonical_number) in enumerate(pairs)
    }
    seats = seats_of({canonical or person_id for person_id, canonical, _number, _other in pairs})
    return tuple(sorted(seats, key=lambda seat: order.get(seat.number, len(order))))
