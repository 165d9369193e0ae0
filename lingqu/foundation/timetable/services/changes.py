"""代课, 对调, 自习, 停上: one lesson on one day; the timetable stays as it is. Withdrawn until the day has passed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now, today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.ids import uuid7
from lingqu.kernel.language import listed

from .. import register
from ..models import Lesson, LessonChange, LessonTeacher
from ..selectors.context import subject_reader
from ..selectors.substitutes import Picture, busy_at, find_occurrence, picture_of, stuck_at
from ..sentences import slot_name
from ..types.events import LessonsChanged
from ..types.occurrences import applied
from ..types.values import ChangeRow, Occurrence, Teacher
from ..types.words import ChangeKind
from .bells import locked_school

PAST, AHEAD = timedelta(days=31), timedelta(days=200)
MOST_TEXT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What should happen to ``lesson_id`` on ``day``. ``original``: the teacher who is away, when there are several."""

    lesson_id: int
    day: date
    kind: str
    substitute: UUID | None = None
    original: UUID | None = None
    subject: str = ""
    reason: str = ""
    note: str = ""
    counts: bool = True
    accept: bool = False


def _school_of(lesson_id: int) -> UUID:
    found = Lesson.objects.filter(id=lesson_id).values_list("timetable__school_id", flat=True).first()
    if found is None:
        raise Forbidden()
    return found


def _planned(picture: Picture, lesson_id: int, day: date) -> Occurrence:
    found = find_occurrence(picture.held, lesson_id, day)
    if found is None:
        raise Invalid(_("这一天没有这节课。"), code="not_held")
    if found.change is not None:
        raise Conflict(_("%(lesson)s已经有安排，请先撤销。") % {"lesson": _lesson(found)}, code="already_changed")
    return found


def _lesson(found: Occurrence) -> str:
    words = {"day": f"{found.day:%m-%d}", "slot": slot_name(found.slot), "name": found.lesson.group.name}
    return _("%(day)s %(slot)s %(name)s的课") % words


def _require_near(day: date) -> None:
    if not today() - PAST <= day <= today() + AHEAD:
        raise Invalid(_("只能安排一个月之前到本学期内的课。"), code="bad_day")


def arrange(*, actor: Actor, wish: Wish) -> UUID:
    """One lesson; errors as of :func:`arrange_all`. Returns the change's id."""
    return arrange_all(actor=actor, wishes=[wish])[0]


@transaction.atomic
def arrange_all(*, actor: Actor, wishes: Sequence[Wish]) -> tuple[UUID, ...]:
    """代课, 自习 or 停上 of lessons of one school, all of them or none; returns the changes' ids in their order.

    Raises :class:`Forbidden` without the right, :class:`Invalid` when a lesson is not held that day or for a stranger,
    :class:`Conflict` when it was changed already or the substitute is away or has a lesson then, here, at another school or
    by a wish before (``accept`` overrules that).
    """
    schools = {_school_of(wish.lesson_id) for wish in wishes}
    if len(schools) != 1:
        raise Invalid(_("一次只安排一所学校的课。"), code="several_schools")
    school = locked_school(actor, schools.pop())
    for wish in wishes:
        _require_near(wish.day)
    people = _locked_people({wish.substitute for wish in wishes if wish.substitute})
    days = [wish.day for wish in wishes]
    picture = picture_of(school, min(days), max(days), {one.id for one in people.values()})
    made = []
    for wish in wishes:
        found = _planned(picture, wish.lesson_id, wish.day)
        substitute = people.get(wish.substitute) if wish.substitute else None
        row = _change(school, actor, wish, found, substitute)
        if wish.substitute is not None:
            _require_free_colleague(school, picture, found, substitute, accept=wish.accept)
        row.save(force_insert=True)
        original = next((one for one in found.lesson.teachers if one.id == row.original_id), None)
        change = ChangeRow(
            id=row.id, lesson=found.lesson, day=wish.day, kind=wish.kind, original=original, substitute=substitute,
            subject=row.subject,
        )  # fmt: skip
        picture = picture.after(found, applied(found.lesson, wish.day, change))
        told = [person for person in (row.original_id, row.substitute_id) if person]
        _trace(actor, school, f"timetable.change.{wish.kind}", [row], found, told)
        made.append(row.id)
    return tuple(made)


def _locked_people(ids: Collection[UUID]) -> dict[UUID, Teacher]:
    """Who takes lessons, under the id that counts today, held fast so that two schools do not ask at the same moment."""
    rows = register.people().select_for_update(of=("self",)).filter(id__in=ids).order_by("id")
    return {
        row.id: Teacher(id=(row.canonical or row).id, name=(row.canonical or row).name)
        for row in rows.select_related("canonical")
    }


def _change(school: Any, actor: Actor, wish: Wish, found: Occurrence, substitute: Teacher | None) -> LessonChange:
    subject = _subject(wish)
    teachers = [teacher.id for teacher in found.lesson.teachers]
    return LessonChange(
        school=school, lesson_id=wish.lesson_id, day=wish.day, kind=wish.kind,
        original_id=wish.original if wish.original in teachers else next(iter(teachers), None),
        substitute_id=substitute.id if substitute else None, subject=subject, reason=wish.reason.strip()[:MOST_TEXT],
        note=wish.note.strip()[:MOST_TEXT], counts=wish.counts and wish.kind == ChangeKind.SUBSTITUTE, made_by=actor.name,
    )  # fmt: skip


def _subject(wish: Wish) -> str:
    if wish.kind not in (ChangeKind.SUBSTITUTE, ChangeKind.SELF_STUDY, ChangeKind.CANCEL):
        raise Invalid(_("请选择代课、自习或停上。"), code="bad_kind")
    if wish.kind == ChangeKind.SUBSTITUTE and wish.substitute is None:
        raise Invalid(_("请选择代课教师。"), code="no_substitute", details={"substitute": _("请选择代课教师。")})
    if wish.kind == ChangeKind.CANCEL and wish.substitute is not None:
        raise Invalid(_("停上的课不需要代课教师。"), code="bad_kind")
    code = subject_reader()(wish.subject) if wish.subject else ""
    if wish.subject and not code:
        raise Invalid(_("没有学科“%(subject)s”。") % {"subject": wish.subject[:20]}, code="unknown_subject")
    return code


def _require_free_colleague(
    school: Any, picture: Picture, found: Occurrence, substitute: Teacher | None, *, accept: bool
) -> None:
    works = register.appointments().filter(organisation_id=school.id, valid_to=None, person__deceased_on=None)
    if (
        substitute is None
        or not (works.filter(person_id=substitute.id) | works.filter(person__canonical_id=substitute.id)).exists()
    ):
        raise Invalid(_("这位教师不在本校任职。"), code="not_a_colleague")
    if any(teacher.id == substitute.id for teacher in found.lesson.teachers):
        raise Invalid(_("这位教师本来就上这节课。"), code="same_teacher")
    words = {"name": substitute.name, "lesson": _lesson(found)}
    if not accept and substitute.id in picture.missing(found.lesson, found.slot, found.day):
        raise Conflict(_("%(name)s请假，不能代%(lesson)s。") % words, code="away")
    if not accept and substitute.id in picture.busy(found.lesson, found.slot, found.day):
        raise Conflict(_("%(name)s这一节有课，不能代%(lesson)s。") % words, code="busy")


@transaction.atomic
def swap(
    *, actor: Actor, lesson_id: int, day: date, other_id: int, other_day: date, reason: str = "", accept: bool = False
) -> UUID:
    """Two lessons of one class change places (对调); returns the id that both changes share. Errors as of :func:`arrange`."""
    school = locked_school(actor, _school_of(lesson_id))
    _require_near(day)
    _require_near(other_day)
    if _school_of(other_id) != school.id or abs((other_day - day).days) > 31:
        raise Invalid(_("只能与同一个班一个月内的另一节课对调。"), code="bad_swap")
    people = _locked_people(LessonTeacher.objects.filter(lesson_id__in=(lesson_id, other_id)).values("person_id"))
    picture = picture_of(school, min(day, other_day), max(day, other_day), {teacher.id for teacher in people.values()})
    one, other = _planned(picture, lesson_id, day), _planned(picture, other_id, other_day)
    if one.lesson.group.id != other.lesson.group.id or (day, one.slot) == (other_day, other.slot):
        raise Invalid(_("只能与同一个班一个月内的另一节课对调。"), code="bad_swap")
    if not accept:
        _require_free(picture, one, other)
        _require_free(picture, other, one)
    pair = uuid7()
    rows = [
        LessonChange(
            school=school, lesson_id=moved.lesson.id, day=moved.day, kind=ChangeKind.MOVE, to_day=place.day,
            to_slot=place.slot, pair=pair, reason=reason.strip()[:MOST_TEXT], counts=False, made_by=actor.name,
            original_id=next((teacher.id for teacher in moved.lesson.teachers), None),
        )
        for moved, place in ((one, other), (other, one))
    ]  # fmt: skip
    LessonChange.objects.bulk_create(rows)
    people = [teacher.id for moved in (one, other) for teacher in moved.lesson.teachers]
    _trace(actor, school, "timetable.change.swapped", rows, one, people)
    return pair


def _require_free(picture: Picture, moved: Occurrence, place: Occurrence) -> None:
    """The teachers of one lesson are free at the other's time, the other's own teachers not counted."""
    stuck = stuck_at(picture, moved, place)
    if stuck:
        names = {"names": listed(teacher.name for teacher in stuck)}
        raise Conflict(_("%(names)s那一节有课或请假，不能对调。") % names, code="busy")


@transaction.atomic
def withdraw(*, actor: Actor, change_id: UUID, with_others: bool = False) -> tuple[UUID, ...]:
    """Take a change back (a swap as a whole) while its day has not passed; returns the ids of all that were taken back.

    Raises :class:`Conflict` afterwards, and when a teacher of the lesson has taken over another one at that time since;
    ``with_others`` takes that one back too, and so on.
    """
    row = LessonChange.objects.filter(id=change_id).first()
    if row is None:
        raise Forbidden()
    school = locked_school(actor, row.school_id)
    rows = _standing(row)
    if not rows:
        raise Conflict(_("这个安排已经撤销。"), code="already_withdrawn")
    days = {day for one in rows for day in (one.day, one.to_day or one.day)}
    if min(days) < today():
        raise Conflict(_("课已经上过，不能撤销。"), code="past")
    blocking = _blocking(school, rows)
    if blocking and not with_others:
        names = {"lessons": listed(map(_lesson, blocking.values()))}
        raise Conflict(_("原来的教师那一节已经另有安排（%(lessons)s），请先撤销那一个。") % names, code="busy_since")
    LessonChange.objects.filter(id__in=[one.id for one in rows]).update(withdrawn_at=now(), withdrawn_by=actor.name)
    people = [person for one in rows for person in (one.original_id, one.substitute_id) if person]
    _trace(actor, school, "timetable.change.withdrawn", rows, None, people)
    gone = [one.id for one in rows]
    for other in blocking:
        if LessonChange.objects.filter(id=other, withdrawn_at=None).exists():
            gone += withdraw(actor=actor, change_id=other, with_others=True)
    return tuple(gone)


def _standing(row: LessonChange) -> list[LessonChange]:
    """The change, or both of a swap, unless they are withdrawn."""
    wanted = Q(pair=row.pair) if row.pair else Q(id=row.id)
    return list(LessonChange.objects.select_for_update().filter(wanted, school_id=row.school_id, withdrawn_at=None))


def _blocking(school: Any, rows: Sequence[LessonChange]) -> dict[UUID, Occurrence]:
    """Changes by which teachers of these lessons are busy when the lessons were to be held."""
    people = _locked_people(
        LessonTeacher.objects.filter(lesson_id__in=[row.lesson_id for row in rows]).values("person_id")
    )
    ids = {one.id for one in people.values()}
    days = [row.day for row in rows]
    picture = picture_of(school, min(days), max(days), ids)
    own = {row.id for row in rows}
    others = [one for one in picture.held.occurrences if one.change is not None and one.change.id not in own]
    found: dict[UUID, Occurrence] = {}
    for row in rows:
        place = find_occurrence(picture.held, row.lesson_id, row.day)
        if place is None:
            continue
        mine = {teacher.id for teacher in place.lesson.teachers}
        for one in others:
            if one.change is not None and mine & busy_at(
                [one], picture.held.clock, place.lesson, place.slot, place.day
            ):
                found[one.change.id] = one
    return found


def _trace(
    actor: Actor, school: Any, action: str, rows: list[LessonChange], found: Occurrence | None, people: list[UUID]
) -> None:
    audit.record(
        actor, action, subject_kind="organisation", subject_id=school.id, path=str(school.path),
        data={"changes": [str(row.id) for row in rows], "people": [str(person) for person in people]},
    )  # fmt: skip
    changes.log("timetable.change", [row.id for row in rows], "c" if found else "u")
    class_id = (
        found.lesson.group.id
        if found
        else Lesson.objects.values_list("class_group_id", flat=True).get(id=rows[0].lesson_id)
    )
    events.publish(
        LessonsChanged(school_id=school.id, class_id=class_id, day=rows[0].day, person_ids=tuple(dict.fromkeys(people)))
    )
