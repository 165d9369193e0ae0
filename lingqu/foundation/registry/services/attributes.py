"""Recording pupil attributes: an episode begins, another ends; what 就读 says is written there and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.crypto import seal_fields, unseal_fields
from lingqu.kernel.errors import Forbidden, Invalid

from .. import policies
from ..models import Enrolment, Person, PersonHistory, PupilAttribute
from ..types import rights
from ..types.attributes import OF_ENROLMENT, SENSITIVE, VALUES, AttributeKind, AttributeWish
from ..types.events import PersonChanged
from ..types.words import Attendance
from .facts import require_day

MOST_WISHES = 500


@transaction.atomic
def record_attributes(*, actor: Actor, kind: str, wishes: Sequence[AttributeWish], on: date, source: str) -> int:
    """Record one kind for one or many pupils from a day on; returns for how many something changed.

    Repeating changes nothing; another value ends the episode and begins a new one, so the history stays. Raises
    :class:`Forbidden` if one of the pupils is out of reach (nothing is written then) and :class:`Invalid` for unknown
    kinds and values, a missing source, and days in the future.
    """
    _check(kind, wishes, source)
    require_day(on)
    people = {
        person.id: person
        for person in Person.objects.select_for_update(of=("self",)).filter(
            id__in=[wish.person_id for wish in wishes], canonical=None, deceased_on=None
        ).order_by("id")
    }  # fmt: skip
    if len(people) != len({wish.person_id for wish in wishes}):
        raise Forbidden()
    owners = {person_id: person_id for person_id in people}
    owners |= dict(Person.objects.filter(canonical_id__in=people).values_list("id", "canonical_id"))
    reached = policies.held_among(actor, owners, rights.ATTRIBUTE_EDIT)
    if {owners[person_id] for person_id in reached} != set(people):
        raise Forbidden(_("无权登记这些学生的属性。"))
    told = (actor, kind, wishes, owners, source.strip()[:200])
    changed = _write_enrolments(*told) if kind in OF_ENROLMENT else _write_episodes(*told, on)
    for person_id in sorted(changed):
        person = people[person_id]
        audit.record(
            actor, "registry.attribute.recorded", subject_kind="person", subject_id=person_id, path=str(person.path),
            data={"kind": kind},
        )  # fmt: skip
        events.publish(PersonChanged(person_id=person_id, fields=("attributes",)))
    if changed:
        changes.log("registry.person", sorted(changed))
    return len(changed)


def _check(kind: str, wishes: Sequence[AttributeWish], source: str) -> None:
    if kind not in AttributeKind.values:
        raise Invalid(_("没有这种属性。"), code="unknown_attribute")
    if not wishes or len(wishes) > MOST_WISHES:
        raise Invalid(_("一次登记 1 至 %(most)d 名学生。") % {"most": MOST_WISHES}, code="too_many")
    if not source.strip():
        raise Invalid(_("请填写依据。"), code="source_missing", details={"source": _("请填写依据。")})
    known = VALUES.get(AttributeKind(kind), {})
    for wish in wishes:
        if wish.is_on and (wish.value not in known if known else bool(wish.value)):
            raise Invalid(_("请为选中的学生选择类别。"), code="value_missing", details={"value": _("请选择类别。")})


def _write_episodes(
    actor: Actor, kind: str, wishes: Sequence[AttributeWish], owners: dict[UUID, UUID], source: str, on: date
) -> set[UUID]:
    is_sensitive = kind in SENSITIVE
    rows = PupilAttribute.objects.select_for_update().filter(person_id__in=owners, kind=kind, valid_to=None)
    held = {owners[row.person_id]: row for row in rows}
    ending, beginning, changed = [], [], set()
    for wish in wishes:
        row = held.get(wish.person_id)
        if (
            row is not None
            and wish.is_on
            and _stated(row) == {"value": wish.value, "note": wish.note or _stated(row)["note"]}
        ):
            continue
        if row is None and not wish.is_on:
            continue
        changed.add(wish.person_id)
        if row is not None:
            if on < row.valid_from:
                raise Invalid(
                    _("日期不能早于原登记的开始日期。"),
                    code="too_early",
                    details={"on": _("日期不能早于原登记的开始日期。")},
                )
            ending.append(row.id)
        if wish.is_on:
            told = {"value": wish.value, "note": wish.note}
            beginning.append(
                PupilAttribute(
                    person_id=wish.person_id, kind=kind, is_sensitive=is_sensitive, source=source, valid_from=on,
                    recorded_by=actor.name, sealed=seal_fields(told) if is_sensitive else None,
                    **({} if is_sensitive else told),
                )
            )  # fmt: skip
    ended = PupilAttribute.objects.filter(id__in=ending)
    ended.filter(valid_from=on).delete()
    ended.update(valid_to=on)
    PupilAttribute.objects.bulk_create(beginning)
    return changed


def _stated(row: PupilAttribute) -> dict[str, str]:
    if not row.is_sensitive:
        return {"value": row.value, "note": row.note}
    told = unseal_fields(row.sealed)
    return {"value": told.get("value", ""), "note": told.get("note", "")}


def _write_enrolments(
    actor: Actor, kind: str, wishes: Sequence[AttributeWish], owners: dict[UUID, UUID], source: str
) -> set[UUID]:
    """寄宿 and 送教上门 are properties of 就读; the former value goes to the person's history."""
    wanted = {wish.person_id: wish.is_on for wish in wishes}
    rows = list(Enrolment.objects.select_for_update().filter(person_id__in=owners, valid_to=None))
    written, before = [], {}
    for row in rows:
        is_on = wanted[owners[row.person_id]]
        former = _turn(row, kind, is_on=is_on)
        if former is not None:
            written.append(row)
            before[owners[row.person_id]] = former
    Enrolment.objects.bulk_update(written, ["boarding", "attendance"])
    PersonHistory.objects.bulk_create([
        PersonHistory(person_id=person_id, before=former, source=source, actor_name=actor.name)
        for person_id, former in before.items()
    ])  # fmt: skip
    return set(before)


def _turn(row: Enrolment, kind: str, *, is_on: bool) -> dict[str, Any] | None:
    """Change the row in memory; the former value, or None if it said so already."""
    if kind == AttributeKind.BOARDING:
        if bool(row.boarding) == is_on:
            return None
        former: dict[str, Any] = {"boarding": row.boarding}
        row.boarding = is_on
        return former
    here, there = (
        (Attendance.REGISTERED, Attendance.HOME_TAUGHT) if is_on else (Attendance.HOME_TAUGHT, Attendance.REGISTERED)
    )
    if row.attendance != here:
        return None
    row.attendance = there
    return {"attendance": here.value}
