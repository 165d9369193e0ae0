"""Recording a death, and taking a wrong record back."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid

from .. import policies
from ..loading.counts import recount
from ..models import (
    Appointment,
    ClassMembership,
    Duty,
    Enrolment,
    Guardianship,
    Person,
    PersonHistory,
    TeachingAssignment,
)
from ..selectors.places import ids_of
from ..types.events import DeathCorrected, PersonDeceased
from .facts import locked_person, require_day, require_reason

ENDED = "ended_episodes"
"""Key in the history row of a death: what it ended, by model, so that a wrong record can be taken back."""
BY_PERSON = (Enrolment, Appointment, ClassMembership, TeachingAssignment, Duty)


@transaction.atomic
def mark_deceased(*, actor: Actor, person_id: UUID, on: date, proof: str) -> None:
    """Record a death: every open episode ends, the person leaves all lists, no message goes out any more.

    ``proof`` names the paper (死亡医学证明 …). Raises :class:`Conflict` when it is recorded already, :class:`Invalid` for a
    day in the future or without a proof. What somebody's guardians are stays known, so that nobody asks again.
    """
    person = locked_person(person_id)
    policies.require_edit_person(actor, person)
    if person.deceased_on is not None:
        raise Conflict(_("已经登记过。"), code="already_recorded")
    require_day(on)
    if not proof.strip():
        raise Invalid(_("请写明依据。"), code="proof_missing", details={"proof": _("请写明依据。")})
    ids = ids_of(person.id)
    schools = _schools(ids)
    ended = {model.__name__: _end(model.objects.filter(person_id__in=ids, valid_to=None), on) for model in BY_PERSON}
    ended["Guardianship"] = _end(Guardianship.objects.filter(guardian_id__in=ids, valid_to=None), on)
    Person.objects.filter(id__in=ids).update(deceased_on=on, updated_at=Now())
    PersonHistory.objects.create(
        person=person, before={"deceased_on": None, ENDED: {name: rows for name, rows in ended.items() if rows}},
        source=proof.strip()[:200], actor_name=actor.name,
    )  # fmt: skip
    recount(schools)
    _trace(actor, "registry.person.deceased", person, {"proof": proof.strip()[:200]})
    events.publish(PersonDeceased(person_id=person.id))


@transaction.atomic
def correct_death(*, actor: Actor, person_id: UUID, reason: str) -> int:
    """Take a wrong record back: the person is in the lists again, what the record had ended goes on. Returns how many
    episodes were reopened. Only those who keep the record can see and correct it."""
    person = locked_person(person_id)
    policies.require_edit_person(actor, person)
    if person.deceased_on is None:
        raise Conflict(_("没有登记去世。"), code="not_recorded")
    require_reason(reason)
    ids = ids_of(person.id)
    record = PersonHistory.objects.filter(person_id__in=ids, before__has_key=ENDED).order_by("-id").first()
    ended: dict[str, list[int]] = record.before[ENDED] if record else {}
    reopened = 0
    for name, rows in ended.items():
        model: Any = apps.get_model("registry", name)
        reopened += model.objects.filter(id__in=rows, valid_to__isnull=False).update(valid_to=None)
    before = {"deceased_on": person.deceased_on.isoformat()}
    Person.objects.filter(id__in=ids).update(deceased_on=None, updated_at=Now())
    PersonHistory.objects.create(person=person, before=before, source=reason.strip()[:200], actor_name=actor.name)
    recount(_schools(ids))
    _trace(actor, "registry.person.death_corrected", person, {"reason": reason.strip()[:200], "reopened": reopened})
    events.publish(DeathCorrected(person_id=person.id))
    return reopened


def _end(rows: Any, on: date) -> list[int]:
    """Ids of the episodes that end; one that began after the death ends when it began."""
    ids = list(rows.values_list("id", flat=True))
    rows.model.objects.filter(id__in=ids).update(valid_to=Greatest(F("valid_from"), on))
    return ids


def _schools(ids: tuple[UUID, ...]) -> set[UUID]:
    return {
        *Enrolment.objects.filter(person_id__in=ids, valid_to=None).values_list("school_id", flat=True),
        *Appointment.objects.filter(person_id__in=ids, valid_to=None).values_list("organisation_id", flat=True),
    }


def _trace(actor: Actor, action: str, person: Person, data: dict[str, Any]) -> None:
    audit.record(actor, action, subject_kind="person", subject_id=person.id, path=str(person.path), data=data)
    changes.log("registry.person", [person.id])
