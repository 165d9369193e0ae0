"""The timetable of a school in a week: by class, teacher or room; its clashes; what agrees with 任课."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel.access import actor_of, needs

from .. import policies, register
from ..models import Timetable
from ..selectors.calendars import Desk
from ..selectors.checks import Weighed, weekly, weigh_version
from ..selectors.lessons import subject_short
from ..selectors.showing import CLASS, ROOM, TEACHER, rooms_of, week_page
from ..selectors.weeks import held_by_teacher, held_in_class_id, held_in_room, week_around
from ..sentences import clash_detail, clash_sentence
from ..types import rights
from ..types.occurrences import version_on
from ..types.pages import Entry
from ..types.words import TimetableState
from .presenting import asked_day, grid_of, week_links


@needs(rights.VIEW)
def school(request: HttpRequest, code: str) -> HttpResponse:
    """One week of a class, a teacher or a room."""
    context = _week(request, code)
    return render(request, "timetable/school.html", context)


@needs(rights.VIEW)
def print_school(request: HttpRequest, code: str) -> HttpResponse:
    """The same week on A4 landscape."""
    return render(request, "timetable/week_print.html", _week(request, code))


def _week(request: HttpRequest, code: str) -> dict[str, Any]:
    place, actor = register.get_school(code), actor_of(request)
    policies.require_see_school(actor, place)
    day = asked_day(request)
    desk = Desk()
    calendar = desk.calendar(str(place.path))
    version = version_on(desk.versions([place.id]), place.id, day)
    if version is None:
        version = max(
            (one for one in desk.versions([place.id])), key=lambda one: (one.term_start, one.number), default=None
        )
    weighed = weigh_version(version, day, desk) if version else None
    lens = request.GET.get("by", CLASS)
    lens = lens if lens in (CLASS, TEACHER, ROOM) else CLASS
    choices = _choices(weighed, lens)
    which = _chosen(request.GET.get("which", ""), choices)
    base = reverse("timetable:school", args=[place.code])
    here = f"{base}?{urlencode({'by': lens, 'which': which})}&"
    page = _page(place, lens, which, day, desk, weighed) if which else None
    may_edit = policies.may_edit_school(actor, str(place.path))

    def href(one: Entry) -> str:
        query = urlencode({"day": one.occurrence.day, "back": f"{here}day={day}"})
        return f"{reverse('timetable:arrange', args=[place.code, one.occurrence.lesson.id])}?{query}"

    clashing = weighed.clashing_ids if weighed else ()
    name = dict(choices).get(which, "")
    return {
        "school": place, "lens": lens, "which": which, "choices": choices, "name": name, "base": base, "page": page,
        "grid": grid_of(page, href=href if may_edit else None, clashing=clashing) if page else None, "may_edit": may_edit,
        "week": week_links(calendar, day, here), "clashes": _clashes(weighed, lens, which, place, may_edit=may_edit),
        "clash_count": len(weighed.clashes) if weighed else 0, "planned": _planned(weighed, UUID(which)) if lens == CLASS and weighed and which else None,
        "drafts": Timetable.objects.filter(school=place, state=TimetableState.DRAFT).exists() if may_edit and page is None else False,
        "day": day, "title": _("%(name)s课表") % {"name": name} if name else _("课表"), "back": f"{here}day={day}",
        "print_url": reverse("timetable:school_print", args=[place.code]) + f"?{urlencode({'by': lens, 'which': which, 'day': day})}",
    }  # fmt: skip


def _choices(weighed: Weighed | None, lens: str) -> list[tuple[str, str]]:
    if weighed is None:
        return []
    if lens == ROOM:
        return [(room, room) for room in rooms_of(weighed.lessons)]
    if lens == TEACHER:
        names = {str(teacher.id): teacher.name for lesson in weighed.lessons for teacher in lesson.teachers}
        doubles = Counter(names.values())
        found = sorted(names.items(), key=lambda pair: (pair[1], pair[0]))
        return [(key, f"{name}（{key[-4:]}）" if doubles[name] > 1 else name) for key, name in found]
    groups = {lesson.group.id: lesson.group for lesson in weighed.lessons}
    ordered = sorted(groups.values(), key=lambda group: (group.grades, len(group.name), group.name))
    return [(str(group.id), group.name) for group in ordered]


def _chosen(asked: str, choices: list[tuple[str, str]]) -> str:
    known = [value for value, _label in choices]
    return asked if asked in known else next(iter(known), "")


def _page(place: Any, lens: str, which: str, day: Any, desk: Desk, weighed: Weighed | None) -> Any:
    first, last = week_around(day)
    versions = desk.versions([place.id])
    counting = {one.id for n in range(7) if (one := version_on(versions, place.id, first + timedelta(days=n)))}
    known = weighed.lessons if weighed and counting <= {weighed.version_id} else None
    if lens == ROOM:
        return week_page(held_in_room(place, which, first, last, desk=desk, known=known), ROOM)
    if lens == TEACHER:
        return week_page(held_by_teacher([UUID(which)], first, last, school=place, desk=desk), TEACHER)
    return week_page(held_in_class_id(UUID(which), first, last, school=place, desk=desk, known=known), CLASS)


def _clashes(weighed: Weighed | None, lens: str, which: str, place: Any, *, may_edit: bool) -> list[dict[str, str]]:
    """Clashes that touch what is shown, as sentences."""
    if weighed is None:
        return []
    made = []
    for clash in weighed.clashes:
        rows = (clash.first, clash.second)
        touched = {
            CLASS: {str(row.group.id) for row in rows}, ROOM: {row.room for row in rows},
            TEACHER: {str(teacher.id) for row in rows for teacher in row.teachers},
        }  # fmt: skip
        if which in touched[lens]:
            made.append({"title": clash_sentence(clash), "detail": clash_detail(clash)})
    return made


def _planned(weighed: Weighed, class_id: UUID) -> dict[str, Any]:
    """与任课安排核对: subject found / planned."""
    found: Counter[str] = Counter()
    for lesson in weighed.lessons:
        if lesson.group.id == class_id:
            found[lesson.subject] += weekly(lesson.weeks)  # type: ignore[assignment]
    planned = register.planned_periods(class_id)
    lines = []
    for subject in sorted({*found, *planned}, key=lambda code: (-found[code], code)):
        wanted = planned.get(subject)
        agrees = (
            (wanted is None and subject not in planned and not subject.isdigit())
            or wanted == found[subject]
            or (subject in planned and wanted is None)
        )
        text = f"{found[subject]:g}" + (f"/{wanted:g}" if wanted is not None else "")
        lines.append({"label": subject_short(subject), "text": text, "agrees": agrees})
    return {"lines": lines, "agree": sum(line["agrees"] for line in lines), "all": len(lines)}
