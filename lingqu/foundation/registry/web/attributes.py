"""Recording pupil attributes: a drawer for one pupil, a tick list for a class."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import require
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Invalid

from ..selectors import classes
from ..selectors import person as persons
from ..selectors import pupil_attributes as reading
from ..services import attributes as services
from ..types import rights
from ..types.attributes import SENSITIVE, VALUES, AttributeKind, AttributeWish
from .acting import act
from .people import PURPOSES, current_purpose, state_purpose
from .write_forms import day_field


def _choices() -> list[tuple[str, str]]:
    made = []
    for kind in AttributeKind:
        values = VALUES.get(kind, {})
        made += [(f"{kind.value}:{code}", f"{kind.label} · {label}") for code, label in values.items()]
        if not values:
            made.append((f"{kind.value}:", str(kind.label)))
    return made


class AttributeForm(forms.Form):
    """One attribute of one pupil: it begins or it ends."""

    what = forms.ChoiceField(label=gettext_lazy("属性"), choices=_choices)
    state = forms.ChoiceField(
        label=gettext_lazy("登记"),
        choices=[("on", gettext_lazy("从这一天起是")), ("off", gettext_lazy("从这一天起不再是"))],
    )
    on = day_field(gettext_lazy("日期"))
    source = forms.CharField(label=gettext_lazy("依据"), max_length=200, help_text=gettext_lazy("证件、证明或家长申请"))
    note = forms.CharField(label=gettext_lazy("备注"), max_length=200, required=False)


@needs(rights.ATTRIBUTE_EDIT)
def record(request: HttpRequest, number: str) -> HttpResponse:
    actor = actor_of(request)
    found, standing = persons.get_person(actor, number)
    require(standing.may_edit_attributes)
    kind = request.GET.get("kind", "")

    def write(values: dict[str, Any]) -> None:
        kind, _colon, value = values["what"].partition(":")
        wish = AttributeWish(person_id=found.id, is_on=values["state"] == "on", value=value, note=values["note"])
        services.record_attributes(actor=actor, kind=kind, wishes=(wish,), on=values["on"], source=values["source"])

    form = AttributeForm(
        request.POST or None, initial={"what": next((c for c, _l in _choices() if c.startswith(f"{kind}:")), "")}
    )
    return act(
        request, form, write=write, title=_("登记属性：%(name)s") % {"name": found.name}, done=_("已登记，历史保留。"),
        sub=_("住宿和送教上门写入就读，其他属性单独留存"), back=reverse("registry:person", args=[found.number]),
    )  # fmt: skip


@needs(rights.ATTRIBUTE_EDIT)
def class_ticks(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """One kind for a whole class; a sensitive kind opens after a purpose was stated."""
    actor = actor_of(request)
    group = classes.get_class(actor, class_id)
    require(reading.may_edit_in_class(actor, group))
    kind = request.GET.get("kind", "")
    kind = kind if kind in AttributeKind.values else AttributeKind.MIGRANT
    here = f"{request.path}?kind={kind}"
    if request.method == "POST" and request.POST.get("action") == "purpose":
        state_purpose(request)
        return redirect(here)
    purpose = current_purpose(request)
    actor = replace(actor, purpose=purpose)
    is_closed = kind in SENSITIVE and not purpose
    rows = () if is_closed else reading.list_ticks(actor, group, kind)
    refusal = None
    if request.method == "POST" and not is_closed:
        wishes = [
            AttributeWish(
                person_id=row.person_id, is_on=str(row.person_id) in request.POST.getlist("on"),
                value=request.POST.get(f"value-{row.person_id}", "") if str(row.person_id) in request.POST.getlist("on") else "",
            )
            for row in rows
        ]  # fmt: skip
        try:
            form = TicksForm(request.POST)
            day = form.cleaned_data["day"] if form.is_valid() else today()
            changed = services.record_attributes(
                actor=actor, kind=kind, wishes=wishes, on=day, source=request.POST.get("source", "")
            )
        except Invalid as problem:
            refusal = problem
        else:
            messages.success(request, _("已登记，%(n)d 人有变化。") % {"n": changed})
            return redirect(here)
    context = {
        "group": group, "kind": kind, "kind_label": reading.word(kind), "rows": rows, "is_closed": is_closed,
        "purposes": PURPOSES, "refusal": refusal, "values": list(VALUES.get(AttributeKind(kind), {}).items()),
        "day": today(), "source": request.POST.get("source", ""),
        "kinds": [
            {"label": label, "href": f"{request.path}?kind={code}", "current": code == kind}
            for code, label in AttributeKind.choices
        ],
    }  # fmt: skip
    response = render(request, "registry/class_attributes.html", context, status=422 if refusal else 200)
    response["Cache-Control"] = "no-store"
    return response


class TicksForm(forms.Form):
    day = day_field(gettext_lazy("日期"))
