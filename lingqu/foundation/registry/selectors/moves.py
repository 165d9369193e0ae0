"""Changes of class below a place, as those decided them who moved the pupils; and leaves of absence that end soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.kernel import audit
from lingqu.kernel.actor import Actor, covers
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.pages import Page

from ..models import ClassGroup, Enrolment, Organisation, Person
from ..types import rights
from ..types.grades import grade_label
from ..types.words import Attendance

MOVED = "registry.person.class_moved"
SOON = timedelta(days=30)
MOST_DUE, ROWS = 20, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassMove:
    """One pupil's change of class: from which day, who entered it when, and why. ``day`` is None in older entries."""

    number: str
    name: str
    school: str
    school_code: str
    former: tuple[str, ...]
    present: str
    class_id: UUID | None
    day: date | None
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A child on leave with the day by which it should be back; ``days`` is negative when that is over."""

    number: str
    name: str
    grade: str
    reason: str
    expected_on: date
    days: int


def list_class_moves(
    actor: Actor, place: Organisation | None, *, cursor: str = "", limit: int = ROWS
) -> Page[ClassMove]:
    """Newest first, where the actor keeps people. Raises :class:`Forbidden` for a place out of reach."""
    paths = actor.paths(rights.PERSON_EDIT)
    if place is not None:
        if not actor.holds(rights.PERSON_EDIT, str(place.path)):
            raise Forbidden(_("无权查看这里的调班。"))
        paths = (str(place.path),)
    if not paths:
        raise Forbidden()
    page = audit.list_for_action(MOVED, paths, cursor=cursor, limit=limit)
    people = {str(row.id): row for row in Person.objects.filter(id__in=[entry.subject_id for entry in page.items])}
    ids = {one for entry in page.items for one in (*entry.data.get("from", ()), entry.data.get("to", ""))} - {""}
    groups = {str(group.id): group for group in ClassGroup.objects.filter(id__in=ids).select_related("school")}
    return page.showing(_move(entry, people.get(entry.subject_id), groups) for entry in page.items)


def _move(entry: audit.Record, person: Person | None, groups: dict[str, ClassGroup]) -> ClassMove:
    """The deceased are not named."""
    group = groups.get(entry.data.get("to", ""))
    shown = person if person is not None and person.deceased_on is None else None
    day = entry.data.get("on", "")
    return ClassMove(
        number=shown.number if shown else "", name=shown.name if shown else _("已不在名单"),
        school=group.school.name if group else "", school_code=(group.school.code or "") if group else "",
        former=tuple(groups[one].name for one in entry.data.get("from", ()) if one in groups),
        present=group.name if group else "", class_id=group.id if group else None,
        day=date.fromisoformat(day) if day else None, at=entry.at, by=entry.actor_name, reason=entry.data.get("reason", ""),
    )  # fmt: skip


def list_due_back(actor: Actor, school: Organisation) -> tuple[Due, ...]:
    """Children of a school on leave whose day is within a month or over, the earliest first; for who keeps its pupils."""
    path = str(school.path)
    if not any(covers(held, path) for held in actor.paths(rights.PERSON_EDIT)) and not actor.is_system:
        return ()
    rows = Enrolment.objects.filter(
        path__within=path, valid_to=None, attendance=Attendance.ABSENT, expected_on__lte=today() + SOON,
        person__canonical=None, person__deceased_on=None,
    ).select_related("person")  # fmt: skip
    return tuple(
        Due(
            number=row.person.number, name=row.person.name, grade=grade_label(row.grade), reason=row.reason,
            expected_on=row.expected_on, days=(row.expected_on - today()).days,
        )
        for row in rows.order_by("expected_on", "id")[:MOST_DUE]
        if row.expected_on is not None
    )  # fmt: skip
