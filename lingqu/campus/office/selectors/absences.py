"""Who is on leave: for roll-calls, registers of classes and schools, and the timetable."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.foundation.workflow import api as workflow
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.crypto import unseal_fields
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.pages import Page, page_of

from .. import policies, register
from ..models import Absence
from ..types import rights
from ..types.processes import PUPIL_KEY, STAFF_KEY
from ..types.values import DayOff, OnLeave
from ..types.words import Audience

NOON_BEGINS, NOON_ENDS = time(11), time(14)
HALF = Decimal("0.5")
MOST_OF_CLASS, MOST_TODAY = 60, 2000


def counting() -> QuerySet[Absence]:
    return Absence.objects.filter(withdrawn_at=None)


def meeting(first: date, last: date) -> Q:
    """Leave that takes in one of these days."""
    return Q(starts_on__lte=last, ends_on__gte=first) & (Q(returned_on=None) | Q(returned_on__gt=first)) & (
        Q(returned_on=None) | Q(returned_on__gt=F("starts_on"))
    )  # fmt: skip


def last_day(absence: Absence) -> date:
    """The last day on which somebody is really away; before the first one when they never left."""
    if absence.returned_on is None:
        return absence.ends_on
    return min(absence.ends_on, date.fromordinal(absence.returned_on.toordinal() - 1))


def away_of(absence: Absence) -> timetable.Away:
    person = register.canonical_of(absence.person)
    shortened = last_day(absence) < absence.ends_on
    return timetable.Away(
        person_id=person.id, starts_on=absence.starts_on, ends_on=last_day(absence), starts_at=absence.starts_at,
        ends_at=None if shortened else absence.ends_at,
    )  # fmt: skip


def teachers_away(_actor: Actor, span: timetable.AwaySpan) -> tuple[timetable.Away, ...]:
    """Staff of a school who are on leave, recorded here or by another school where they work; one statement."""
    rows = counting().filter(meeting(span.first, span.last), audience=Audience.STAFF)
    here = rows.filter(school_id=span.school_id)
    elsewhere = rows.filter(
        person__appointments__organisation_id=span.school_id, person__appointments__valid_to=None
    )  # fmt: skip
    found = rows.filter(id__in=here.values("id").union(elsewhere.values("id")))
    return tuple(away_of(row) for row in found.select_related("person__canonical").order_by("id"))


def on_leave(person_id: UUID, day: date) -> OnLeave | None:
    """The leave that somebody is on, under any of their ids."""
    rows = counting().filter(meeting(day, day), person_id__in=registry.ids_of(person_id))
    found = rows.select_related("person__canonical").order_by("id").first()
    return as_on_leave(found) if found else None


def list_on_leave(class_id: UUID, day: date) -> tuple[OnLeave, ...]:
    """Pupils of a class who are on leave on a day; one statement. For trusted code: the caller has decided who may ask."""
    rows = counting().filter(meeting(day, day), class_group_id=class_id).select_related("person__canonical")
    return tuple(as_on_leave(row) for row in rows.order_by("person__name_key", "id") if not _is_dead(row))


def as_on_leave(row: Absence) -> OnLeave:
    person = register.canonical_of(row.person)
    return OnLeave(
        absence_id=row.id, person_id=person.id, name=person.name, kind=row.kind, starts_on=row.starts_on,
        ends_on=last_day(row), starts_at=row.starts_at, ends_at=row.ends_at,
    )  # fmt: skip


def _is_dead(row: Absence) -> bool:
    return row.person.deceased_on is not None or register.canonical_of(row.person).deceased_on is not None


def school_days(path: str, first: date, last: date, starts_at: time | None, ends_at: time | None) -> Decimal:
    """School days of a span by the calendar; a first or last day that is cut at midday counts half."""
    calendar = timetable.Desk().calendar(path)
    days = [date.fromordinal(one) for one in range(first.toordinal(), last.toordinal() + 1)]
    held = {day for day in days if calendar.is_school_day(day)}
    total = Decimal(len(held))
    if starts_at is not None and starts_at >= NOON_BEGINS and first in held:
        total -= HALF
    if ends_at is not None and ends_at <= NOON_ENDS and last in held:
        total -= HALF
    return max(total, HALF if held else Decimal(0))


def used_days(person_ids: Iterable[UUID], kind: str, school_year: str) -> Decimal:
    """Days of a kind that somebody took in a school year."""
    first = date(int(school_year[:4]), 8, 1)
    rows = counting().filter(
        person_id__in=list(person_ids),
        kind=kind,
        starts_on__gte=first,
        starts_on__lt=first.replace(year=first.year + 1),
    )
    return rows.aggregate(days=Sum("days"))["days"] or Decimal(0)


def get_absence(actor: Actor, absence_id: UUID) -> Absence:
    """For whoever may record it, or see it at the school; everything else looks the same."""
    found = Absence.objects.select_related("school", "person__canonical", "class_group").filter(id=absence_id).first()
    if found is None:
        raise Forbidden()
    sees = found.audience == Audience.STAFF and policies.may_see_staff(actor, str(found.path))
    if not sees:
        policies.require_record(actor, found)
    return found


def reason_of(absence: Absence) -> str:
    return unseal_fields(absence.sealed).get("reason", "")


def list_staff_absences(actor: Actor, school: Any, cursor: str = "", limit: int = 30) -> Page[Absence]:
    policies.require_see_staff(actor, school)
    rows = counting().filter(school=school, audience=Audience.STAFF).select_related("person__canonical")
    return page_of(rows, order=("-starts_on", "-id"), limit=limit, cursor=cursor)


def list_class_absences(actor: Actor, group: Any, since: date) -> tuple[Absence, ...]:
    """Leave of a class's pupils that ends on or after a day, the latest first."""
    if not policies.may_record_class(actor, group.id, str(group.school.path)):
        raise Forbidden()
    rows = Absence.objects.filter(class_group=group, ends_on__gte=since).select_related("person__canonical")
    return tuple(rows.order_by("-starts_on", "-id")[:MOST_OF_CLASS])


def list_school_pupils(actor: Actor, school: Any, day: date) -> tuple[Absence, ...]:
    """Pupils of a school who are on leave on a day, class by class."""
    if not policies.may_record_at_school(actor, str(school.path)):
        raise Forbidden()
    rows = counting().filter(meeting(day, day), school=school, audience=Audience.PUPIL)
    return tuple(
        rows.select_related("person__canonical", "class_group").order_by("class_group__name", "person__name_key")[
            :MOST_TODAY
        ]
    )


def list_of_person(person_ids: Iterable[UUID], audience: str, limit: int = 20) -> tuple[Absence, ...]:
    """Somebody's leave for that person or a guardian; the caller took the ids from the actor's own."""
    rows = Absence.objects.filter(person_id__in=list(person_ids), audience=audience).select_related("person__canonical")
    return tuple(rows.order_by("-starts_on", "-id")[:limit])


def day_of_school(actor: Actor, school: Any) -> DayOff | None:
    """Today's leave of a school for its home page, in two statements; None for whoever sees neither register of leave."""
    path = str(school.path)
    sees_staff, sees_pupils = policies.may_see_staff(actor, path), actor.holds(rights.PUPIL_VIEW, path)
    if not sees_staff and not sees_pupils:
        return None
    now_away = meeting(today(), today())
    counts = counting().filter(path__within=path, ends_on__gte=today()).aggregate(
        pupils=Count("id", filter=now_away & Q(audience=Audience.PUPIL)),
        staff=Count("id", filter=now_away & Q(audience=Audience.STAFF)),
        lessons=Sum("open_lessons", filter=Q(audience=Audience.STAFF)),
    )  # fmt: skip
    keys = [key for key, sees in ((PUPIL_KEY, sees_pupils), (STAFF_KEY, sees_staff)) if sees]
    return DayOff(
        pupils=counts["pupils"] if sees_pupils else 0, staff=counts["staff"] if sees_staff else 0,
        open_lessons=(counts["lessons"] or 0) if sees_staff else 0, asked=workflow.count_running(path, keys),
    )  # fmt: skip


def leave_of_child(person_id: UUID) -> tuple[Absence, ...]:
    """Leave of a child that is not over, by the id that stands for all of its; one statement. The caller has decided who may
    ask."""
    ids = register.people().filter(Q(id=person_id) | Q(canonical_id=person_id)).values("id")
    rows = counting().filter(person_id__in=ids, audience=Audience.PUPIL)
    return tuple(rows.filter(returned_on=None, ends_on__gte=today()).order_by("starts_on", "id")[:3])
