"""The door of CAS: tickets out, sign-out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.kernel.access import actor_of, public
from lingqu.kernel.errors import Forbidden
from lingqu.ui.posting import post_on

from .. import services
from ..addresses import with_ticket
from ..selectors import find_client_id


def is_on(request: HttpRequest, name: str) -> bool:
    """A flag of CAS: the specification says it is set when present; ``false`` is how clients write that it is not."""
    value = request.GET.get(name)
    return value is not None and value.lower() not in {"false", "0", "no", "off"}


@public
@identity.on_class_screen
@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """CAS 3.0 § 2.1. A POST is taken as the address it was sent to: passwords are asked for only at our own door."""
    service = request.GET.get("service", "")
    if not service:
        return render(request, "cas/start.html", {"is_in": actor_of(request).is_signed_in})
    app = app_of(service)
    session = identity.session_of(request)
    is_fresh = identity.was_proved(request, session)
    renew = is_on(request, "renew")
    if session is not None and actor_of(request).is_signed_in and (is_fresh or not renew):
        return _enter(request, app, session, service, is_fresh=is_fresh)
    if is_on(request, "gateway") and not renew:
        return _go(request, service)
    return redirect(identity.door(request, again=session is not None))


def app_of(service: str) -> applications.App:
    """The application that an address belongs to. Nobody is ever sent to any other address."""
    client_id = find_client_id(service)
    app = applications.find_application(client_id) if client_id else None
    if app is None:
        raise Forbidden(_("这个应用没有在统一登录里登记这个地址，请联系应用的提供者。"))
    return app


def _enter(request: HttpRequest, app: applications.App, session: Any, service: str, *, is_fresh: bool) -> HttpResponse:
    applications.require_entry(app=app, session=session, standing=request.standing)  # type: ignore[attr-defined]
    ticket = services.give_ticket(app=app, session_id=session.id, service=service, is_fresh=is_fresh)
    return _go(request, service, ticket)


def _go(request: HttpRequest, service: str, ticket: str = "") -> HttpResponse:
    """Back to the service, with the ticket if there is one (CAS 3.0 § 2.2.4 ``method``)."""
    if ticket and request.GET.get("method", "").upper() == "POST":
        return post_on(request, service, {"ticket": ticket})
    response = HttpResponse(status=302)
    response["Location"] = with_ticket(service, ticket) if ticket else service
    return response


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """CAS 3.0 § 2.3: the session ends, everywhere. Back only to a registered address."""
    identity.leave(request)
    service = request.GET.get("service", "")
    if service and find_client_id(service):
        return _go(request, service)
    return render(request, "cas/out.html")
