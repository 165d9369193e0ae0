"""What was sent and what is owed, on one page with two parts."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lingqu.kernel import clock
from lingqu.kernel.access import actor_of, needs
from lingqu.ui.figures import month_name

from .. import policies
from ..selectors import burden, lists
from ..types import rights
from ..types.words import CollectionState


@require_GET
@needs(rights.MANAGE, rights.VIEW)
def month(request: HttpRequest) -> HttpResponse:
    """减负: what schools below the actor's offices were asked in a month, by whom, and which schools most."""
    actor = actor_of(request)
    offices = lists.seen_offices(actor)
    begin = month_of(request.GET.get("month", ""))
    found = burden.count_burden([str(one.path) for one in offices], begin)
    earlier, later = burden.neighbours(begin)
    context = {
        "burden": found,
        "begin": begin,
        "earlier": earlier,
        "later": later,
        "offices": offices,
        "month": month_name(begin),
    }
    return render(request, "collection/month.html", context)


def month_of(text: str) -> date:
    """``2026-11``; the current month for anything else or what lies ahead."""
    current = clock.today().replace(day=1)
    try:
        asked = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        return current
    return min(asked, current) if asked.year >= burden.FIRST_YEAR else current


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
