"""My week: a teacher's own lessons, a pupil's or a child's class; a class's week by its address; printed on A4 landscape."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, needs, signed_in
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from .. import policies, register
from ..selectors.calendars import Desk
from ..selectors.families import seats_of, seats_of_wards
from ..selectors.showing import CLASS, TEACHER, week_page
from ..selectors.weeks import held_by_teacher, held_in_class, week_around
from ..types import rights
from .presenting import asked_day, grid_of, week_links

FAMILY = ("student", "guardian")


@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    return render(request, "timetable/mine.html", _mine(request))


@signed_in
def print_mine(request: HttpRequest) -> HttpResponse:
    return render(request, "timetable/week_print.html", _mine(request))


def _mine(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    if actor.role in FAMILY:
        return _family(request, actor)
    ids = registry.ids_of(actor.person_id) if actor.person_id else ()
    day = asked_day(request)
    first, last = week_around(day)
    place = register.organisations().filter(path=actor.path).first() if actor.path else None
    school = place if place is not None and place.kind in register.SCHOOL_KINDS else None
    page = week_page(held_by_teacher(ids, first, last, school=school), TEACHER) if ids else None
    return _context(request, actor, page, title=_("我的课表"), path=str(school.path) if school else "", school=school)


def _family(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """The class of the pupil, or of one of the guardian's children."""
    ids = registry.ids_of(actor.person_id) if actor.person_id else ()
    is_guardian, wanted = actor.role == "guardian", request.GET.get("child", "")
    seats = seats_of_wards(ids) if is_guardian else seats_of(ids)
    seat = next((one for one in seats if not wanted or one.number == wanted), None)
    if wanted and seat is None:
        raise Forbidden()
    if seat is None:
        return _context(request, actor, None, title=_("课表"), path="", school=None)
    group = seat.group
    page = week_page(held_in_class(group, *week_around(asked_day(request))), CLASS)
    context = _context(
        request, actor, page, title=_("%(name)s课表") % {"name": group.name}, path=str(group.school.path), school=group.school,
        child=seat.number if is_guardian else "",
    )  # fmt: skip
    children = [(one.number, one.name) for one in seats] if is_guardian else []
    return {**context, "children": children, "child": seat.number, "class_id": group.id}


def _context(
    request: HttpRequest, actor: Actor, page: Any, *, title: str, path: str, school: Any, child: str = "",
    class_id: UUID | None = None, base: str = "",
) -> dict[str, Any]:  # fmt: skip
    day = asked_day(request)
    base = base or reverse("timetable:mine")
    here = f"{base}?{urlencode({'child': child})}&" if child else f"{base}?"
    calendar = Desk().calendar(path or actor.path or str(getattr(registry.root_organisation(), "path", "")))
    return {
        "title": title, "page": page, "grid": grid_of(page) if page else None, "week": week_links(calendar, day, here), "day": day,
        "school": school, "children": [], "child": child, "class_id": class_id, "back": f"{here}day={day}",
        "print_url": f"{base}/print?{urlencode({'day': day, **({'child': child} if child else {})})}",
        "may_follow": actor.person_id is not None,
    }  # fmt: skip


def _class(request: HttpRequest, class_id: UUID) -> dict[str, Any]:
    actor, group = actor_of(request), register.get_class(class_id)
    if not policies.may_see_class(actor, group.id, str(group.school.path)):
        raise Forbidden()
    page = week_page(held_in_class(group, *week_around(asked_day(request))), CLASS)
    return _context(
        request, actor, page, title=_("%(name)s课表") % {"name": group.name}, path=str(group.school.path), school=group.school,
        class_id=group.id, base=reverse("timetable:class", args=[group.id]),
    )  # fmt: skip


@needs(rights.VIEW)
def class_week(request: HttpRequest, class_id: UUID) -> HttpResponse:
    return render(request, "timetable/mine.html", _class(request, class_id))


@needs(rights.VIEW)
def print_class(request: HttpRequest, class_id: UUID) -> HttpResponse:
    return render(request, "timetable/week_print.html", _class(request, class_id))
