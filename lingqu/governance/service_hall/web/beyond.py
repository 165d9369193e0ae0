"""跨省转学: what is under way with other provinces, link by link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.foundation.reconciliation import api as reconciliation
from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Invalid

from .. import policies, register
from ..selectors import beyond as reading
from ..selectors import seats
from ..services import beyond as services
from ..types.beyond import PROVINCES, BeyondState, Direction, Link, next_link, steps_of
from .forms import GRADES

MOST_SCHOOLS = 300
TABS = {"open": gettext_lazy("在途"), "late": gettext_lazy("超期没有进展"), "ended": gettext_lazy("已结束")}


class BeyondForm(forms.Form):
    direction = forms.ChoiceField(
        label=gettext_lazy("转入还是转出"), choices=Direction.choices, widget=forms.RadioSelect
    )
    school = forms.ChoiceField(label=gettext_lazy("本地学校"))
    number = forms.CharField(
        label=gettext_lazy("学生的平台编号"), required=False, max_length=30,
        help_text=gettext_lazy("外省转入、还没有到校的可以不填，填下面的姓名和年级"),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("姓名"), required=False, max_length=60)
    grade = forms.ChoiceField(label=gettext_lazy("年级"), required=False)
    other_province = forms.ChoiceField(
        label=gettext_lazy("外省"), choices=[("", "—"), *((one, one) for one in PROVINCES)]
    )
    other_school = forms.CharField(label=gettext_lazy("外省学校"), max_length=100)
    asked_on = forms.DateField(
        label=gettext_lazy("哪天在国家系统发起"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    serial = forms.CharField(
        label=gettext_lazy("国家系统流水号"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("还没有的以后再登记"),
    )

    def __init__(self, *args: Any, schools: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["school"].choices = schools  # type: ignore[attr-defined]
        grades = [(one, registry.grade_label(one)) for one in GRADES]
        self.fields["grade"].choices = [("", "—"), *grades]  # type: ignore[attr-defined]

    def new(self) -> services.NewBeyond:
        data = self.cleaned_data
        return services.NewBeyond(school_code=data.pop("school"), **data)


@require_GET
@needs(reconciliation.rights.VIEW)
def board(request: HttpRequest) -> HttpResponse:
    actor, view = actor_of(request), request.GET.get("view", "open")
    view = view if view in TABS else "open"
    page = reading.list_beyond(actor, view=view, cursor=request.GET.get("cursor", ""))
    counts = reading.count_beyond(actor)
    context = {
        "page": page.showing(_line(one) for one in page), "view": view, "may_track": actor.has(reconciliation.rights.WORK),
        "tabs": [{"label": label, "href": f"?view={code}", "current": code == view, "count": counts[code]} for code, label in TABS.items()],
    }  # fmt: skip
    return render(request, "service_hall/beyond.html", context)


def _line(row: Any) -> dict[str, Any]:
    waits = next_link(row.links) if row.state == BeyondState.OPEN else ""
    return {
        "row": row, "grade": registry.grade_label(row.grade), "at": Link(waits).label if waits else "",
        "is_late": row.state == BeyondState.OPEN and row.due_on < today(), "done": len(row.links), "of": len(Link),
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@needs(reconciliation.rights.WORK)
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    initial = {"direction": Direction.IN, "asked_on": today(), "number": request.GET.get("number", "")[:30]}
    form = BeyondForm(request.POST or None, schools=_schools(actor), initial=initial)
    if form.is_bound and form.is_valid():
        try:
            made = services.open_beyond(actor=actor, new=form.new())
        except (Invalid, Conflict) as refusal:
            for name, told in (refusal.details or {"": refusal.message}).items():
                form.add_error(name if name in form.fields else None, str(told))
        else:
            messages.success(request, _("已登记跟踪。学籍等国家系统办结以后才变。"))
            return redirect("service_hall:beyond_one", made.id)
    return render(request, "service_hall/beyond_new.html", {"form": form}, status=422 if form.is_bound else 200)


def _schools(actor: Any) -> list[tuple[str, str]]:
    """Schools at which the actor works on 人籍核对; the own one alone for a school."""
    found: dict[str, str] = {}
    for path in actor.paths(reconciliation.rights.WORK):
        rows = register.schools().filter(path__within=path).exclude(code=None).order_by("name_key", "id")
        found |= dict(rows.values_list("code", "name")[:MOST_SCHOOLS])
    return list(found.items())


@require_GET
@needs(reconciliation.rights.VIEW)
def one(request: HttpRequest, beyond_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    row = reading.get_beyond(actor, beyond_id)
    person = (row.person.canonical or row.person) if row.person else None
    context = {
        **_line(row), "steps": steps_of(row.links), "person": person, "is_open": row.state == BeyondState.OPEN,
        "may_track": policies.may_track(actor, str(row.path)) and row.state == BeyondState.OPEN, "today": today(),
        "free": seats.free_at(row.school, row.grade) if row.direction == Direction.IN and person is None else None,
    }  # fmt: skip
    return render(request, "service_hall/beyond_one.html", context)


@require_POST
@needs(reconciliation.rights.WORK)
def progress(request: HttpRequest, beyond_id: UUID) -> HttpResponse:
    """Days and serial number as the national system shows them."""
    field = forms.DateField(required=False)
    with refusals_told(request):
        days = {}
        for link in Link:
            try:
                days[link.value] = field.clean(request.POST.get(link.value, ""))
            except forms.ValidationError:
                raise Invalid(_("“%(name)s”的日期没有读懂。") % {"name": link.label}) from None
        services.note_progress(
            actor=actor_of(request), beyond_id=beyond_id, links=days, serial=request.POST.get("serial", ""),
            number=request.POST.get("number", "")[:30],
        )  # fmt: skip
        messages.success(request, _("已保存。"))
    return redirect(reverse("service_hall:beyond_one", args=[beyond_id]))


@require_POST
@needs(reconciliation.rights.WORK)
def end(request: HttpRequest, beyond_id: UUID) -> HttpResponse:
    with refusals_told(request):
        services.end_beyond(
            actor=actor_of(request),
            beyond_id=beyond_id,
            done="done" in request.POST,
            ending=request.POST.get("ending", ""),
        )
        messages.success(request, _("已结束跟踪。"))
    return redirect("service_hall:beyond_one", beyond_id)
