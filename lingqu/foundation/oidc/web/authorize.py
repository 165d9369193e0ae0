"""The authorization endpoint: who is there, may enter, has agreed; then a code."""

from __future__ import annotations

import time

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import AccessDeniedError
from authlib.oidc.core.errors import ConsentRequiredError, InteractionRequiredError, LoginRequiredError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.kernel.access import actor_of, public

from ..services import asking, entering
from ..services.asking import Target
from ..types.values import Asked

FORCING = frozenset({"login", "select_account"})


@public
@identity.on_class_screen
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Reads only; what it leads to (a code) is useless to a forged request without the client's verifier and state."""
    if request.method == "POST":
        return HttpResponseRedirect(f"{request.path}?{request.POST.urlencode()}")
    began = time.perf_counter()
    target = asking.find_target(request.GET)
    try:
        return _decide(request, target, asking.read(request.GET, target), began)
    except OAuth2Error as error:
        return _refuse(target, error, began)


def agreed(request: HttpRequest, app: applications.App, session: identity.SessionFact, query: str) -> HttpResponse:
    """After a yes on the consent page: the code for the request that led to it."""
    began = time.perf_counter()
    given = QueryDict(query)
    target = asking.find_target(given)
    try:
        asked = asking.read(given, target)
        return _send(target, {"code": entering.enter(app=app, session=session, asked=asked)}, began)
    except OAuth2Error as error:
        return _refuse(target, error, began)


def refused(app: applications.App, query: str) -> HttpResponse:
    """After a no: the application is told (OpenID Connect Core 3.1.2.6)."""
    target = asking.find_target(QueryDict(query))
    return _refuse(target, AccessDeniedError("The person did not agree"), time.perf_counter())


def _decide(request: HttpRequest, target: Target, asked: Asked, began: float) -> HttpResponse:
    silent = "none" in asked.prompt
    if not target.app.is_live:
        raise AccessDeniedError("The application is not live")
    session = identity.session_of(request) if actor_of(request).is_signed_in else None
    if session is None or _must_prove_again(request, session, asked):
        if silent:
            raise LoginRequiredError()
        return HttpResponseRedirect(identity.door(request, again=session is not None))
    try:
        applications.require_entry(app=target.app, session=session, standing=request.standing)  # type: ignore[attr-defined]
    except applications.EntryRefused as refusal:
        if silent:
            raise InteractionRequiredError("Entry is refused") from refusal
        entering.note(target.app, "authorize", refusal.code, began)
        raise
    missing = applications.missing_consent(
        app=target.app, account_id=session.account_id, scopes=asked.scopes, session=session
    )
    if missing and silent:
        raise ConsentRequiredError()
    if missing or "consent" in asked.prompt:
        query = request.GET.copy()
        query.pop(identity.ASKED, None)
        return applications.ask_consent(
            request, app=target.app, session=session, protocol=entering.PROTOCOL, scopes=asked.scopes,
            kept=query.urlencode(), leads_to=target.redirect_uri,
        )  # fmt: skip
    return _send(target, {"code": entering.enter(app=target.app, session=session, asked=asked)}, began)


def _must_prove_again(request: HttpRequest, session: identity.SessionFact, asked: Asked) -> bool:
    """``prompt=login`` and ``max_age`` are satisfied by a proof after this very request first came to the door."""
    is_old = asked.max_age is not None and time.time() - session.auth_time.timestamp() > asked.max_age
    return (is_old or bool(asked.prompt & FORCING)) and not identity.was_proved(request, session)


def _refuse(target: Target, error: OAuth2Error, began: float) -> HttpResponse:
    entering.note(target.app, "authorize", str(error.error), began, detail=str(error.description or ""))
    return _send(target, asking.error_fields(error), began, is_noted=True)


def _send(target: Target, fields: dict[str, str], began: float, *, is_noted: bool = False) -> HttpResponse:
    if not is_noted:
        entering.note(target.app, "authorize", "ok", began)
    return redirect_out(asking.answer_url(target, fields))


def redirect_out(url: str) -> HttpResponse:
    """To a registered address of an application, whatever its scheme."""
    response = HttpResponse(status=302)
    response["Location"] = url
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response
