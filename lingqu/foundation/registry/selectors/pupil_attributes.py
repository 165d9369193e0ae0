"""Pupil attributes as a reader may see them: sensitive ones are withheld, kind and all, until a purpose is stated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor, require
from lingqu.kernel.crypto import unseal_fields
from lingqu.kernel.errors import Invalid

from .. import policies
from ..models import ClassGroup, ClassMembership, Enrolment, Person, PupilAttribute
from ..types import rights
from ..types.attributes import OF_ENROLMENT, SENSITIVE, AttributeFact, AttributeKind, TickRow, value_label


def list_attributes(ids: Sequence[UUID], *, is_revealed: bool, as_of: date | None = None) -> tuple[AttributeFact, ...]:
    """Episodes of one person, open ones first. The caller has checked the right; ``is_revealed`` opens the sensitive ones."""
    rows = list(
        PupilAttribute.objects.filter(person_id__in=ids)
        .exclude(valid_to=F("valid_from"))
        .order_by("-valid_from", "-id")[:200]
    )
    if as_of is not None:
        rows = [row for row in rows if row.valid_from <= as_of and (row.valid_to is None or row.valid_to > as_of)]
    rows.sort(key=lambda row: row.valid_to is not None)
    return tuple(_as_fact(row, is_revealed=is_revealed) for row in rows)


def _as_fact(row: PupilAttribute, *, is_revealed: bool) -> AttributeFact:
    is_hidden = row.is_sensitive and not is_revealed
    stated = unseal_fields(row.sealed) if row.is_sensitive and is_revealed else {}
    value = stated.get("value", "") if row.is_sensitive else row.value
    return AttributeFact(
        id=row.id, kind="" if is_hidden else row.kind, label=_("敏感属性") if is_hidden else word(row.kind), value=value,
        value_label=value_label(row.kind, value) if value else "", source="" if is_hidden else row.source,
        note=stated.get("note", "") if row.is_sensitive else row.note, is_sensitive=row.is_sensitive, is_hidden=is_hidden,
        valid_from=None if is_hidden else row.valid_from, valid_to=row.valid_to,
        recorded_by="" if is_hidden else row.recorded_by, until=None if is_hidden else row.until,
    )  # fmt: skip


def word(kind: str) -> str:
    return str(AttributeKind(kind).label) if kind in AttributeKind.values else kind


def may_edit_in_class(actor: Actor, group: ClassGroup) -> bool:
    """Whether the tick list of a class is the actor's."""
    return actor.holds(rights.ATTRIBUTE_EDIT, str(group.school.path)) or group.id in actor.things(
        rights.ATTRIBUTE_EDIT, "class"
    )


def list_ticks(actor: Actor, group: ClassGroup, kind: str) -> tuple[TickRow, ...]:
    """The pupils of a class with what one kind says of each: four queries.

    Raises :class:`Forbidden` without the right to edit, :class:`Invalid` (``purpose_missing``) for a sensitive kind
    without a stated purpose.
    """
    require(may_edit_in_class(actor, group) and policies.may_see_roster(actor, group, str(group.school.path)))
    if kind in SENSITIVE and not actor.purpose:
        raise Invalid(_("请先说明本次查看的用途。"), code="purpose_missing")
    seats = ClassMembership.objects.filter(
        class_group=group, valid_to=None, person__deceased_on=None, person__canonical=None
    ).select_related("person")
    rows = sorted(seats[:500], key=lambda seat: (seat.number is None, seat.number or 0, seat.person.name_key))
    known = _known(kind, [seat.person_id for seat in rows])
    return tuple(
        TickRow(
            person_id=seat.person_id, number=seat.person.number, name=seat.person.name, place=seat.number,
            is_on=seat.person_id in known, value=known.get(seat.person_id, ""),
        )
        for seat in rows
    )  # fmt: skip


def _known(kind: str, people: Sequence[UUID]) -> dict[UUID, str]:
    """canonical person id → value, for whom the kind holds now. 就读 answers for what it says itself."""
    owners = {person: person for person in people}
    owners |= dict(Person.objects.filter(canonical_id__in=people).values_list("id", "canonical_id"))
    if kind in OF_ENROLMENT:
        says = {"boarding": True} if kind == AttributeKind.BOARDING else {"attendance": "home_taught"}
        found = Enrolment.objects.filter(person_id__in=owners, valid_to=None, **says).values_list(
            "person_id", flat=True
        )
        return dict.fromkeys((owners[person] for person in found), "")
    rows = PupilAttribute.objects.filter(person_id__in=owners, valid_to=None, kind=kind)
    return {
        owners[row.person_id]: unseal_fields(row.sealed).get("value", "") if row.is_sensitive else row.value
        for row in rows
    }
