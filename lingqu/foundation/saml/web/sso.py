"""Single sign-on: requests in, assertions out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.kernel.access import actor_of, public, signed_in
from lingqu.kernel.clock import now
from lingqu.kernel.errors import NotFound
from lingqu.ui.posting import post_on

from .. import reading, writing
from ..models import Pending
from ..services import answering, keys, leaving
from ..xml import serialise

METADATA_DAYS = 7


@public
@require_GET
def metadata(request: HttpRequest) -> HttpResponse:
    """Ours, for service providers."""
    root = writing.metadata(
        entity_id=answering.issuer(), sso_url=answering.address("sso"), slo_url=answering.address("slo"),
        certificates=keys.list_certificates(), until=now() + timedelta(days=METADATA_DAYS),
    )  # fmt: skip
    return HttpResponse(serialise(root), content_type="application/samlmetadata+xml")


def _sent(request: HttpRequest, name: str) -> tuple[str, str, str | None]:
    """Message, RelayState and, for the redirect binding, the query as it was sent."""
    if request.method == "POST":
        return request.POST.get(name, ""), request.POST.get("RelayState", ""), None
    return request.GET.get(name, ""), request.GET.get("RelayState", ""), request.META.get("QUERY_STRING", "")


@public
@identity.on_class_screen
@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
def sso(request: HttpRequest) -> HttpResponse:
    """saml-profiles § 4.1: the request is checked and kept, then answered where a session is at hand."""
    text, relay_state, query = _sent(request, "SAMLRequest")
    if not text:
        return redirect("/")
    pending, asked = answering.take_request(text=text, relay_state=relay_state, query=query)
    if not reading.accepts_format(asked):
        return post_on(request, *answering.refuse(pending=pending))
    if asked.passive and (asked.force or not _is_in(request) or _asks(request, answering.app_of(pending.provider))):
        return post_on(request, *answering.refuse(pending=pending, passive=True))
    return redirect("saml:go_on", pending.id)


def _is_in(request: HttpRequest) -> bool:
    return identity.session_of(request) is not None and actor_of(request).is_signed_in


def _asks(request: HttpRequest, app: applications.App) -> bool:
    """Whether somebody who is in has to be asked for consent first."""
    session = identity.session_of(request)
    return session is not None and bool(
        applications.missing_consent(app=app, account_id=session.account_id, scopes=app.scopes, session=session)
    )


@public
@identity.on_class_screen
@never_cache
@require_GET
def go_on(request: HttpRequest, pending_id: UUID) -> HttpResponse:
    """The kept request again, after the door if need be (ForceAuthn: after a new proof)."""
    pending = answering.find_pending(pending_id)
    session = identity.session_of(request)
    if not _is_in(request) or (pending.force and not identity.was_proved(request, session)):
        return redirect(identity.door(request, again=session is not None))
    return _answer(request, answering.app_of(pending.provider), session, pending)


def _answer(request: HttpRequest, app: applications.App, session: Any, pending: Pending | None) -> HttpResponse:
    """The assertion, after the consent page where consent is missing."""
    if not _asks(request, app):
        return agreed(request, app, session, str(pending.id) if pending else "")
    return applications.ask_consent(
        request, app=app, session=session, protocol=answering.PROTOCOL, scopes=app.scopes,
        kept=str(pending.id) if pending else "",
        leads_to=pending.acs_url if pending else answering.get_default_address(app),
    )  # fmt: skip


def agreed(request: HttpRequest, app: applications.App, session: Any, kept: str) -> HttpResponse:
    """The assertion for a kept request, or for the click on the shelf."""
    standing = request.standing  # type: ignore[attr-defined]
    if kept:
        answer = answering.answer(pending=answering.find_pending(UUID(kept)), session=session, standing=standing)
    else:
        answer = answering.answer_unasked(app=app, session=session, standing=standing)
    return post_on(request, *answer)


@identity.on_class_screen
@signed_in
@never_cache
@require_GET
def enter(request: HttpRequest, client_id: str) -> HttpResponse:
    """One click on the shelf."""
    app = applications.find_application(client_id)
    if app is None:
        raise NotFound()
    return _answer(request, app, identity.session_of(request), None)


@public
@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
def slo(request: HttpRequest) -> HttpResponse:
    """saml-profiles § 4.4: a provider's signed LogoutRequest ends the session, everywhere; the browser carries the answer.

    A LogoutResponse to one of ours ends here: nothing waits for it.
    """
    text, relay_state, query = _sent(request, "SAMLRequest")
    if not text:
        return redirect("/")
    asked = leaving.take_logout(text=text, relay_state=relay_state, query=query)
    if asked.account_id is not None:
        here = identity.session_of(request)
        if here is not None and here.account_id == asked.account_id:
            identity.leave(request)
        identity.end_own_sessions(
            account_id=asked.account_id, session_ids=asked.sessions, because=identity.SessionEnd.SIGNED_OUT
        )
    answer = leaving.logout_answer(asked)
    if answer is None:
        return redirect("/")
    url, fields = answer
    return redirect(url) if fields is None else post_on(request, url, fields)
