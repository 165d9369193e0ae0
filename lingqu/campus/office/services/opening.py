"""What leave opens in the timetable: lessons to give, lessons that go back, and the to-dos about both."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lingqu.foundation.inbox import api as inbox
from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import ZONE, now, today
from lingqu.kernel.language import writing_to
from lingqu.ui.figures import day as day_text

from .. import register
from ..models import Absence, Cover
from ..selectors.absences import away_of, counting, last_day, meeting
from ..selectors.covers import affected
from ..types.words import STANDING, Audience, CoverState

MODULE = "office"
SYSTEM = Actor.system("office")
"""Takes changes of the timetable back for people who may end their own part of them, but not edit the timetable."""


def count_open(absence: Absence) -> int:
    """How many lessons nobody takes yet, from today on; kept on the row and as a to-do of 教务."""
    open_lessons = 0
    if absence.withdrawn_at is None:
        open_lessons = sum(1 for one in affected(absence, first=today()) if not one.is_settled)
    if open_lessons != absence.open_lessons:
        absence.open_lessons = open_lessons
        absence.save(update_fields=["open_lessons"])
    key = f"open:{absence.id}"
    if not open_lessons:
        inbox.close_todo(module=MODULE, key=key)
        return 0
    person = register.canonical_of(absence.person)
    with writing_to():
        words = {"name": person.name, "first": day_text(absence.starts_on), "n": open_lessons}
        title = ngettext(
            "%(name)s %(first)s 起请假，%(n)s 节课待安排", "%(name)s %(first)s 起请假，%(n)s 节课待安排", open_lessons
        )
    inbox.put_todo(
        module=MODULE, key=key, address=_desk(absence), title=title % words, url=reverse("office:absence", args=[absence.id]),
        due_at=_morning(max(absence.starts_on, today())),
    )  # fmt: skip
    return open_lessons


def _desk(absence: Absence) -> str:
    """教务处, if the school has set up that post; else whoever is 教务主任."""
    post = absence.school.posts.filter(kind="academic_office", closed_on=None).first()
    return f"post:{post.id}" if post else f"duty:academic_director@{str(absence.path).rpartition('.')[2]}"


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(7, 30), tzinfo=ZONE)


def ask(absence: Absence) -> None:
    """One to-do for each substitute who has not answered; those without anything left are withdrawn."""
    waiting: dict[UUID, list[Cover]] = {}
    known: set[UUID] = set()
    for cover in Cover.objects.filter(absence=absence, substitute__isnull=False).select_related("substitute"):
        person = cover.substitute.canonical_id or cover.substitute_id
        known.add(person)
        if cover.state == CoverState.ASKED and cover.day >= today():
            waiting.setdefault(person, []).append(cover)
    name = register.canonical_of(absence.person).name
    for person, covers in waiting.items():
        first = min(cover.day for cover in covers)
        with writing_to():
            words = {"name": name, "first": day_text(first), "n": len(covers)}
            title = ngettext(
                "代%(name)s的课：%(first)s 起 %(n)s 节，请确认",
                "代%(name)s的课：%(first)s 起 %(n)s 节，请确认",
                len(covers),
            )
        inbox.put_todo(
            module=MODULE, key=_key(absence, person), address=f"person:{person}", title=title % words,
            url=reverse("office:covers"), due_at=_morning(first),
        )  # fmt: skip
    inbox.withdraw_todos(module=MODULE, keys=[_key(absence, person) for person in known - set(waiting)])


def _key(absence: Absence, person: UUID) -> str:
    return f"cover:{absence.id}:{person}"


def end_covers(actor: Actor, covers: Iterable[Cover], state: CoverState, *, reason: str = "") -> list[Cover]:
    """The lessons go back to whoever gives them by the timetable; those already given stay. The caller has decided who may."""
    ended = []
    for cover in covers:
        change = register.lesson_changes().get(id=cover.change_id)
        if min(change.day, change.to_day or change.day) < today():
            continue
        if change.withdrawn_at is None:
            timetable.withdraw_change(actor=SYSTEM, change_id=change.id, with_others=True)
        cover.state, cover.answered_at, cover.answered_by, cover.reason = state, now(), actor.name, reason
        cover.save(update_fields=["state", "answered_at", "answered_by", "reason"])
        ended.append(cover)
    if ended:
        settle_gone(ended[0].absence.school_id)
        audit.record(
            actor, f"office.cover.{state}", subject_kind="office.absence", subject_id=ended[0].absence_id,
            path=str(ended[0].absence.path), data={"covers": [str(one.id) for one in ended]},
        )  # fmt: skip
        changes.log("office.cover", [one.id for one in ended])
    return ended


def take_back(actor: Actor, absence: Absence, since: date) -> None:
    """Lessons of a leave that need no substitute from a day on; a swap goes back only as a whole."""
    rows = Cover.objects.filter(absence=absence, state__in=STANDING, day__gte=max(since, today()))
    end_covers(actor, rows.select_related("absence").order_by("day", "id"), CoverState.WITHDRAWN)
    ask(absence)


def give_back_taken(actor: Actor, absence: Absence) -> None:
    """What the person on leave had taken over for others, on these days, goes back and is to be arranged again."""
    away = away_of(absence)
    first, last = max(away.starts_on, today()), away.ends_on
    if last < first:
        return
    ids = registry.ids_of(absence.person_id)
    taken = {
        one.change_id
        for one in timetable.lessons_between(ids, first, last)
        if one.change_id and one.state in ("substitute", "self_study", "moved")
        and away.covers(one.day, (one.starts, one.ends) if one.starts and one.ends else None)
    }  # fmt: skip
    wanted = register.lesson_changes().filter(id__in=taken, withdrawn_at=None).order_by("id")
    for change in wanted.filter(substitute_id__in=ids) | wanted.filter(kind=timetable.ChangeKind.MOVE):
        change.refresh_from_db(fields=["withdrawn_at"])
        if change.withdrawn_at is None and min(change.day, change.to_day or change.day) >= today():
            timetable.withdraw_change(actor=SYSTEM, change_id=change.id, with_others=True)
    settle_gone(absence.school_id, _("代课教师请假"))


def recount(person_ids: Iterable[UUID], day: date) -> None:
    """Lessons of these people on a day were changed elsewhere: what is open is counted again."""
    rows = counting().filter(meeting(day, day), audience=Audience.STAFF)
    rows = rows.filter(person_id__in=list(person_ids)) | rows.filter(person__canonical_id__in=list(person_ids))
    for absence in rows.select_related("school", "person__canonical"):
        settle_gone(absence.school_id)
        if last_day(absence) >= today():
            count_open(absence)


def settle_gone(school_id: UUID, reason: str = "") -> None:
    """Covers whose change was withdrawn with another one, or on the timetable's own page, are over; their leaves are open."""
    gone = Cover.objects.filter(
        state__in=STANDING, change__withdrawn_at__isnull=False, change__school_id=school_id, day__gte=today()
    )
    absences = {cover.absence_id: cover.absence for cover in gone.select_related("absence__school", "absence__person")}
    gone.update(state=CoverState.WITHDRAWN, answered_at=now(), reason=reason)
    for absence in absences.values():
        ask(absence)
        count_open(absence)


def follow_version(school_id: UUID, timetable_id: UUID, since: date) -> None:
    """A new version of the timetable counts: arrangements for lessons of the former one are over."""
    rows = Cover.objects.filter(state__in=STANDING, change__school_id=school_id, day__gte=max(since, today()))
    rows = rows.exclude(change__lesson__timetable_id=timetable_id).select_related("absence__school", "absence__person")
    absences = {cover.absence_id: cover.absence for cover in rows}
    with writing_to():
        end_covers(SYSTEM, rows, CoverState.WITHDRAWN, reason=_("课表换了版本"))
    current = counting().filter(school_id=school_id, audience=Audience.STAFF, ends_on__gte=today())
    absences |= {one.id: one for one in current.select_related("school", "person__canonical")}
    for absence in absences.values():
        ask(absence)
        count_open(absence)
