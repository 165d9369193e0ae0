"""数据质量: a school's list, a bureau's schools and rules, work orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies
from ..models import Finding, QualityRule
from ..selectors import findings, orders, places
from ..services import evaluating, handling, reminding
from ..types import ORDER_GIVE, QUALITY_HANDLE, QUALITY_VIEW, RULE_EDIT, FindingState, PlaceScore
from .forms import OrderForm, RuleForm, WaiveForm

BY_AREA, BY_SCHOOL, BY_RULE, ORDERS = "areas", "schools", "rules", "orders"


@needs(QUALITY_VIEW)
def start(request: HttpRequest) -> HttpResponse:
    return redirect("quality:place", places.start_code(actor_of(request)))


@needs(QUALITY_VIEW)
def place(request: HttpRequest, code: str) -> HttpResponse:
    actor = actor_of(request)
    found = places.get_place(actor, code)
    path, cursor, score = str(found.path), request.GET.get("cursor", ""), findings.get_score(str(found.path))
    is_school = found.kind in places.SCHOOL_KINDS
    context: dict[str, Any] = {
        "place": found, "is_school": is_school, "score": score, "running": findings.find_running(path),
        "may_handle": policies.may_handle(actor, path), "may_order": is_school and policies.may_order(actor, path),
        "may_edit_rules": policies.may_edit_rules(actor),
    }  # fmt: skip
    if is_school:
        rule, state = request.GET.get("rule", ""), request.GET.get("state", FindingState.OPEN)
        state = state if state in FindingState.values else FindingState.OPEN
        context |= {
            "rules": [card for card in findings.list_rules(path) if card.count],
            "rule": rule,
            "state": state,
            "page": findings.list_findings(actor, found, rule=rule, state=state, cursor=cursor),
            "states": _choices(request, "state", FindingState.choices, state),
            "orders": orders.list_orders(path, limit=5),
        }
        return render(request, "quality/school.html", context)
    return render(request, "quality/area.html", context | _area(request, actor, found, score, cursor))


def _area(request: HttpRequest, actor: Actor, found: Any, score: PlaceScore, cursor: str) -> dict[str, Any]:
    """What an office sees: its counties, its schools, the rules or the orders."""
    path, areas = str(found.path), findings.list_areas(found, score.day) if score.day else ()
    part = request.GET.get("part", BY_AREA if areas else BY_SCHOOL)
    part = part if part in (BY_RULE, ORDERS) or (part == BY_AREA and areas) else BY_SCHOOL
    named = (
        *(((BY_AREA, _("按县区")),) if areas else ()),
        (BY_SCHOOL, _("按学校")),
        (BY_RULE, _("按规则")),
        (ORDERS, _("派单")),
    )
    context: dict[str, Any] = {
        "part": part, "parts": _choices(request, "part", named, part), "may_remind": actor.holds(ORDER_GIVE, path),
    }  # fmt: skip
    if part == BY_AREA:
        context["areas"] = areas
    elif part == BY_RULE:
        context["rules"] = findings.list_rules(path)
    elif part == ORDERS:
        context["page"] = orders.list_orders(path, cursor=cursor)
    else:
        context["page"] = findings.list_schools(path, cursor=cursor)
        context["may_order_here"] = context["may_remind"]
    return context


def _choices(request: HttpRequest, name: str, named: Any, chosen: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "href": f"{request.path}?{name}={code}", "current": code == chosen} for code, label in named
    ]


@needs(QUALITY_HANDLE)
@require_POST
def evaluate(request: HttpRequest, code: str) -> HttpResponse:
    evaluating.order_evaluation(actor=actor_of(request), code=code)
    messages.success(request, _("已开始重新检查，稍后刷新本页。"))
    return redirect("quality:place", code)


@needs(ORDER_GIVE)
@require_POST
def remind(request: HttpRequest, code: str) -> HttpResponse:
    try:
        count = reminding.order_reminders(actor=actor_of(request), code=code)
        messages.success(request, _("正在催办 %(n)d 单，短信或邮件随后发出。") % {"n": count})
    except Conflict as refusal:
        messages.error(request, refusal.message)
    return redirect(f"{reverse('quality:place', args=[code])}?part={ORDERS}")


@needs(QUALITY_HANDLE)
def waive(request: HttpRequest, finding_id: int) -> HttpResponse:
    actor = actor_of(request)
    row = Finding.objects.select_related("school", "rule").filter(id=finding_id).first()
    if row is None or not policies.may_handle(actor, str(row.path)):
        raise Forbidden()
    form = WaiveForm(request.POST or None, initial={"reason": row.reason})
    return _act(
        request, form, title=findings.as_rule(row.rule).title, sub=_("说明后不再计分，情况变化时重新列出"),
        back=reverse("quality:place", args=[row.school.code]), done=_("已保存说明。"),
        write=lambda values: handling.waive_finding(actor=actor, finding_id=row.id, reason=values["reason"]),
    )  # fmt: skip


@needs(ORDER_GIVE)
def order(request: HttpRequest, code: str) -> HttpResponse:
    actor = actor_of(request)
    school = places.get_place(actor, code)
    if not policies.may_order(actor, str(school.path)):
        raise Forbidden()
    return _act(
        request, OrderForm(request.POST or None), title=_("派单：%(name)s") % {"name": school.name},
        sub=_("问题消除后，下次检查自动办结"), back=reverse("quality:place", args=[code]), done=_("已派单。"),
        write=lambda values: handling.give_order(actor=actor, code=code, **values),
    )  # fmt: skip


@needs(QUALITY_VIEW)
def rules(request: HttpRequest) -> HttpResponse:
    context = {"rules": findings.list_rules(), "may_edit": policies.may_edit_rules(actor_of(request))}
    return render(request, "quality/rules.html", context)


@needs(RULE_EDIT)
def rule(request: HttpRequest, rule: str) -> HttpResponse:
    actor = actor_of(request)
    found = QualityRule.objects.filter(code=rule).first()
    if found is None or not policies.may_edit_rules(actor):
        raise Forbidden()
    initial = {"severity": found.severity, "parameter": found.parameter, "is_active": found.is_active}
    form = RuleForm(request.POST or None, initial=initial, has_limit=found.parameter is not None)
    return _act(
        request, form, title=findings.as_rule(found).title, sub=_("改动从下次检查起生效"), back=reverse("quality:rules"),
        done=_("已保存。"),
        write=lambda values: handling.edit_rule(
            actor=actor, code=rule, severity=values["severity"], is_active=values["is_active"],
            parameter=values.get("parameter"),
        ),
    )  # fmt: skip


def _act(
    request: HttpRequest, form: forms.Form, *, write: Callable[[dict[str, Any]], object], title: str, sub: str, back: str,
    done: str,
) -> HttpResponse:  # fmt: skip
    """A drawer: GET shows it, POST writes; refusals stand at their fields, 422."""
    if request.method == "POST" and form.is_valid():
        try:
            write(form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            fields = {name: str(text) for name, text in refusal.details.items() if name in form.fields}
            for name, text in fields.items():
                form.add_error(name, text)
            if not fields:
                form.add_error(None, refusal.message)
        else:
            messages.success(request, done)
            return redirect(back)
    context = {"form": form, "title": title, "sub": sub, "back": back}
    return render(request, "quality/form.html", context, status=422 if form.is_bound else 200)
