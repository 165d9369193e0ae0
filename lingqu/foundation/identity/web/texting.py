"""SMS: templates of the service, budgets of places and their use."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import Invalid

from .. import policies, register
from ..selectors import texting as reading
from ..services import texting
from ..types import rights
from ..types.words import TemplateState


@needs(rights.SMS_MANAGE)
@require_http_methods(["GET", "POST"])
def templates(request: HttpRequest) -> HttpResponse:
    """Every kind of SMS with its template; what failed lately."""
    actor, status = actor_of(request), 200
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        try:
            texting.save_template(
                actor=actor, kind=kind, code=request.POST.get("code", ""), sign_name=request.POST.get("sign_name", ""),
                state=request.POST.get("state", ""),
            )  # fmt: skip
        except Invalid as refusal:
            messages.error(request, refusal.message)
            status = 422
        else:
            messages.success(request, _("模板已保存。"))
            return redirect("identity:sms_templates")
    shown = {
        "rows": reading.list_templates(actor=actor), "failures": reading.list_failures(actor=actor),
        "states": TemplateState.choices,
    }  # fmt: skip
    return render(request, "identity/sms_templates.html", shown, status=status)


@needs(rights.ACCOUNT_VIEW, rights.SMS_BUDGET)
@require_http_methods(["GET", "POST"])
def budget(request: HttpRequest, code: str) -> HttpResponse:
    """A place's number of SMS and what it used; who stands above sets it."""
    actor, place = actor_of(request), register.get_organisation(code)
    use, errors = reading.list_use(actor=actor, organisation=place), {}
    if request.method == "POST":
        typed = request.POST.get("monthly", "").strip()
        try:
            texting.set_budget(
                actor=actor, organisation=place, monthly=_number(typed), stopped=request.POST.get("stopped") == "on"
            )
        except Invalid as refusal:
            errors = {name: str(text) for name, text in refusal.details.items()}
        else:
            messages.success(request, _("已保存，马上生效。"))
            return redirect("identity:sms_budget", code)
    may_set = policies.may_set_sms_budget(actor, place)
    shown = {
        "place": place, "use": use, "used": reading.used_this_month(place), "budget": reading.budget_of(place.id),
        "may_set": may_set, "errors": errors, "typed": request.POST.get("monthly"),
        "below": reading.list_below(actor=actor, organisation=place) if may_set else (),
    }  # fmt: skip
    return render(request, "identity/sms_budget.html", shown, status=422 if errors else 200)


def _number(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 9:
        told = _("请填写一个整数，或留空。")
        raise Invalid(told, code="not_a_number", details={"monthly": told})
    return int(text)
