"""The settings page of LTI at an application."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lingqu.foundation.applications import api as applications
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import Invalid

from ..models import Tool
from ..selectors.links import find_tool
from ..services import tools
from ..services.vendor import addresses
from ..types.words import Service

FIELDS = ("login_url", "redirect_uris", "target_url", "deep_linking_url", "jwks_url", "keys", "custom")
MOST_TEXT = 12_000


@needs(applications.rights.MANAGE, applications.rights.DEVELOP)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, client_id: str) -> HttpResponse:
    """Shows and takes the whole form; a fault shows it again with what was typed."""
    actor = actor_of(request)
    app = applications.get_app_to_set(actor=actor, client_id=client_id)
    tool, errors = find_tool(app.id), {}
    if request.method == "POST":
        shown = _typed(request)
        try:
            tools.save(actor=actor, application_id=app.id, settings=_settings(shown))
        except Invalid as refusal:
            errors = refusal.details
        else:
            messages.success(request, _("已保存，马上生效。"))
            return redirect("lti:settings", client_id)
    else:
        shown = _stored(tool)
    context = {
        "app": app, "form": shown, "errors": errors, "services": Service.choices, "addresses": addresses(app, tool),
        "may_allow": actor.holds(applications.rights.MANAGE, app.organisation_path), "tool": tool,
    }  # fmt: skip
    return render(request, "lti/settings.html", context, status=422 if errors else 200)


def _settings(typed: dict[str, Any]) -> tools.Settings:
    lines = dict.fromkeys(filter(None, map(str.strip, typed["redirect_uris"].splitlines())))
    plain = {name: typed[name].strip() for name in ("login_url", "target_url", "deep_linking_url", "jwks_url")}
    return tools.Settings(
        redirect_uris=tuple(lines),
        keys=typed["keys"],
        custom=typed["custom"],
        services=tuple(typed["services"]),
        **plain,
    )


def _typed(request: HttpRequest) -> dict[str, Any]:
    typed: dict[str, Any] = {name: request.POST.get(name, "")[:MOST_TEXT].replace("\0", "") for name in FIELDS}
    return {**typed, "services": request.POST.getlist("services")[:10]}


def _stored(tool: Tool | None) -> dict[str, Any]:
    held = tool or Tool(redirect_uris=[])
    return {
        "login_url": held.login_url, "redirect_uris": "\n".join(held.redirect_uris), "target_url": held.target_url,
        "deep_linking_url": held.deep_linking_url, "jwks_url": held.jwks_url, "services": held.services,
        "keys": json.dumps(held.jwks, indent=1) if held.jwks else "",
        "custom": "\n".join(f"{name}={value}" for name, value in held.custom.items()),
    }  # fmt: skip
