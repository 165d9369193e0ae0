"""Rules of a place: what counts, since when, on what ground; one form for each kind."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Invalid, NotFound

from .. import policies, register
from ..selectors import guides
from ..selectors import rules as reading
from ..services import rules as services
from ..types import rights
from ..types.rules import RuleKind, read
from ..wording import lines_of
from .forms import FORMS, GuideForm, initial_of


@require_GET
@needs(rights.RULES_SET)
def rules(request: HttpRequest, code: str) -> HttpResponse:
    office = register.get_office(code)
    policies.require_rules(actor_of(request), office)
    stated = reading.list_stated(str(office.path))
    context = {
        "office": office, "stated": [(one, lines_of(one.rule)) for one in stated], "kinds": dict(RuleKind.choices),
        "guides": guides.all_guides(),
    }  # fmt: skip
    return render(request, "service_hall/rules.html", context)


@require_http_methods(["GET", "POST"])
@needs(rights.RULES_SET)
def edit(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    office, actor = register.get_office(code), actor_of(request)
    policies.require_rules(actor, office)
    if kind not in FORMS:
        raise NotFound()
    stated = reading.rule_at(str(office.path), kind)
    begun = {**initial_of(kind, stated.values), "source": stated.source, "valid_from": today()}
    form = FORMS[kind](request.POST or None, initial=begun)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.set_rule(
                actor=actor, organisation_code=code, kind=kind, values=form.values(), source=data["source"],
                valid_from=data["valid_from"],
            )  # fmt: skip
        except Invalid as refusal:
            known = [name for name in refusal.details if name in form.fields]
            form.add_error(known[0] if known else None, refusal.message)
        else:
            messages.success(request, _("已保存。"))
            return redirect("service_hall:rules", code)
    names = [name for name in form.fields if name not in ("source", "valid_from")]
    context = {
        "office": office, "form": form, "names": names, "kind_label": dict(RuleKind.choices)[kind], "stated": stated,
        "versions": [(one, lines_of(read(kind, one.values))) for one in reading.list_versions(office, kind)],
    }  # fmt: skip
    return render(request, "service_hall/rule_edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(rights.RULES_SET)
def guide(request: HttpRequest, code: str, service: str) -> HttpResponse:
    """What the office adds to the guide of a service."""
    office, actor = register.get_office(code), actor_of(request)
    policies.require_rules(actor, office)
    found, contact = guides.guide_at(service, str(office.path))
    lines = [f"{one.name} 免提交" if one.spared else one.name for one in found.materials]
    begun = {"contact": contact, "days": found.days or None, "materials": "\n".join(lines)}
    form = GuideForm(request.POST or None, initial=begun)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        services.set_guide(
            actor=actor, organisation_code=code, service=service, contact=data["contact"], days=data["days"],
            materials=form.listed(),
        )  # fmt: skip
        messages.success(request, _("已保存。"))
        return redirect("service_hall:rules", code)
    context = {"office": office, "form": form, "guide": found}
    return render(request, "service_hall/guide_edit.html", context, status=422 if form.errors else 200)
