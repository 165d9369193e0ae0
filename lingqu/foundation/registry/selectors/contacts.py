"""Who is to be called about the records of an organisation, by its duties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lingqu.kernel.crypto import unseal_fields

from ..models import Duty

SCHOOL_DUTIES = ("register_officer", "school_admin", "academic_director", "principal")
OFFICE_DUTIES = ("register_officer", "county_officer", "school_admin", "bureau_leader")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Who acts for an organisation; empty names when nobody holds such a duty."""

    organisation: str
    name: str = ""
    phone: str = ""
    email: str = ""


def contacts_of(organisations: Iterable[Any]) -> dict[UUID, Contact]:
    """The person to call for each organisation, 学籍管理员 first, the dead left out; one statement."""
    known = {one.id: one for one in organisations if one is not None}
    rows = Duty.objects.filter(organisation_id__in=known, valid_to=None, person__deceased_on=None)
    found: dict[UUID, tuple[int, Any]] = {}
    for duty in rows.select_related("person").filter(kind__in={*SCHOOL_DUTIES, *OFFICE_DUTIES}).order_by("id"):
        wanted = OFFICE_DUTIES if known[duty.organisation_id].kind in ("region", "bureau") else SCHOOL_DUTIES
        if duty.kind in wanted:
            rank = wanted.index(duty.kind)
            if duty.organisation_id not in found or rank < found[duty.organisation_id][0]:
                found[duty.organisation_id] = (rank, duty.person)
    return {id: _contact(one, found[id][1] if id in found else None) for id, one in known.items()}


def _contact(organisation: Any, person: Any) -> Contact:
    if person is None:
        return Contact(organisation=organisation.name)
    return Contact(
        organisation=organisation.name, name=person.name, email=person.email,
        phone=unseal_fields(person.sealed).get("phone", ""),
    )  # fmt: skip
