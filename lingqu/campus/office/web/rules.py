"""Kinds of leave and limits of a school or an office."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import Invalid

from .. import policies, register
from ..selectors.rules import online_at, rules_at
from ..services import asking
from ..services import rules as services
from ..types import rights
from ..types.values import Kind, Rules
from ..types.words import Audience
from .forms import told

LINE = re.compile(r"(?P<name>[^\s,，;；]{1,12})(?:\s+(?P<quota>\d{1,3}(?:\.5)?)\s*天)?(?P<ill>\s+病)?")


class RulesForm(forms.Form):
    first = forms.DecimalField(
        label=gettext_lazy("第一步可批（天）"), max_digits=4, decimal_places=1, min_value=Decimal("0.5")
    )
    second = forms.DecimalField(
        label=gettext_lazy("第二步可批（天）"), max_digits=4, decimal_places=1, min_value=Decimal("0.5")
    )
    kinds = forms.CharField(
        label=gettext_lazy("假别"), widget=forms.Textarea, max_length=800,
        help_text=gettext_lazy("一行一种。例如 事假 10 天，表示每学年额度；病假后面写“病”，登记时问症状"),
    )  # fmt: skip


@needs(rights.RULES)
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest, code: str) -> HttpResponse:
    actor, place = actor_of(request), register.get_organisation(code)
    policies.require_rules(actor, place)
    wanted = request.POST.get("audience") or request.GET.get("audience", "")
    audience = Audience.STAFF if wanted == Audience.STAFF else Audience.PUPIL
    current = rules_at(str(place.path), audience)
    form = RulesForm(request.POST if "save" in request.POST else None, initial=_initial(current))
    here = f"{reverse('office:rules', args=[code])}?audience={audience}"
    if "unset" in request.POST:
        services.unset_rules(actor=actor, organisation=place, audience=audience)
        messages.success(request, _("已改为按上级的设置。"))
        return redirect(here)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            kinds = read_kinds(data["kinds"], current)
            services.set_rules(
                actor=actor,
                organisation=place,
                audience=audience,
                first=data["first"],
                second=data["second"],
                kinds=kinds,
            )
        except Invalid as refusal:
            told(form, refusal)
        else:
            messages.success(request, _("已保存，马上生效。"))
            return redirect(here)
    context: dict[str, Any] = {
        "place": place, "form": form, "online": online_at(str(place.path)), "rules": current, "audience": audience, "is_own": current.organisation_id == place.id,
        "choices": [
            {"label": one.label, "href": f"{reverse('office:rules', args=[code])}?audience={one}", "current": one == audience}
            for one in Audience
        ],
        "steps": (_("班主任"), _("年级组长"), _("德育处")) if audience == Audience.PUPIL else (_("年级组长"), _("教务处"), _("校长")),
    }  # fmt: skip
    return render(request, "office/rules.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(rights.RULES)
def online(request: HttpRequest, code: str) -> HttpResponse:
    """Whether leave can be asked for online here and below."""
    place, is_on = register.get_organisation(code), "off" not in request.POST
    with refusals_told(request):
        asking.offer(actor=actor_of(request), organisation=place, is_on=is_on, reason=request.POST.get("reason", ""))
        messages.success(
            request, _("已启用网上请假，家长和教师马上可以用。") if is_on else _("已停用网上请假，已经提交的照常批完。")
        )
    return redirect("office:rules", code)


def _initial(current: Rules) -> dict[str, str]:
    return {
        "first": f"{current.first:g}", "second": f"{current.second:g}", "kinds": "\n".join(map(write_kind, current.kinds)),
    }  # fmt: skip


def write_kind(kind: Kind) -> str:
    quota = f" {kind.quota:g} 天" if kind.quota is not None else ""
    return f"{kind.name}{quota}{' 病' if kind.is_illness else ''}"


def read_kinds(text: str, current: Rules) -> list[Kind]:
    """Kinds as lines; a name that was there keeps its code. Raises :class:`Invalid` with the line."""
    known = {kind.name: kind.code for kind in current.kinds}
    made = []
    for number, raw in enumerate(text.splitlines(), start=1):
        if not raw.strip():
            continue
        match = LINE.fullmatch(raw.strip())
        sentence = _("第 %(n)d 行看不懂，写成“事假 10 天”的样子。") % {"n": number}
        if match is None:
            raise Invalid(sentence, code="bad_kinds", details={"kinds": sentence})
        try:
            quota = Decimal(match["quota"]) if match["quota"] else None
        except InvalidOperation as error:
            raise Invalid(sentence, code="bad_kinds", details={"kinds": sentence}) from error
        name = match["name"]
        made.append(Kind(code=known.get(name, name), name=name, is_illness=bool(match["ill"]), quota=quota))
    return made
