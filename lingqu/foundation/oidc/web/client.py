"""The settings page of OpenID Connect at an application."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from lingqu.kernel.access import signed_in


@signed_in
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, client_id: str) -> HttpResponse:
    return HttpResponse()
