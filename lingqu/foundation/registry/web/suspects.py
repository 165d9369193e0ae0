"""Records that may be one person: the list, two of them side by side, the decision."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import Conflict, Invalid

from ..selectors import suspects as reading
from ..services import merging
from ..types import rights
from ..types.words import SuspectState
from .write_forms import reason_field


class DecisionForm(forms.Form):
    """``decision``: ``first`` or ``second`` is kept, or ``apart``."""

    decision = forms.ChoiceField(choices=(("first", ""), ("second", ""), ("apart", "")))
    reason = reason_field()


@needs(rights.PERSON_EDIT)
def suspects(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    state = request.GET.get("state", "")
    state = state if state in SuspectState.values else SuspectState.OPEN
    page = reading.list_suspects(actor, state, cursor=request.GET.get("cursor", ""))
    context = {"page": page, "state": state, "states": SuspectState.choices}
    return render(request, "registry/suspects.html", context)


@needs(rights.PERSON_EDIT)
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Look for pairs below the actor's places, in the background."""
    merging.order_search(actor=actor_of(request))
    messages.success(request, _("正在查找，稍后刷新本页。"))
    return redirect("registry:suspects")


@needs(rights.PERSON_EDIT)
def suspect(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Two records side by side; POST decides."""
    actor = actor_of(request)
    found = reading.get_comparison(actor, pair_id)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        first, second, reason = found.pair.first_id, found.pair.second_id, form.cleaned_data["reason"]
        decision = form.cleaned_data["decision"]
        try:
            if decision == "apart":
                merging.keep_apart(actor=actor, first_id=first, second_id=second, reason=reason)
                messages.success(request, _("已认定不是同一人，不再提示。"))
            else:
                kept, merged = (first, second) if decision == "first" else (second, first)
                merging.merge_people(actor=actor, kept_id=kept, merged_id=merged, reason=reason)
                messages.success(request, _("已合并，可以随时撤销。"))
        except (Conflict, Invalid) as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("registry:suspects")
    context = {"found": found, "form": form}
    return render(request, "registry/suspect.html", context, status=422 if form.is_bound else 200)
