"""Asking for leave on a phone: a parent for a child, a teacher for oneself; with what was asked before."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from lingqu.foundation.registry import api as registry
from lingqu.foundation.workflow import api as workflow
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from .. import register
from ..selectors.absences import list_of_person
from ..selectors.rules import online_at, rules_at
from ..services import asking
from ..types.processes import PARTS, PUPIL_KEY, STAFF_KEY
from ..types.values import NewAbsence
from ..types.words import Audience, Symptom, Way
from .forms import DAY, told
from .presenting import line


class AskForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("假别"))
    symptoms = forms.MultipleChoiceField(
        label=gettext_lazy("症状"), required=False, choices=Symptom.choices, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("病假才填，用于因病缺勤统计"),
    )  # fmt: skip
    starts_on = forms.DateField(label=pgettext_lazy("请假", "从"), widget=DAY)
    ends_on = forms.DateField(label=pgettext_lazy("请假", "到"), widget=DAY)
    part = forms.ChoiceField(label=gettext_lazy("一天以内"), required=False, choices=PARTS)
    reason = forms.CharField(label=gettext_lazy("事由"), required=False, max_length=200)

    def __init__(self, *args: Any, rules: Any, with_symptoms: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["kind"].choices = [(one.code, one.name) for one in rules.kinds]
        fields["part"].choices = [("whole", _("全天")), ("morning", _("只上午")), ("afternoon", _("只下午"))]
        if not with_symptoms:
            del fields["symptoms"]

    def new(self, **who: Any) -> NewAbsence:
        data = self.cleaned_data
        starts_at, ends_at = asking.read_part(data["part"])
        return NewAbsence(
            kind=data["kind"], starts_on=data["starts_on"], ends_on=data["ends_on"], starts_at=starts_at, ends_at=ends_at,
            reason=data["reason"], symptoms=data.get("symptoms", ()), way=Way.ONLINE, **who,
        )  # fmt: skip


@signed_in
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    who, school, context = _family(request) if actor.role == "guardian" else _staff(request)
    form: AskForm | None = None
    online = online_at(str(school.path)) if who is not None else None
    if who is not None and online is not None and online.is_on:
        form = AskForm(
            request.POST or None, rules=rules_at(str(school.path), who["audience"]),
            with_symptoms=who["audience"] == Audience.PUPIL,
            initial={"starts_on": today(), "ends_on": today(), "part": "whole"},
        )  # fmt: skip
    elif request.method == "POST":
        raise NotFound()
    if form is not None and form.is_bound and form.is_valid():
        try:
            case = asking.ask(actor=actor, new=form.new(**(who or {})))
        except (Invalid, Conflict) as refusal:
            told(form, refusal)
        else:
            messages.success(request, _("已提交，批准后会自动登记。"))
            return redirect("workflow:case", case)
    rows = list_of_person(registry.ids_of(who["person_id"]), who["audience"]) if who else ()
    cases = [
        one for one in workflow.list_own(actor, limit=10) if one.ended_at is None and one.process == context["process"]
    ]
    context |= {"form": form, "online": online, "school": school, "lines": [line(one) for one in rows], "cases": cases}
    return render(request, "office/ask.html", context, status=422 if form is not None and form.is_bound else 200)


def _family(request: HttpRequest) -> tuple[dict[str, Any] | None, Any, dict[str, Any]]:
    """A child of the actor's own, by number; 代办人 have none here."""
    actor, wanted = actor_of(request), request.GET.get("child", "")
    children = [one.pupil for one in registry.list_children(actor) if not one.is_proxy and one.pupil.class_id]
    chosen = next((one for one in children if not wanted or one.person.number == wanted), None)
    if wanted and chosen is None:
        raise Forbidden()
    context = {
        "children": [(one.person.number, one.person.name) for one in children], "key": PUPIL_KEY, "process": "学生请假",
        "child": chosen.person.number if chosen else "", "name": chosen.person.name if chosen else "",
        "place": chosen.class_name if chosen else "",
    }  # fmt: skip
    if chosen is None or chosen.class_id is None:
        return None, None, context
    school = register.get_class(chosen.class_id).school
    who = {"audience": Audience.PUPIL, "person_id": chosen.person.id, "class_id": chosen.class_id}
    return who, school, context


def _staff(request: HttpRequest) -> tuple[dict[str, Any] | None, Any, dict[str, Any]]:
    """The actor at the school of the chosen role."""
    actor = actor_of(request)
    place = register.organisations().filter(path=actor.path).first() if actor.path else None
    context = {"children": [], "key": STAFF_KEY, "process": "教师请假", "child": "", "name": actor.name, "place": ""}
    works = (
        place is not None and place.kind in register.SCHOOL_KINDS and actor.person_id is not None
        and register.works_at(registry.ids_of(actor.person_id), place.id)
    )  # fmt: skip
    if not works or place is None:
        return None, None, context
    return (
        {"audience": Audience.STAFF, "person_id": actor.person_id, "school_id": place.id},
        place,
        context | {"place": place.name},
    )
