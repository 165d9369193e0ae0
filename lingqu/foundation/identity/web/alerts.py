"""Alerts: the list with its steps, and the rules, addresses and networks behind it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import DomainError, Forbidden, Invalid, NotFound

from ..selectors import alerts as reading
from ..services import alerts
from ..types import rights


@needs(rights.SECURITY_MANAGE)
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    actor, with_closed = actor_of(request), "closed" in request.GET
    page = reading.list_alerts(actor=actor, with_closed=with_closed, cursor=request.GET.get("cursor", ""))
    shown = {
        "page": page, "with_closed": with_closed, "rules": reading.RULES,
        "at_top": actor.holds_at_top(rights.SECURITY_MANAGE),
    }  # fmt: skip
    return render(request, "identity/alerts.html", shown)


@needs(rights.SECURITY_MANAGE)
@require_POST
def seen(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    alerts.mark_seen(actor=actor_of(request), alert_id=alert_id)
    return redirect("identity:alerts")


@needs(rights.SECURITY_MANAGE)
@require_POST
def close(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    return _then(
        request, "identity:alerts", _("已处理。"),
        lambda: alerts.close(actor=actor_of(request), alert_id=alert_id, note=request.POST.get("note", "")),
    )  # fmt: skip


@needs(rights.SECURITY_MANAGE)
@require_POST
def name_network(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """The network of an alert is a school's."""
    return _then(
        request, "identity:alerts", _("已登记，这个网络以后不再告警。"),
        lambda: alerts.name_network(actor=actor_of(request), alert_id=alert_id, name=request.POST.get("name", "")),
    )  # fmt: skip


@needs(rights.SECURITY_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Which rules hold from how many on, who is written to, which networks are schools."""
    actor = actor_of(request)
    if request.method != "POST":
        shown = {
            "rules": reading.list_rules(), "recipients": reading.list_recipients(actor=actor),
            "networks": reading.list_networks(actor=actor),
        }  # fmt: skip
        return render(request, "identity/alert_rules.html", shown)
    posted = {name: request.POST.get(name, "")[:200] for name in ("rule", "threshold", "address", "network", "name")}
    if posted["rule"]:
        number = posted["threshold"]
        threshold = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else 0
        return _then(request, "identity:alert_rules", _("已保存。"), lambda: alerts.set_rule(
            actor=actor, code=posted["rule"], is_on="is_on" in request.POST, threshold=threshold
        ))  # fmt: skip
    if posted["address"]:
        return _then(request, "identity:alert_rules", _("以后的告警也发到这个邮箱。"), lambda: alerts.add_recipient(
            actor=actor, address=posted["address"]
        ))  # fmt: skip
    return _then(request, "identity:alert_rules", _("已登记，这个网络以后不再告警。"), lambda: alerts.name_network(
        actor=actor, address=posted["network"], name=posted["name"]
    ))  # fmt: skip


@needs(rights.SECURITY_MANAGE)
@require_POST
def remove_recipient(request: HttpRequest, recipient_id: int) -> HttpResponse:
    alerts.remove_recipient(actor=actor_of(request), recipient_id=recipient_id)
    messages.success(request, _("不再发到这个邮箱。"))
    return redirect("identity:alert_rules")


@needs(rights.SECURITY_MANAGE)
@require_POST
def refuse_network(request: HttpRequest, network_id: int) -> HttpResponse:
    alerts.refuse_network(actor=actor_of(request), network_id=network_id)
    messages.success(request, _("已移除，这个网络按普通网络告警。"))
    return redirect("identity:alert_rules")


def _then(request: HttpRequest, back: str, done: str, step: Callable[[], None]) -> HttpResponse:
    """Do one step and go back with what came of it."""
    try:
        step()
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        (messages.error if isinstance(refusal, Invalid) else messages.warning)(request, refusal.message)
    else:
        messages.success(request, done)
    return redirect(back)
