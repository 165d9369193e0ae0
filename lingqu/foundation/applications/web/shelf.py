"""The shelf and the way in; one's own linked applications and consents."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import NotFound
from lingqu.kernel.language import listed
from lingqu.ui.jinja import render_page

from ..selectors.apps import find_application
from ..selectors.consents import Holder, holder_of, wording_of
from ..selectors.entering import require_entry
from ..selectors.releases import holder_of_number, is_own_or_ward, list_asking, list_linked, wards_of
from ..selectors.sandbox import ROLE, find_played
from ..selectors.shelf import CATEGORIES, entry_of, list_shelf
from ..services.consents import end_consent, give_consent_for
from ..types import rights
from ..types.scopes import DECLARED


@require_GET
@signed_in
def shelf(request: HttpRequest) -> HttpResponse:
    """Everything at once: a shelf has dozens of applications, not thousands."""
    actor = actor_of(request)
    cards = list_shelf(actor)
    kind = request.GET.get("kind", "")
    text = request.GET.get("q", "")[:60].strip()
    found = [card for card in cards if text.lower() in f"{card.app.name} {card.maker} {card.summary}".lower()]
    shown = [card for card in found if not kind or card.category == kind]
    counts = {code: sum(card.category == code for card in found) for code in CATEGORIES}
    context = {
        "cards": [(card, entry_of(card.app, request)) for card in shown], "q": text,
        "kind": kind if kind in CATEGORIES else "", "total": len(found),
        "kinds": [(code, str(title), icon, counts[code]) for code, (title, icon, _tone) in CATEGORIES.items() if counts[code]],
        "is_developer": actor.has(rights.DEVELOP), "has_any": bool(cards), "classes": _sandbox_classes(actor),
    }  # fmt: skip
    return render_page(request, "applications/shelf.html", context, block="list")


def _sandbox_classes(actor: Actor) -> list[tuple[Any, tuple[registry.PageLink, ...]]]:
    """A sandbox person's classes with their pages: they have none in the register."""
    played = find_played(actor.account_id) if actor.role == ROLE else None
    rooms = played.classes if played else ()
    links = ((group, registry.CLASS_LINKS.collect(actor, registry.Spot(id=group.id, path=""))) for group in rooms)
    return [(group, found) for group, found in links if found]


@require_GET
@identity.on_class_screen
@signed_in
def open_app(request: HttpRequest, client_id: str) -> HttpResponse:
    """One click: into the application by whichever protocol it speaks. Refused where the entry is."""
    app = find_application(client_id)
    if app is None:
        raise NotFound(_("没有这个应用。"))
    session = identity.session_of(request)
    if session is None:
        raise NotFound(_("没有这个应用。"))
    require_entry(app=app, session=session, standing=request.standing)  # type: ignore[attr-defined]
    address = entry_of(app, request)
    if not address:
        raise NotFound(_("“%(name)s”没有登记网址。") % {"name": app.name})
    return redirect(address)


@require_GET
@signed_in
def linked(request: HttpRequest) -> HttpResponse:
    """My own applications."""
    actor = actor_of(request)
    holder = holder_of(actor.account_id) if actor.account_id else Holder(account_id=None, person_ids=())
    return _linked(request, holder, "")


@require_GET
@signed_in
def linked_of(request: HttpRequest, number: str) -> HttpResponse:
    """A child's, for its guardian."""
    return _linked(request, _get_holder(request, number), number)


@require_POST
@signed_in
def agree(request: HttpRequest, number: str) -> HttpResponse:
    """A guardian agrees to everything for which an application of the child's school waits."""
    actor, holder = actor_of(request), _get_holder(request, number)
    named = request.POST.get("app", "")
    waiting = next((one for one in list_asking(actor, holder) if one.app.client_id == named), None)
    if waiting is None:
        raise NotFound(_("没有这个应用。"))
    give_consent_for(actor=actor, app=waiting.app, person_id=holder.person_ids[0], scopes=waiting.scopes)
    messages.success(request, _("已同意，孩子现在可以进入“%(name)s”。") % {"name": waiting.app.name})
    return redirect("applications:linked_of", number)


def _get_holder(request: HttpRequest, number: str) -> Holder:
    holder = holder_of_number(actor_of(request), number)
    if not is_own_or_ward(actor_of(request), holder):
        raise NotFound(_("没有这个人。"))
    return holder


def _linked(request: HttpRequest, holder: Holder, number: str) -> HttpResponse:
    actor = actor_of(request)
    wards, rows = wards_of(actor), list_linked(actor, holder)
    tabs = [{"label": _("本人"), "href": reverse("applications:linked"), "current": not number}]
    tabs += [
        {
            "label": one.name,
            "href": reverse("applications:linked_of", args=[one.number]),
            "current": one.number == number,
        }
        for one in wards
    ]
    context: dict[str, Any] = {
        "rows": rows, "asking": [(one.app, wording_of(one.app, one.scopes)) for one in list_asking(actor, holder)], "wards": wards, "number": number, "tabs": tabs,
        "child": next((one.name for one in wards if one.number == number), ""),
        "told": {
            consent.id: listed(scope.title for code, scope in DECLARED.items() if code in consent.scopes)
            for row in rows
            for consent in row.consents
        },
    }  # fmt: skip
    return render(request, "applications/linked.html", context)


@require_POST
@signed_in
def end(request: HttpRequest, consent_id: int) -> HttpResponse:
    end_consent(actor=actor_of(request), consent_id=consent_id)
    messages.success(request, _("已收回同意，应用从现在起收不到这些信息。"))
    number = request.POST.get("number", "")[:20]
    return redirect("applications:linked_of", number) if number.isdigit() else redirect("applications:linked")
