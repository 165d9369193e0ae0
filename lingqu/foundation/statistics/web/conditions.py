"""School conditions of a year: a form, a paste, the rooms."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import Invalid

from ..selectors import conditions as reading
from ..services import conditions as services
from ..types import rights
from ..types.words import ConditionItem, RoomKind


@require_http_methods(["GET", "POST"])
@needs(rights.CONDITIONS_VIEW)
def conditions(request: HttpRequest, code: str) -> HttpResponse:
    actor = actor_of(request)
    school = reading.get_school(actor=actor, code=code)
    current = registry.school_year_of(clock.today())
    year = request.GET.get("year", "") or current
    refusal: Invalid | None = None
    if request.method == "POST":
        try:
            made = services.save_conditions(
                actor=actor, school_code=code, year=year, typed=request.POST.dict(), pasted=request.POST.get("pasted", "")[:20_000],
                rooms=request.POST.get("rooms", "")[:200_000],
            )  # fmt: skip
        except Invalid as told:
            refusal = told
        else:
            messages.success(request, _("已保存为第 %(n)d 版。") % {"n": made.version})
            return redirect(f"{reverse('statistics:conditions', args=[code])}?year={made.year}")
    held = reading.find_conditions(school.id, year)
    begun = held or reading.find_before(school.id, year)
    rooms = reading.rooms_of(begun)
    kinds = dict(RoomKind.choices)
    text = "\n".join("\t".join([one.name, str(kinds[one.kind]), str(one.seats or ""), one.building]) for one in rooms)
    values = begun.values if begun else {}
    given = request.POST if refusal else {item.value: values.get(item.value, "") for item in ConditionItem}
    years = [f"{int(current[:4]) - back}-{int(current[:4]) - back + 1}" for back in range(3)]
    context = {
        "school": school, "year": year, "years": years, "held": held, "begun": begun, "items": list(ConditionItem), "given": given,
        "values": values, "rooms": rooms, "rooms_text": request.POST.get("rooms", "") if refusal else text, "kinds": kinds,
        "pasted": request.POST.get("pasted", "") if refusal else "", "errors": refusal.details if refusal else {},
        "refusal": refusal, "may_edit": actor.holds(rights.CONDITIONS_EDIT, str(school.path)),
        "room_names": [str(kind.label) for kind in RoomKind], "today_year": current,
    }  # fmt: skip
    return render(request, "statistics/conditions.html", context, status=422 if refusal else 200)
