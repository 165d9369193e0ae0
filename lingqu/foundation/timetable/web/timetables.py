"""The timetable of a school in a week: by class, teacher or room; its clashes; what agrees with 任课."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import Forbidden

from .. import policies, register
from ..models import Timetable
from ..selectors.calendars import Desk
from ..selectors.checks import Checked, check_version, weekly
from ..selectors.lessons import subject_short
from ..selectors.showing import CLASS, ROOM, TEACHER, rooms_of, week_page
from ..selectors.weeks import held_by_teacher, held_in_class, held_in_room, week_around
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
    checked = _checked(version.id, day) if version else None
    lens = request.GET.get("by", CLASS)
    lens = lens if lens in (CLASS, TEACHER, ROOM) else CLASS
    choices = _choices(checked, lens)
    which = _chosen(request.GET.get("which", ""), choices)
    base = reverse("timetable:school", args=[place.code])
    here = f"{base}?{urlencode({'by': lens, 'which': which})}&"
    page = _page(place, lens, which, day) if which else None
    may_edit = policies.may_edit_school(actor, str(place.path))

    def href(one: Entry) -> str:
        query = urlencode({"day": one.occurrence.day, "back": f"{here}day={day}"})
        return f"{reverse('timetable:arrange', args=[place.code, one.occurrence.lesson.id])}?{query}"

    clashing = checked.clashing_ids if checked else ()
    name = dict(choices).get(which, "")
    return {
        "school": place, "lens": lens, "which": which, "choices": choices, "name": name, "base": base, "page": page,
        "grid": grid_of(page, href=href if may_edit else None, clashing=clashing) if page else None, "may_edit": may_edit,
        "week": week_links(calendar, day, here), "clashes": _clashes(checked, lens, which, place, may_edit=may_edit),
        "clash_count": len(checked.clashes) if checked else 0, "planned": _planned(checked, which) if lens == CLASS else None,
        "drafts": Timetable.objects.filter(school=place, state=TimetableState.DRAFT).exists() if may_edit else False,
        "day": day, "title": _("%(name)s课表") % {"name": name} if name else _("课表"), "back": f"{here}day={day}",
        "print_url": reverse("timetable:school_print", args=[place.code]) + f"?{urlencode({'by': lens, 'which': which, 'day': day})}",
    }  # fmt: skip


def _checked(version_id: UUID, day: Any) -> Checked:
    return check_version(Timetable.objects.select_related("school", "term").get(id=version_id), day)


def _choices(checked: Checked | None, lens: str) -> list[tuple[str, str]]:
    if checked is None:
        return []
    if lens == ROOM:
        return [(room, room) for room in rooms_of(checked.lessons)]
    if lens == TEACHER:
        names = {str(teacher.id): teacher.name for lesson in checked.lessons for teacher in lesson.teachers}
        doubles = Counter(names.values())
        found = sorted(names.items(), key=lambda pair: (pair[1], pair[0]))
        return [(key, f"{name}（{key[-4:]}）" if doubles[name] > 1 else name) for key, name in found]
    groups = {lesson.group.id: lesson.group for lesson in checked.lessons}
    ordered = sorted(groups.values(), key=lambda group: (group.grades, len(group.name), group.name))
    return [(str(group.id), group.name) for group in ordered]


def _chosen(asked: str, choices: list[tuple[str, str]]) -> str:
    known = [value for value, _label in choices]
    return asked if asked in known else next(iter(known), "")


def _page(place: Any, lens: str, which: str, day: Any) -> Any:
    first, last = week_around(day)
    if lens == ROOM:
        return week_page(held_in_room(place, which, first, last), ROOM)
    if lens == TEACHER:
        return week_page(held_by_teacher([UUID(which)], first, last, school=place), TEACHER)
    group = register.get_class(UUID(which))
    if group.school_id != place.id:
        raise Forbidden()
    return week_page(held_in_class(group, first, last), CLASS)


def _clashes(checked: Checked | None, lens: str, which: str, place: Any, *, may_edit: bool) -> list[dict[str, str]]:
    """Clashes that touch what is shown, as sentences."""
    if checked is None:
        return []
    made = []
    for clash in checked.clashes:
        rows = (clash.first, clash.second)
        touched = {
            CLASS: {str(row.group.id) for row in rows}, ROOM: {row.room for row in rows},
            TEACHER: {str(teacher.id) for row in rows for teacher in row.teachers},
        }  # fmt: skip
        if which in touched[lens]:
            made.append({"title": clash_sentence(clash), "detail": clash_detail(clash)})
    return made


def _planned(checked: Checked | None, which: str) -> dict[str, Any] | None:
    """与任课安排核对: subject found / planned."""
    if checked is None or not which:
        return None
    class_id = UUID(which)
    found: Counter[str] = Counter()
    for lesson in checked.lessons:
        if lesson.group.id == class_id:
            found[lesson.subject] += weekly(lesson.weeks)  # type: ignore[assignment]
    planned: dict[str, float | None] = {}
    for (group_id, subject), taught in checked.context.taught.items():
        if group_id == class_id:
            sums = [one.periods for one in taught if one.periods is not None]
            planned[subject] = sum(sums) if sums else None
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
