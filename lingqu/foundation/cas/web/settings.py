"""The places of an application."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lingqu.foundation.applications import api as applications
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import Conflict, Invalid

from .. import selectors, services


@needs(applications.rights.MANAGE, applications.rights.DEVELOP)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, client_id: str) -> HttpResponse:
    app = applications.get_app_to_set(actor=actor_of(request), client_id=client_id)
    if request.method != "POST":
        return _page(request, app, "\n".join(place.shown for place in selectors.list_places(app.id)))
    text = request.POST.get("services", "")[:50_000]
    try:
        services.set_places(actor=actor_of(request), application_id=app.id, places=services.read_places(text))
    except (Invalid, Conflict) as refusal:
        return _page(request, app, text, refusal.details.get("services") or refusal.message, refusal.status)
    messages.success(request, _("服务地址已保存。"))
    return redirect("cas:settings", client_id)


def _page(request: HttpRequest, app: applications.App, text: str, error: str = "", status: int = 200) -> HttpResponse:
    shown = {"app": app, "text": text, "error": error, "guide": applications.GUIDES["cas"](app)}
    return render(request, "cas/settings.html", shown, status=status)
