"""The front of the hall: catalogue, guide, one's own cases. Open to visitors; a phone comes first."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lingqu.foundation.workflow import api as workflow
from lingqu.kernel.access import actor_of, public, signed_in
from lingqu.kernel.actor import Actor

from ..selectors import checks, guides, papers
from ..selectors.beyond import list_of_family
from ..types.beyond import steps_of
from ..types.words import Audience, PaperKind, Theme
from ..wording import lines_of
from .actions import action_of

ICONS = {"paper": "certificate", "move": "transfer", "leave": "pause", "data": "edit"}

BY_ROLE = {
    "guardian": Audience.PARENT,
    "student": Audience.PUPIL,
    "class_teacher": Audience.TEACHER,
    "teacher": Audience.TEACHER,
}


def layout(actor: Actor) -> str:
    return "ui/shell.html" if actor.is_signed_in else "ui/public.html"


@require_GET
@public
def hall(request: HttpRequest) -> HttpResponse:
    """Services by audience and theme; what was typed finds them by name, other words and initials."""
    actor = actor_of(request)
    text, theme = request.GET.get("q", "")[:60], request.GET.get("theme", "")
    audience = request.GET.get("for", BY_ROLE.get(actor.role, ""))
    found = guides.list_guides(audience=audience, theme=theme, text=text)
    context = {
        "layout": layout(actor), "found": found, "text": text, "theme": theme, "audience": audience,
        "icons": ICONS, "local": () if theme else _local(actor, text),
        "theme_links": [
            {"label": label, "href": f"?{urlencode({'theme': code, 'for': audience, 'q': text})}", "current": code == theme}
            for code, label in Theme.choices
        ],
        "audience_links": [
            {"label": label, "href": f"?{urlencode({'for': code, 'theme': theme, 'q': text})}", "current": code == audience}
            for code, label in Audience.choices
        ],
    }  # fmt: skip
    return render(request, "service_hall/hall.html", context)


def _local(actor: Actor, text: str) -> tuple[workflow.Way, ...]:
    """What the reader's own places offer beside the guides, for which the reader is meant."""
    return tuple(one for one in workflow.list_ways(actor) if not one.has_own_page and text in one.name)


@require_GET
@public
def guide(request: HttpRequest, service: str) -> HttpResponse:
    """Who, what to bring, how long, on what ground, whom to call; and for a guardian, whether it can be done for each child."""
    actor = actor_of(request)
    path = checks.place_of(actor)
    found, contact = guides.guide_at(service, path)
    context: dict[str, Any] = {
        "layout": layout(actor), "guide": found, "contact": contact, "action": action_of(actor, found.code),
        "answers": checks.answers_for(actor, found.code), "tracked": _tracked(actor, found.code), "stated": checks.stated_for(found.code, path),
    }  # fmt: skip
    if context["stated"] is not None:
        context["lines"] = lines_of(context["stated"].rule)
    return render(request, "service_hall/guide.html", context)


def _tracked(actor: Actor, service: str) -> list[dict[str, Any]]:
    """How far the own children's transfers beyond the province are."""
    if service != "beyond":
        return []
    return [{"row": row, "steps": steps_of(row.links)} for row in list_of_family(actor)]


@require_GET
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """我的办件."""
    context = {"mine": papers.list_mine(actor_of(request)), "kinds": dict(PaperKind.choices)}
    return render(request, "service_hall/mine.html", context)
