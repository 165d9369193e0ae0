"""A life in the register as dated events, from the episodes and the recorded history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.kernel.clock import ZONE

from ..models import (
    Appointment,
    ClassMembership,
    Duty,
    Enrolment,
    FieldDefinition,
    Guardianship,
    Person,
    PersonHistory,
    RegisterEntry,
    TeachingAssignment,
)
from ..types.cards import TimelineEvent
from ..types.grades import grade_label
from ..types.words import AppointmentRelation, Attendance, DutyKind, EmploymentKind, GuardianKind
from .labels import label, subject_label
from .places import ids_of

MOST = 300


def list_timeline(person: Person, *, as_of: date | None = None) -> tuple[TimelineEvent, ...]:
    """Events newest first; with ``as_of`` only what had happened by that day (open ends as they were then)."""
    ids = ids_of(person.id)
    events = [
        *_enrolments(ids), *_register(ids), *_seats(ids), *_appointments(ids), *_duties(ids), *_teaching(ids),
        *_guardians(ids), *_changes(ids),
    ]  # fmt: skip
    if person.deceased_on:
        events.append(TimelineEvent(on=person.deceased_on, kind="deceased", title=_("登记去世"), tone="bad"))
    if as_of is not None:
        events = [event for event in events if event.on <= as_of]
    return tuple(sorted(events, key=lambda event: (event.on, event.kind, event.title), reverse=True)[:MOST])


def _ended(begin: TimelineEvent, title: str) -> Iterable[TimelineEvent]:
    yield begin
    if begin.until is not None:
        yield TimelineEvent(on=begin.until, kind=begin.kind, title=title, detail=begin.title, tag=_("结束"))


def _enrolments(ids: tuple[UUID, ...]) -> Iterable[TimelineEvent]:
    for row in Enrolment.objects.filter(person_id__in=ids).select_related("school"):
        begin = TimelineEvent(
            on=row.valid_from, until=row.valid_to, kind="enrolment", title=_("就读：%(school)s") % {"school": row.school.name},
            detail=grade_label(row.grade), tag=str(Attendance(row.attendance).label),
            tone="good" if row.attendance == "registered" else "warn",
        )  # fmt: skip
        yield from _ended(begin, _("离开：%(school)s") % {"school": row.school.name})


def _register(ids: tuple[UUID, ...]) -> Iterable[TimelineEvent]:
    for row in RegisterEntry.objects.filter(person_id__in=ids).select_related("school"):
        begin = TimelineEvent(
            on=row.valid_from, until=row.valid_to, kind="register",
            title=_("学籍：%(school)s") % {"school": row.school.name}, tag=label("XSDQZT", row.state),
            detail=_("来源 %(source)s，截至 %(day)s") % {"source": row.source, "day": row.as_of},
        )  # fmt: skip
        yield from _ended(begin, _("学籍离开：%(school)s") % {"school": row.school.name})


def _seats(ids: tuple[UUID, ...]) -> Iterable[TimelineEvent]:
    for row in ClassMembership.objects.filter(person_id__in=ids).select_related("class_group__school"):
        group = row.class_group
        begin = TimelineEvent(
            on=row.valid_from, until=row.valid_to, kind="class", title=_("编入 %(name)s") % {"name": group.name},
            detail=f"{group.school.name} · {group.school_year_id}",
        )  # fmt: skip
        yield from _ended(begin, _("离开 %(name)s") % {"name": group.name})


def _appointments(ids: tuple[UUID, ...]) -> Iterable[TimelineEvent]:
    for row in Appointment.objects.filter(person_id__in=ids).select_related("organisation"):
        kind = row.employment_kind
        begin = TimelineEvent(
            on=row.valid_from, until=row.valid_to, kind="appointment",
            title=f"{AppointmentRelation(row.relation).label}：{row.organisation.name}",
            detail=label("GWZY", row.post), tag=str(EmploymentKind(kind).label) if kind in EmploymentKind.values else kind,
        )  # fmt: skip
        yield from _ended(begin, _("离开：%(school)s") % {"school": row.organisation.name})


def _duties(ids: tuple[UUID, ...]) -> Iterable[TimelineEvent]:
    for row in Duty.objects.filter(person_id__in=ids).select_related("organisation", "class_group"):
        kind = str(DutyKind(row.kind).label) if row.kind in DutyKind.values else row.kind
        begin = TimelineEvent(
            on=row.valid_from, until=row.valid_to, kind="duty", title=_("担任 %(duty)s") % {"duty": kind},
            detail=f"{row.organisation.name} {row.class_group.name if row.class_group else ''}".strip(),
        )  # fmt: skip
        yield from _ended(begin, _("不再担任 %(duty)s") % {"duty": kind})


def _teaching(ids: tuple[UUID, ...]) -> Iterable[TimelineEvent]:
    for row in TeachingAssignment.objects.filter(person_id__in=ids).select_related("class_group__school"):
        place = {"name": row.class_group.name, "subject": subject_label(row.subject)}
        begin = TimelineEvent(
            on=row.valid_from, until=row.valid_to, kind="teaching", title=_("任教 %(name)s %(subject)s") % place,
            detail=row.class_group.school.name,
        )  # fmt: skip
        yield from _ended(begin, _("不再任教 %(name)s %(subject)s") % place)


def _guardians(ids: tuple[UUID, ...]) -> Iterable[TimelineEvent]:
    rows = Guardianship.objects.filter(child_id__in=ids).select_related("guardian", "guardian_organisation")
    for row in rows:
        who = row.guardian.name if row.guardian else row.guardian_organisation.name if row.guardian_organisation else ""
        begin = TimelineEvent(
            on=row.valid_from, until=row.valid_to, kind="guardian", title=_("监护人：%(name)s") % {"name": who},
            detail=label("family_relation", row.relation), tag=str(GuardianKind(row.kind).label),
        )  # fmt: skip
        yield from _ended(begin, _("不再是监护人：%(name)s") % {"name": who})


def _changes(ids: tuple[UUID, ...]) -> Iterable[TimelineEvent]:
    names = dict(FieldDefinition.objects.values_list("field", "label"))
    for row in PersonHistory.objects.filter(person_id__in=ids).order_by("-id")[:100]:
        fields = [names.get(field, field) for field in sorted(row.before)]
        if row.sealed_before and not row.before:
            fields = [_("敏感信息")]
        yield TimelineEvent(
            on=row.recorded_at.astimezone(ZONE).date(), kind="change", title=_("变更：%(fields)s") % {"fields": "、".join(fields)},
            detail=" · ".join(part for part in (row.actor_name, row.source) if part), tag=_("留有旧值"),
        )  # fmt: skip


def timeline_values(person: Person, *, as_of: date | None = None) -> list[dict[str, Any]]:
    """The timeline as plain values for programs."""
    return [
        {
            "on": event.on.isoformat(), "until": event.until.isoformat() if event.until else None, "kind": event.kind,
            "title": event.title, "detail": event.detail, "tag": event.tag,
        }
        for event in list_timeline(person, as_of=as_of)
    ]  # fmt: skip
