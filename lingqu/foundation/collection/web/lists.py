"""What was sent and what is owed, on one page with two parts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lingqu.kernel import clock
from lingqu.kernel.access import actor_of, needs

from .. import policies
from ..selectors import lists
from ..types import rights
from ..types.words import CollectionState


@require_GET
@needs(*rights.ALL)
def index(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    schools = lists.school_paths(actor)
    offices = policies.offices_of(actor)
    may_send = bool(offices) or (actor.has(rights.VIEW) and not schools)
    part = request.GET.get("part", "")
    if part not in ("sent", "owed") or (part == "sent" and not may_send) or (part == "owed" and not schools):
        part = "owed" if schools else "sent"
    cursor = request.GET.get("cursor", "")
    sent = lists.list_sent(actor, cursor=cursor) if part == "sent" else None
    owed = lists.list_owed(schools, cursor=cursor) if part == "owed" else None
    place = str(offices[0].path) if offices and part == "sent" else (schools[0] if schools else "")
    context = {
        "part": part, "page": owed if sent is None else sent, "both": may_send and bool(schools), "offices": offices, "states": CollectionState,
        "counts": lists.counts_of(list(sent)) if sent is not None else {}, "now": clock.now(),
        "month": lists.count_month(place) if place else None,
    }  # fmt: skip
    return render(request, "collection/index.html", context)
