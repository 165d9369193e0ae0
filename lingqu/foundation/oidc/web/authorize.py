"""The authorization endpoint: who is there, may enter, has agreed; then a code."""

from __future__ import annotations

import time

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import AccessDeniedError
from authlib.oidc.core.errors import ConsentRequiredError, InteractionRequiredError, LoginRequiredError
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.kernel.access import actor_of, public, signed_in
from lingqu.kernel.onward import let_forms_end_at, origin_of

from ..services import asking, entering
from ..services.asking import Target, Unusable
from ..types.values import Asked

CONSENT_SALT = "oidc.consent"
CONSENT_SECONDS = 900
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


@signed_in
@never_cache
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Yes or no on the consent page. The request it was shown for comes back signed, bound to this session."""
    began = time.perf_counter()
    try:
        query, sid = signing.loads(request.POST.get("request", ""), salt=CONSENT_SALT, max_age=CONSENT_SECONDS)
    except signing.BadSignature as error:
        raise Unusable(_("这个页面放得太久了，请从应用重新进入。")) from error
    session = identity.session_of(request)
    if session is None or sid != str(session.id):
        raise Unusable(_("登录的账号已经换了，请从应用重新进入。"))
    given = QueryDict(query)
    target = asking.find_target(given)
    try:
        asked = asking.read(given, target)
        if request.POST.get("answer") != "yes":
            raise AccessDeniedError("The person did not agree")
        applications.require_entry(app=target.app, session=session, standing=request.standing)  # type: ignore[attr-defined]
        by_consent = [one for one in asked.scopes if one in target.app.consent_scopes]
        applications.give_consent(
            actor=actor_of(request), app=target.app, account_id=session.account_id, scopes=by_consent
        )
        return _send(target, {"code": entering.enter(app=target.app, session=session, asked=asked)}, began)
    except OAuth2Error as error:
        return _refuse(target, error, began)


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
    missing = applications.missing_consent(app=target.app, account_id=session.account_id, scopes=asked.scopes)
    if missing and silent:
        raise ConsentRequiredError()
    if missing or "consent" in asked.prompt:
        return _consent_page(request, target, asked, session)
    return _send(target, {"code": entering.enter(app=target.app, session=session, asked=asked)}, began)


def _must_prove_again(request: HttpRequest, session: identity.SessionFact, asked: Asked) -> bool:
    """``prompt=login`` and ``max_age`` are satisfied by a proof after this very request first came to the door."""
    is_old = asked.max_age is not None and time.time() - session.auth_time.timestamp() > asked.max_age
    return (is_old or bool(asked.prompt & FORCING)) and not identity.was_proved(request, session)


def _consent_page(request: HttpRequest, target: Target, asked: Asked, session: identity.SessionFact) -> HttpResponse:
    if session.kind == identity.SessionKind.CLASS_SCREEN:
        told = _("“%(name)s”要您先同意。请在自己的手机或电脑上打开一次。") % {"name": target.app.name}
        raise applications.EntryRefused(told, code="consent")
    query = request.GET.copy()
    query.pop(identity.ASKED, None)
    blob = signing.dumps([query.urlencode(), str(session.id)], salt=CONSENT_SALT)
    host = origin_of(target.redirect_uri)
    shown = {
        "app": target.app, "scopes": [applications.SCOPES[one] for one in asked.scopes], "blob": blob,
        "action": reverse("oidc:consent"), "host": host,
    }  # fmt: skip
    return let_forms_end_at(render(request, "oidc/consent.html", shown), host)


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
