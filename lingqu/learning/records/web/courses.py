"""Pages of courses: bring one in, start a unit, see how learners get on, waive."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, needs, signed_in
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import Invalid
from lingqu.kernel.onward import let_forms_end_at, origin_of
from lingqu.ui.jinja import render_page

from .. import policies
from ..cmi5 import names
from ..selectors import courses as reading
from ..services import courses, sessions
from ..types import rights


def state_names() -> dict[str, tuple[str, str]]:
    return {
        "passed": (_("通过"), "green"), "failed": (_("未通过"), "coral"), "completed": (_("学完"), "green"),
        "waived": (_("免学"), "sky"), "": (_("未学"), ""),
    }  # fmt: skip


def reasons() -> list[tuple[str, str]]:
    told = (_("测试合格"), _("学过同等单元"), _("有同等经历"), _("管理决定"))
    return list(zip(names.WAIVE_REASONS, told, strict=True))


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    page = reading.list_courses(actor, cursor=request.GET.get("cursor", ""))
    context = {"page": page, "may_add": actor.has(rights.COURSES)}
    return render_page(request, "records/courses.html", context, block="list")


@needs(rights.COURSES)
def add(request: HttpRequest) -> HttpResponse:
    """A form; what breaks a rule of the standard is said with rule and line, and nothing is kept."""
    actor, error = actor_of(request), ""
    if request.method == "POST":
        try:
            place = registry.organisation_at(actor.path)
            uploaded = request.FILES.get("package")
            if place is None or uploaded is None:
                raise Invalid(_("请选择课程包。"))
            made = courses.import_course(actor=actor, organisation=place, uploaded=uploaded)
        except Invalid as refused:
            error = refused.message
        else:
            messages.success(request, _("课程已导入。"))
            return redirect("records:course", made)
    return render(request, "records/course_add.html", {"error": error}, status=422 if error else 200)


@require_GET
@signed_in
def page(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """Units with the reader's own state; for managers also the learners."""
    actor = actor_of(request)
    course = reading.get_course(actor, course_id)
    registration = reading.find_registration(course, actor.person_id)
    units, titles = reading.list_units(course, registration), state_names()
    may_manage = policies.may_manage_course(actor, course)
    learners: Any = ((), [])
    if may_manage:
        learners = reading.list_learners(course, cursor=request.GET.get("cursor", ""))
    context = {
        "course": course, "units": [(one, titles[one.state]) for one in units], "registration": registration,
        "may_learn": policies.may_learn(actor, course), "may_manage": may_manage, "people": learners[1],
        "page": learners[0], "reasons": reasons(), "done": sum(one.is_done for one in units),
        "choices": [(str(one.place), one.title) for one in units],
    }  # fmt: skip
    outside = {origin_of(unit.url) for unit in reading.units_of(course) if unit.is_outside}
    outside |= {origin_of(settings.LINGQU_CONTENT_URL)} if settings.LINGQU_CONTENT_URL else set()
    return let_forms_end_at(render(request, "records/course.html", context), *sorted(outside)[:10])


@require_POST
@signed_in
def launch(request: HttpRequest, course_id: UUID, place: int) -> HttpResponse:
    """The window goes to the unit, which comes back by the address it is given."""
    actor = actor_of(request)
    course = reading.get_course(actor, course_id)
    back = settings.LINGQU_PUBLIC_URL + reverse("records:course", args=[course_id])
    target = sessions.launch(
        actor=actor, course=course, place=place, mode=request.POST.get("mode", names.NORMAL), return_url=back
    )
    answer = HttpResponse(status=303)
    answer["Location"] = target
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@require_POST
@needs(rights.COURSES)
def waive(request: HttpRequest, course_id: UUID, registration_id: UUID) -> HttpResponse:
    reading.get_course(actor_of(request), course_id)
    place = request.POST.get("unit", "")
    with refusals_told(request):
        sessions.waive(
            actor=actor_of(request), registration_id=registration_id, reason=request.POST.get("reason", ""),
            place=int(place) if place.isascii() and place.isdigit() and len(place) < 6 else -1,
        )  # fmt: skip
        messages.success(request, _("已记为免学。"))
    return redirect("records:course", course_id)


@require_POST
@needs(rights.COURSES)
def close(request: HttpRequest, course_id: UUID) -> HttpResponse:
    courses.close_course(actor=actor_of(request), course_id=course_id)
    messages.success(request, _("课程已停用，记录都还在。"))
    return redirect("records:courses")
