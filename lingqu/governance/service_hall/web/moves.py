"""Where cases begin: choosing the child, and for 转学 the new school among those that have a place."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lingqu.foundation.reconciliation import api as reconciliation
from lingqu.foundation.registry import api as registry
from lingqu.foundation.workflow import api as workflow
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.actor import Actor
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from .. import policies, processes, register
from ..selectors import guides, seats
from ..selectors.standing import Standing, standing_of
from ..services import key_data as asking
from ..services.transfers import reasons_against

MOST_SCHOOLS = 200
OF_A_SCHOOL = frozenset({"same_school", "full", "entry_full"})


def _child(actor: Actor, number: str) -> Standing:
    """The child that a guardian chose, the first by default; oneself for a pupil. :class:`Forbidden` for anybody else."""
    wards = policies.wards(actor)
    person = registry.find_person(number) if number else None
    chosen: UUID | None = person.id if person is not None else (wards[0] if wards and not number else None)
    if chosen is None or chosen not in wards:
        raise Forbidden(_("这里由学生本人和法定监护人办理。"))
    return standing_of(chosen)


@require_GET
@signed_in
def begin(request: HttpRequest, service: str) -> HttpResponse:
    """The way to the application of a service: directly for one child, by choosing for several."""
    actor = actor_of(request)
    if service not in processes.KEYS:
        raise NotFound()
    wards, number = policies.wards(actor), request.GET.get("child", "")
    if len(wards) > 1 and not number:
        found = [standing_of(person_id) for person_id in wards]
        context = {
            "guide": guides.get_service(service),
            "found": [one for one in found if one.sits],
            "service": service,
        }
        return render(request, "service_hall/begin.html", context)
    one = _child(actor, number)
    if one.sits is None:
        messages.error(request, _("没有登记在哪所学校就读。"))
        return redirect("service_hall:guide", service)
    if service == "key_data":
        return redirect(f"{reverse('service_hall:key_data')}?{urlencode({'child': one.person.number})}")
    asked = {"at": one.sits.school.code, "about": one.person.number}
    return redirect(f"{reverse('workflow:apply', args=[processes.KEYS[service]])}?{urlencode(asked)}")


@require_http_methods(["GET", "POST"])
@signed_in
def move(request: HttpRequest) -> HttpResponse:
    """转学: the child, the schools of a county with free places in its grade, the reason. A wish that something stands against
    does not begin."""
    actor = actor_of(request)
    given = request.POST if request.method == "POST" else request.GET
    one = _child(actor, given.get("child", ""))
    counties = seats.counties()
    county = _county(counties, given.get("county", ""), one)
    if request.method == "POST":
        with refusals_told(request):
            reason = request.POST.get("reason", "").strip()
            if not reason:
                raise Invalid(_("请填写转学原因。"))
            school = register.get_school(request.POST.get("school", ""))
            case = workflow.start(
                actor=actor, key=processes.TRANSFER, organisation_id=school.id, subject_id=one.person.id,
                fields={**_known(one), "reason": reason[:500]}, title=_("%(name)s 转学") % {"name": one.person.name},
                uploads=[("proof", file) for file in request.FILES.getlist("proof")[:5]],
            )  # fmt: skip
            messages.success(request, _("已提交，编号 %(number)s。") % {"number": case.number})
            return redirect("workflow:case", case.id)
    wards = [standing_of(person_id) for person_id in policies.wards(actor)]
    context = {
        "one": one, "wards": wards, "county": county, "choices": [(found.code, found.name) for found in counties],
        "schools": _schools(county, one), "grade": registry.grade_label(one.grade), "reason": given.get("reason", ""),
        "against": _against(one),
        "child_links": _child_links(wards, one),
    }  # fmt: skip
    return render(request, "service_hall/move.html", context, status=422 if request.method == "POST" else 200)


def _against(one: Standing) -> list[str]:
    """What stands against moving anywhere; whether a school has a place is told with the school."""
    if one.sits is None:
        return [_("没有登记在哪所学校就读。")]
    found = reasons_against(one.person.id, one.sits.school)
    return [reason.text for reason in found if reason.code not in OF_A_SCHOOL]


def _known(one: Standing) -> dict[str, str]:
    """What the register already knows stands in the form (免填)."""
    school = one.sits.school.name if one.sits else ""
    return {
        "pupil": one.person.name, "school": school, "grade": registry.grade_label(one.grade), "class_name": one.class_name,
    }  # fmt: skip


def _county(counties: list[Any], code: str, one: Standing) -> Any | None:
    chosen = next((found for found in counties if found.code == code), None)
    if chosen is not None or one.sits is None:
        return chosen or (counties[0] if counties else None)
    above = register.prefixes(str(one.sits.path))
    return next((found for prefix in above for found in counties if str(found.path) == prefix), None)


def _schools(county: Any | None, one: Standing) -> list[tuple[str, str, bool]]:
    """(code, name, has a place) of the county's schools that have the child's grade, without its own."""
    if county is None:
        return []
    rows = list(register.schools().filter(path__within=str(county.path)).order_by("name_key", "id")[:MOST_SCHOOLS])
    lines = seats.seats_of(rows)
    own = one.sits.school_id if one.sits else None
    return [
        (school.code, school.name, line.free > 0)
        for school in rows
        if school.id != own and school.code
        for line in lines[school.id]
        if line.grade == one.grade
    ]


@require_http_methods(["GET", "POST"])
@signed_in
def key_data(request: HttpRequest) -> HttpResponse:
    """关键数据变更: the child, what is wrong, what it should be, the proof."""
    actor = actor_of(request)
    one = _child(actor, (request.POST or request.GET).get("child", ""))
    given = {name: request.POST.get(name, "")[:500] for name in ("field", "value", "reason")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            case = asking.ask_key_data(
                actor=actor, person_id=one.person.id, **given, proof=request.FILES.getlist("proof")
            )
        except (Invalid, Conflict) as refusal:
            errors = {key: str(told) for key, told in refusal.details.items()} or {"value": refusal.message}
        else:
            messages.success(request, _("已提交，编号 %(number)s。") % {"number": case.number})
            return redirect("workflow:case", case.id)
    wards = [standing_of(person_id) for person_id in policies.wards(actor)]
    context = {
        "one": one, "wards": wards, "given": given, "errors": errors, "choices": [("", "—"), *reconciliation.TicketField.choices],
        "grade": registry.grade_label(one.grade), "child_links": _child_links(wards, one),
    }  # fmt: skip
    return render(request, "service_hall/key_data.html", context, status=422 if errors else 200)


def _child_links(wards: list[Standing], one: Standing) -> list[dict[str, Any]]:
    return [
        {
            "label": found.person.name,
            "href": f"?child={found.person.number}",
            "current": found.person.id == one.person.id,
        }
        for found in wards
    ]
