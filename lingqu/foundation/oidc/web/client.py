"""The settings page of OpenID Connect at an application."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lingqu.foundation.applications import api as applications
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.errors import Invalid

from ..models import OidcClient
from ..services import clients
from ..services.tokens import issuer
from ..types.words import Algorithm, AuthMethod, GrantType


@signed_in
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, client_id: str) -> HttpResponse:
    return HttpResponse()
