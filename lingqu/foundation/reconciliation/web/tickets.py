"""关键数据变更: the list of a place, and the form that the page of a person opens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.kernel import clock
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import DomainError, Forbidden, NotFound
from lingqu.ui.jinja import render_page

from .. import policies, register
from ..selectors import cases as reading
from ..services import evidence as keeping
from ..services import tickets as wishes
from ..types import rights
from ..types.words import TicketField, TicketState
from .boards import place_of


@require_GET
@needs(rights.VIEW)
def tickets(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    node, state = request.GET.get("node", "")[:20], request.GET.get("state", "")
    state = state if state in TicketState.values else TicketState.OPEN
    place = place_of(actor, node)
    path = str(place.path)
    page = reading.list_tickets(actor=actor, path=path, state=state, cursor=request.GET.get("cursor", ""))
    counts = reading.count_tickets(actor=actor, path=path)
    here = reverse("reconciliation:tickets")
    rest = f"&node={node}" if node else ""
    chips = [{"label": label, "count": counts.get(code, 0), "href": f"{here}?state={code}{rest}",
              "state": "all" if code == state else ""} for code, label in TicketState.choices]  # fmt: skip
    context = {
        "place": place, "page": page, "chips": chips, "query": {"node": node, "state": state}, "today": clock.today(),
        "may_work": policies.may_work_at(actor, path), "fields": dict(TicketField.choices),
    }  # fmt: skip
    return render_page(request, "reconciliation/tickets.html", context)


@require_http_methods(["GET", "POST"])
@needs(rights.WORK)
def new(request: HttpRequest, number: str) -> HttpResponse:
    actor = actor_of(request)
    person = register.people().filter(number=number).select_related("organisation").first()
    if person is None or not policies.may_work_at(actor, str(wishes.school_of(person).path)):
        raise Forbidden()
    errors: dict[str, str] = {}
    posted = {name: request.POST.get(name, "")[:500] for name in ("field", "value", "reason")}
    status = 200
    if request.method == "POST":
        try:
            ticket = wishes.open_ticket(actor=actor, number=number, **posted)
            uploaded: Any = request.FILES.get("evidence")
            if uploaded is not None:
                keeping.add_ticket_evidence(actor=actor, ticket_id=ticket.id, uploaded=uploaded)
            messages.success(request, _("已登记，学籍不变；国家文件改过来后自动核销。"))
            return redirect("reconciliation:tickets")
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            errors = {key: str(value) for key, value in refusal.details.items()} or {"value": refusal.message}
            status = refusal.status
    context = {"person": person, "errors": errors, "posted": posted, "back": reverse("registry:person", args=[number]),
               "fields": TicketField.choices}  # fmt: skip
    return render(request, "reconciliation/ticket_new.html", context, status=status)


@require_POST
@needs(rights.WORK)
def withdraw(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    wishes.withdraw_ticket(actor=actor_of(request), ticket_id=ticket_id)
    messages.success(request, _("已撤回。"))
    return redirect("reconciliation:tickets")


@require_POST
@needs(rights.WORK)
def add_evidence(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    keeping.add_ticket_evidence(actor=actor_of(request), ticket_id=ticket_id, uploaded=request.FILES.get("evidence"))
    messages.success(request, _("材料已保存。"))
    return redirect("reconciliation:tickets")
