"""A person's record as plain values: for the command line, and for people who take along what is held about them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from lingqu.kernel.actor import Actor, require

from ..models import Person
from ..types.cards import PersonPage
from ..types.rights import PERSON_VIEW
from .person import get_person_page
from .timeline import timeline_values


def own_record(actor: Actor, person_id: UUID | None = None) -> dict[str, Any]:
    """The actor's own record, or that of a child the actor guards, with every value in clear; empty for an account without
    a person.

    The caller has asked for the password and leaves the trace.
    """
    wanted = person_id or actor.person_id
    if wanted is None:
        return {}
    require(wanted == actor.person_id or wanted in actor.things(PERSON_VIEW, "person"))
    found = Person.objects.select_related("organisation", "canonical__organisation").filter(id=wanted).first()
    require(found is not None)
    assert found is not None
    person = found.canonical or found
    return record_values(person, get_person_page(person, is_revealed=True))


def record_values(person: Person, page: PersonPage) -> dict[str, Any]:
    """What a person's page shows, with the whole timeline."""
    return {
        "number": page.number,
        "merged_numbers": list(page.merged_numbers),
        "name": page.name,
        "sex": page.sex_label,
        "as_of": page.as_of.isoformat() if page.as_of else None,
        "deceased_on": page.deceased_on.isoformat() if page.deceased_on else None,
        "fields": {field.field: field.shown for field in page.fields},
        "enrolments": [
            {
                "school": fact.school_name, "code": fact.school_code, "grade": fact.grade_label,
                "attendance": fact.attendance, "reason": fact.reason, "expected_on": _iso(fact.expected_on), "from": fact.valid_from.isoformat(), "to": _iso(fact.valid_to),
            }
            for fact in page.enrolments
        ],
        "register": [
            {"school": fact.school_name, "state": fact.state_label, "as_of": fact.as_of.isoformat(), "source": fact.source}
            for fact in page.register
        ],
        "appointments": [
            {"organisation": fact.school_name, "relation": fact.relation_label, "from": fact.valid_from.isoformat(),
             "to": _iso(fact.valid_to)}
            for fact in page.appointments
        ],
        "classes": [card.name for card in page.classes],
        "duties": list(page.duties),
        "guardians": [
            {"name": g.name, "relation": g.relation_label, "kind": g.kind_label, "from": _iso(g.since), "until": _iso(g.until),
             "proof": g.proof}
            for g in page.guardians
        ],
        "wards": [{"number": ref.number, "name": ref.name, "relation": relation} for ref, relation, _kind in page.wards],
        "timeline": timeline_values(person, as_of=page.as_of),
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
