"""The door of CAS: tickets out, sign-out."""

from __future__ import annotations

from typing import Any, NamedTuple

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


class Way(NamedTuple):
    """How a ticket goes out."""

    service: str
    is_fresh: bool
    is_posted: bool


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
        return _go(service)
    return redirect(identity.door(request, again=session is not None))


def app_of(service: str) -> applications.App:
    """The application that an address belongs to. Nobody is ever sent to any other address."""
    client_id = find_client_id(service)
    app = applications.find_application(client_id) if client_id else None
    if app is None:
        raise Forbidden(_("这个应用没有在统一登录里登记这个地址，请联系应用的提供者。"))
    return app


def _enter(
    request: HttpRequest, app: applications.App, session: identity.SessionFact, service: str, *, is_fresh: bool
) -> HttpResponse:
    """Consent first, where it is missing: nobody is asked in passing (``gateway``)."""
    applications.require_entry(app=app, session=session, standing=request.standing)  # type: ignore[attr-defined]
    way = Way(service, is_fresh, request.GET.get("method", "").upper() == "POST")
    missing = applications.missing_consent(app=app, account_id=session.account_id, scopes=app.scopes, session=session)
    if missing and is_on(request, "gateway") and not is_on(request, "renew"):
        return _go(service)
    if missing:
        return applications.ask_consent(
            request, app=app, session=session, protocol=services.PROTOCOL, scopes=app.scopes, kept=way, leads_to=service
        )
    return _give(request, app, session, way)


def agreed(request: HttpRequest, app: applications.App, session: identity.SessionFact, kept: Any) -> HttpResponse:
    """After a yes on the consent page. The address is asked for again: it may have gone meanwhile."""
    way = Way(*kept)
    app_of(way.service)
    return _give(request, app, session, way)


def _give(request: HttpRequest, app: applications.App, session: identity.SessionFact, way: Way) -> HttpResponse:
    """Back to the service with a ticket (CAS 3.0 § 2.2.4 ``method``)."""
    ticket = services.give_ticket(app=app, session_id=session.id, service=way.service, is_fresh=way.is_fresh)
    if way.is_posted:
        return post_on(request, way.service, {"ticket": ticket})
    return _go(with_ticket(way.service, ticket))


def _go(address: str) -> HttpResponse:
    response = HttpResponse(status=302)
    response["Location"] = address
    return response


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """CAS 3.0 § 2.3: the session ends, everywhere. Back only to a registered address."""
    service = request.GET.get("service", "")
    if not service or not find_client_id(service):
        return identity.leave_and_show(request)
    identity.leave(request)
    return _go(service)
