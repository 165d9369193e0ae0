"""Leave that was granted, on paper or in a case; its end and its withdrawal. Knows nothing about how it was decided."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now, today
from lingqu.kernel.crypto import seal_fields
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.ui.figures import day as day_text

from .. import policies, register
from ..models import Absence
from ..selectors.absences import counting, last_day, meeting, school_days, used_days
from ..selectors.rules import rules_at
from ..types.events import AbsenceEnded, AbsenceRecorded
from ..types.values import FIRST, Kind, NewAbsence, Rules
from ..types.words import Audience, Symptom, Way
from . import opening

PAST, AHEAD, LONGEST = timedelta(days=31), timedelta(days=300), 200
MOST_TEXT = 200


@transaction.atomic
def record_absence(*, actor: Actor, new: NewAbsence) -> UUID:
    """Write granted leave; lessons of staff become open for substitution, and lessons taken over go back. Returns its id;
    the same case twice gives the same.

    Raises :class:`Forbidden` without the right, :class:`Invalid` for days that are none, a stranger, an unknown kind, or
    more days than the actor may grant alone without a name in ``approved_by``; :class:`Conflict` when somebody is on leave
    then already, or the quota of the kind is used up.
    """
    if new.case_id is not None and (known := Absence.objects.filter(case_id=new.case_id).first()):
        policies.require_record(actor, known)
        return known.id
    school, group = _place(actor, new)
    person, rules, kind, days = _checked(new, school, group)
    _require_approval(actor, new, rules, days, school)
    row = Absence.objects.create(
        school=school, path=school.path, audience=new.audience, person=person, class_group=group, kind=kind.code,
        kind_name=kind.name, starts_on=new.starts_on, starts_at=new.starts_at, ends_on=new.ends_on, ends_at=new.ends_at,
        days=days, symptoms=_symptoms(new, kind), sealed=seal_fields({"reason": new.reason.strip()[:MOST_TEXT]}),
        asked_by=new.asked_by.strip()[:60], way=new.way, approved_by=new.approved_by.strip()[:60] or actor.name,
        recorded_by=actor.name, case_id=new.case_id,
    )  # fmt: skip
    _trace(actor, row, "office.absence.recorded", "c")
    events.publish(
        AbsenceRecorded(
            absence_id=row.id, person_id=person.id, audience=row.audience, starts_on=row.starts_on, ends_on=row.ends_on
        )
    )
    if row.audience == Audience.STAFF:
        opening.give_back_taken(actor, row)
        opening.count_open(row)
    return row.id


def _checked(new: NewAbsence, school: Any, group: Any) -> tuple[Any, Rules, Kind, Decimal]:
    """The person, held fast, the rules, the kind and the days; raises for leave that cannot be."""
    person = _locked_person(new.person_id)
    ids = registry.ids_of(person.id)
    _require_member(new, ids, school, group)
    _require_span(new)
    rules = rules_at(str(school.path), new.audience)
    kind = rules.kind(new.kind)
    if kind is None:
        raise _wrong("kind", _("没有这种假。"))
    days = school_days(str(school.path), new.starts_on, new.ends_on, new.starts_at, new.ends_at)
    if not days:
        raise _wrong("starts_on", _("这几天都不上课，不用请假。"))
    _require_free(ids, new)
    _require_quota(ids, new, kind, days)
    return person, rules, kind, days


@transaction.atomic
def require_possible(new: NewAbsence) -> None:
    """Refuses, as :func:`record_absence` would, before anybody is asked to decide. For trusted code."""
    group = register.get_class(new.class_id) if new.class_id else None
    school = group.school if group is not None else register.organisations().get(id=new.school_id)
    _symptoms(new, _checked(new, school, group)[2])


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, code=f"bad_{field}", details={field: sentence})


def _place(actor: Actor, new: NewAbsence) -> tuple[Any, Any]:
    """School and class, if the actor may record leave there; the school of staff is held fast."""
    if new.audience == Audience.PUPIL:
        group = register.get_class(new.class_id) if new.class_id else None
        if group is None or not policies.may_record_class(actor, group.id, str(group.school.path)):
            raise Forbidden()
        return group.school, group
    school = register.organisations().select_for_update(of=("self",)).filter(id=new.school_id).first()
    if school is None or school.kind not in register.SCHOOL_KINDS:
        raise Forbidden()
    policies.require_record_staff(actor, school)
    return school, None


def _locked_person(person_id: UUID) -> Any:
    rows = register.people().select_for_update(of=("self",))
    found = rows.filter(id=registry.ids_of(person_id)[0]).first()
    if found is None or found.deceased_on is not None:
        raise Forbidden()
    return found


def _require_member(new: NewAbsence, ids: tuple[UUID, ...], school: Any, group: Any) -> None:
    is_member = register.is_pupil_of(ids, group.id) if group is not None else register.works_at(ids, school.id)
    if not is_member:
        raise Forbidden()


def _require_span(new: NewAbsence) -> None:
    if new.ends_on < new.starts_on:
        raise _wrong("ends_on", _("结束不能早于开始。"))
    is_one_day = new.starts_on == new.ends_on
    if is_one_day and new.starts_at is not None and new.ends_at is not None and new.ends_at <= new.starts_at:
        raise _wrong("ends_on", _("结束不能早于开始。"))
    if (new.ends_on - new.starts_on).days > LONGEST:
        raise _wrong("ends_on", _("一次最多 200 天，更长的请分开登记。"))
    if not today() - PAST <= new.starts_on <= today() + AHEAD:
        raise _wrong("starts_on", _("只能登记一个月之前到十个月之后的假。"))


def _require_approval(actor: Actor, new: NewAbsence, rules: Rules, days: Decimal, school: Any) -> None:
    """Who records without the school's right grants only what the first step may; longer leave names who granted it."""
    if new.approved_by.strip():
        return
    words = {"days": f"{days:g}", "first": f"{rules.first:g}"}
    if new.audience == Audience.STAFF:
        raise _wrong("approved_by", _("请填写批准人。"))
    if not policies.may_record_at_school(actor, str(school.path)) and rules.step(days) != FIRST:
        raise _wrong("approved_by", _("共 %(days)s 天，班主任可批 %(first)s 天，请填写批准人。") % words)


def _require_free(ids: tuple[UUID, ...], new: NewAbsence) -> None:
    rows = counting().filter(meeting(new.starts_on, new.ends_on), person_id__in=ids)
    for row in rows.order_by("starts_on"):
        if _is_before(row, new):
            continue
        words = {"first": day_text(row.starts_on), "last": day_text(last_day(row)), "kind": row.kind_name}
        raise Conflict(_("%(first)s 至 %(last)s 已经登记%(kind)s，时间重叠。") % words, code="overlap")


def _is_before(row: Absence, new: NewAbsence) -> bool:
    """Whether two leaves share only a day on which one ends before the other begins."""
    if last_day(row) == new.starts_on and row.ends_at is not None and new.starts_at is not None:
        return row.returned_on is None and row.ends_at <= new.starts_at
    if new.ends_on == row.starts_on and new.ends_at is not None and row.starts_at is not None:
        return new.ends_at <= row.starts_at
    return False


def _require_quota(ids: tuple[UUID, ...], new: NewAbsence, kind: Kind, days: Decimal) -> None:
    if kind.quota is None or new.accepts_quota:
        return
    used = used_days(ids, kind.code, registry.school_year_of(new.starts_on))
    if used + days > kind.quota:
        words = {"kind": kind.name, "quota": f"{kind.quota:g}", "used": f"{used:g}", "days": f"{days:g}"}
        raise Conflict(
            _("%(kind)s每学年 %(quota)s 天，已用 %(used)s 天，这次 %(days)s 天，超过额度。") % words, code="over_quota"
        )


def _symptoms(new: NewAbsence, kind: Kind) -> list[str]:
    if not kind.is_illness:
        return []
    if any(one not in Symptom.values for one in new.symptoms):
        raise _wrong("symptoms", _("没有这种症状。"))
    return sorted(set(new.symptoms))


def get_locked(actor: Actor, absence_id: UUID) -> Absence:
    """Its school held fast where lessons depend on it, then the row."""
    found = Absence.objects.filter(id=absence_id).first()
    if found is None:
        raise Forbidden()
    policies.require_record(actor, found)
    if found.audience == Audience.STAFF:
        register.organisations().select_for_update(of=("self",)).get(id=found.school_id)
    return (
        Absence.objects.select_for_update(of=("self",)).select_related("school", "person__canonical").get(id=found.id)
    )


@transaction.atomic
def withdraw_absence(*, actor: Actor, absence_id: UUID, why: str = "") -> None:
    """Leave that is not taken after all: lessons not given yet go back, whoever was asked is told."""
    row = get_locked(actor, absence_id)
    if row.withdrawn_at is not None:
        raise Conflict(_("这次请假已经撤销。"), code="already_withdrawn")
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = now(), actor.name, why.strip()[:MOST_TEXT]
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    _ended(actor, row, "office.absence.withdrawn", today())


@transaction.atomic
def note_return(*, actor: Actor, absence_id: UUID, day: date) -> None:
    """销假: back from ``day`` on; lessons from then on go back. Raises :class:`Invalid` for a day outside the leave."""
    row = get_locked(actor, absence_id)
    if row.withdrawn_at is not None or row.returned_on is not None:
        raise Conflict(_("这次请假已经结束。"), code="already_ended")
    if not row.starts_on <= day <= row.ends_on + timedelta(days=1) or day > today() + timedelta(days=1):
        raise _wrong("day", _("销假日期要在请假期间，最晚明天。"))
    row.returned_on, row.returned_by = day, actor.name
    if day <= row.ends_on:
        is_before = day <= row.starts_on
        row.days = (
            Decimal(0)
            if is_before
            else school_days(str(row.path), row.starts_on, day - timedelta(days=1), row.starts_at, None)
        )
    row.save(update_fields=["returned_on", "returned_by", "days"])
    _ended(actor, row, "office.absence.returned", day)


def _ended(actor: Actor, row: Absence, action: str, since: date) -> None:
    _trace(actor, row, action, "u")
    events.publish(AbsenceEnded(absence_id=row.id, person_id=row.person_id, audience=row.audience))
    if row.audience == Audience.STAFF:
        opening.take_back(actor, row, since)
        opening.count_open(row)


def _trace(actor: Actor, row: Absence, action: str, operation: str) -> None:
    audit.record(
        actor, action, subject_kind="office.absence", subject_id=row.id, path=str(row.path),
        data={"person": str(row.person_id), "kind": row.kind},
    )  # fmt: skip
    changes.log("office.absence", [row.id], operation)


def ways() -> list[tuple[str, str]]:
    return [(str(one.value), str(one.label)) for one in (Way.PHONE, Way.PAPER, Way.VISIT)]
