"""The settings page of OpenID Connect at an application."""

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

from ..models import OidcClient
from ..services import clients
from ..services.tokens import issuer
from ..types.words import Algorithm, AuthMethod, GrantType

MOST_TEXT = 12_000


@needs(applications.rights.MANAGE, applications.rights.DEVELOP)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, client_id: str) -> HttpResponse:
    """Shows and takes the whole form; a fault shows it again with what was typed."""
    app = applications.get_app_to_set(actor=actor_of(request), client_id=client_id)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            clients.save(actor=actor_of(request), application_id=app.id, settings=_posted(request))
        except Invalid as refusal:
            errors = {name: str(text) for name, text in refusal.details.items()}
        else:
            messages.success(request, _("已保存，马上生效。"))
            return redirect("oidc:client", client_id)
        shown = _typed(request)
    else:
        shown = _stored(OidcClient.objects.filter(application_id=app.id).first())
    base = issuer()
    context = {
        "app": app, "form": shown, "errors": errors, "methods": AuthMethod.choices, "algorithms": Algorithm.choices,
        "grants": GrantType.choices, "may_relax": applications.may_manage(actor_of(request), app),
        "addresses": [(_("发现地址"), f"{base}/.well-known/openid-configuration"), ("client_id", app.client_id)],
    }  # fmt: skip
    return render(request, "oidc/client.html", context, status=422 if errors else 200)


def _posted(request: HttpRequest) -> clients.Settings:
    typed = _typed(request)
    return clients.Settings(
        redirect_uris=_lines(typed["redirect_uris"]), post_logout_uris=_lines(typed["post_logout_uris"]),
        backchannel_uri=typed["backchannel_uri"].strip(), auth_method=typed["auth_method"], jwks=typed["jwks"],
        grants=tuple(typed["grants"]), id_token_alg=typed["id_token_alg"],
        pkce_waived_because=typed["pkce_waived_because"].strip()[:300],
    )  # fmt: skip


def _typed(request: HttpRequest) -> dict[str, Any]:
    names = (
        "redirect_uris", "post_logout_uris", "backchannel_uri", "auth_method", "jwks", "id_token_alg",
        "pkce_waived_because",
    )  # fmt: skip
    typed: dict[str, Any] = {name: request.POST.get(name, "")[:MOST_TEXT] for name in names}
    return {**typed, "grants": request.POST.getlist("grants")[:10]}


def _stored(client: OidcClient | None) -> dict[str, Any]:
    client = client or OidcClient()
    return {
        "redirect_uris": "\n".join(client.redirect_uris), "post_logout_uris": "\n".join(client.post_logout_uris),
        "backchannel_uri": client.backchannel_uri, "auth_method": client.auth_method,
        "jwks": json.dumps(client.jwks, indent=1) if client.jwks else "", "grants": client.grants,
        "id_token_alg": client.id_token_alg, "pkce_waived_because": client.pkce_waived_because,
    }  # fmt: skip


def _lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
