"""Leave of pupils: a class's register with recording in one form, and who of a school is away today."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies, register
from ..selectors import absences as selectors
from ..selectors.rules import rules_at
from ..services import absences as services
from ..types import rights
from ..types.words import Audience, Symptom
from .forms import PupilLeaveForm, told
from .presenting import line, read_day

SHOWN = timedelta(days=60)


@needs(rights.PUPIL_VIEW)
@require_http_methods(["GET", "POST"])
def of_class(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """Teachers of the class see who is away; who keeps its leave sees why, records and ends it."""
    actor, group = actor_of(request), register.get_class(class_id)
    path = str(group.school.path)
    if not policies.may_see_class(actor, group.id, path):
        raise Forbidden()
    may_record = policies.may_record_class(actor, group.id, path)
    form: PupilLeaveForm | None = None
    if may_record:
        form = PupilLeaveForm(
            request.POST or None, group=group, rules=rules_at(path, Audience.PUPIL), school=group.school,
            initial={"starts_on": today(), "ends_on": today(), "way": "phone"},
        )  # fmt: skip
    elif request.method == "POST":
        raise Forbidden()
    if form is not None and form.is_bound and form.is_valid():
        try:
            services.record_absence(actor=actor, new=form.new())
        except (Invalid, Conflict) as refusal:
            told(form, refusal)
        else:
            messages.success(request, _("已登记请假。"))
            return redirect("office:class", group.id)
    away = selectors.list_on_leave(group.id, today())
    rows = selectors.list_class_absences(actor, group, today() - SHOWN) if may_record else ()
    lines = [line(one, with_reason=True) for one in rows]
    context: dict[str, Any] = {
        "group": group, "school": group.school, "form": form, "away": away, "today": today(),
        "lines": lines, "may_record": may_record, "may_school": policies.may_record_at_school(actor, path),
    }  # fmt: skip
    return render(request, "office/class.html", context, status=422 if form is not None and form.is_bound else 200)


@needs(rights.PUPIL_RECORD)
def of_school(request: HttpRequest, code: str) -> HttpResponse:
    """Who of the school is on leave on a day, and which symptoms how often in which class."""
    actor, school = actor_of(request), register.get_school(code)
    day = read_day(request.GET.get("day", "")) or today()
    rows = selectors.list_school_pupils(actor, school, day)
    symptoms: Counter[tuple[str, str]] = Counter()
    for row in rows:
        name = row.class_group.name if row.class_group else ""
        symptoms.update((name, str(Symptom(one).label)) for one in row.symptoms if one in Symptom.values)
    context = {
        "school": school, "day": day, "lines": [{**line(one), "group": one.class_group} for one in rows],
        "symptoms": [(name, label, n) for (name, label), n in symptoms.most_common() if n > 1],
        "previous": day - timedelta(days=1), "next": day + timedelta(days=1), "is_today": day == today(),
        "may_set_rules": policies.may_set_rules(actor, str(school.path)),
    }  # fmt: skip
    return render(request, "office/pupils.html", context)
