"""Changes of one person: local fields, reading sensitive values in clear, recording a death."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.crypto import blind, seal_fields, unseal_fields
from lingqu.kernel.errors import Forbidden, Invalid

from .. import policies
from ..models import (
    Enrolment,
    Person,
    PersonHistory,
)
from ..selectors.person import READING, entity_of, get_person_page
from ..selectors.places import ids_of
from ..types.cards import PersonPage
from ..types.events import PersonChanged
from .facts import locked_person

SEALED = ("phone", "address")
PLAIN = ("email",)
EDITABLE = (*SEALED, *PLAIN, "boarding")


@transaction.atomic
def edit_person(*, actor: Actor, person_id: UUID, changes: Mapping[str, str], reason: str) -> bool:
    """Change local fields (phone, address, email, boarding ``1``/``0``); True if anything differed.

    Raises :class:`Forbidden` for a person out of reach and for fields that the nation owns, :class:`Invalid` for unknown
    fields. Former values are kept in the history; an imported or typed phone is contact data only, never a sign-in name.
    """
    person = locked_person(person_id)
    policies.require_edit_person(actor, person)
    entity = entity_of(person)
    for field in changes:
        policies.require_local(entity, field)
        if field not in EDITABLE:
            raise Invalid(_("不能修改“%(field)s”。") % {"field": field}, code="unknown_field")
    if not reason.strip():
        raise Invalid(_("请填写变更原因。"), code="reason_missing")
    before, sealed_before = _apply(person, changes)
    before |= _apply_boarding(person, changes)
    if not before and sealed_before is None:
        return False
    PersonHistory.objects.create(
        person=person, before=before, sealed_before=sealed_before, source=reason.strip()[:200], actor_name=actor.name
    )
    _trace(actor, "registry.person.edited", person, {"fields": sorted(changes)})
    events.publish(PersonChanged(person_id=person.id, fields=tuple(sorted(changes))))
    return True


def _apply(person: Person, wanted: Mapping[str, str]) -> tuple[dict[str, Any], bytes | None]:
    """Write plain and sealed fields; returns the former plain values and the former sealed map (None if untouched)."""
    before: dict[str, Any] = {}
    written: list[str] = []
    for field in PLAIN:
        if field in wanted and getattr(person, field) != wanted[field]:
            before[field] = getattr(person, field)
            setattr(person, field, wanted[field])
            written.append(field)
    known = unseal_fields(person.sealed)
    merged = {**known, **{field: wanted[field] for field in SEALED if field in wanted}}
    sealed_before = None
    if merged != known:
        sealed_before = bytes(person.sealed) if person.sealed else seal_fields({"phone": " "})
        person.sealed = seal_fields(merged)
        person.phone_blind = blind("phone", merged["phone"]) if merged.get("phone") else None
        written += ["sealed", "phone_blind"]
    if written:
        person.updated_at = Now()
        person.save(update_fields=[*written, "updated_at"])
    return before, sealed_before


def _apply_boarding(person: Person, wanted: Mapping[str, str]) -> dict[str, Any]:
    if "boarding" not in wanted:
        return {}
    value = wanted["boarding"] == "1"
    rows = Enrolment.objects.filter(person_id__in=ids_of(person.id), valid_to=None).exclude(boarding=value)
    former = list(rows.values_list("boarding", flat=True))
    rows.update(boarding=value)
    return {"boarding": former[0]} if former else {}


def _trace(actor: Actor, action: str, person: Person, data: dict[str, Any]) -> None:
    audit.record(actor, action, subject_kind="person", subject_id=person.id, path=str(person.path), data=data)
    if action != READING:
        changes.log("registry.person", [person.id])


@transaction.atomic
def reveal_person(*, actor: Actor, person_id: UUID) -> PersonPage:
    """The person's page with sensitive values in clear. ``actor.purpose`` is the stated purpose of the visit.

    Each call leaves an audit row that the person and the guardian can read. Raises :class:`Forbidden` without the field
    right and :class:`Invalid` without a purpose.
    """
    person = Person.objects.select_related("organisation").filter(id=person_id).first()
    if person is None:
        raise Forbidden()
    policies.require_reveal(actor, person)
    page = get_person_page(person, is_revealed=True)
    _trace(actor, READING, person, {"fields": [field.field for field in page.fields if field.is_sensitive]})
    return page
