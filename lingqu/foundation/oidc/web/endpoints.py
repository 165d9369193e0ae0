"""What programs ask: token, userinfo, introspection, revocation. No cookie counts here, so no form token is needed.

Authlib's request classes are passed by: they cost more than everything else these endpoints do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6750.errors import InsufficientScopeError, InvalidTokenError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from lingqu.foundation.applications import api as applications
from lingqu.kernel.access import public
from lingqu.kernel.short_way import short_way

from ..services import access, authentication, entering, issuing
from ..services.authentication import Proof

View = Callable[[HttpRequest], HttpResponse]
FORM = "application/x-www-form-urlencoded"
MOST_TOKEN = 4096


def endpoint(*methods: str) -> Callable[[View], View]:
    """An address for programs: public, by the short way, readable from scripts of other origins, never stored."""

    def wrap(view: View) -> View:
        @short_way
        @public
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest) -> HttpResponse:
            if request.method == "OPTIONS":
                response = HttpResponse(status=204)
                response["Access-Control-Allow-Methods"] = ", ".join(methods)
                response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
                response["Access-Control-Max-Age"] = "600"
            elif request.method not in methods:
                response = HttpResponse(status=405, headers={"Allow": ", ".join(methods)})
            else:
                response = _answer(view, request)
            response["Access-Control-Allow-Origin"] = "*"
            return response

        return answered

    return wrap


def _answer(view: View, request: HttpRequest) -> HttpResponse:
    try:
        response = view(request)
    except OAuth2Error as error:
        response = JsonResponse(dict(error.get_body()), status=error.status_code)
        if error.status_code == 401 and request.headers.get("Authorization"):
            scheme = "Basic" if error.error == "invalid_client" else "Bearer"
            response["WWW-Authenticate"] = f'{scheme} realm="lingqu", error="{error.error}"'
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@endpoint("POST")
def token(request: HttpRequest) -> HttpResponse:
    began = time.perf_counter()
    form = _form(request)
    app, client = _client(request, form, "token", began)
    try:
        body = issuing.answer(app=app, client=client, form=form)
    except OAuth2Error as error:
        entering.note(app, "token", str(error.error), began, detail=str(error.description or ""))
        raise
    entering.note(app, "token", "ok", began)
    return JsonResponse(body)


@endpoint("GET", "POST")
def userinfo(request: HttpRequest) -> HttpResponse:
    """Claims of the scopes that the token has and the application still holds."""
    began = time.perf_counter()
    bearer = access.find_bearer(_bearer(request))
    if bearer is None:
        raise InvalidTokenError()
    app = bearer.app
    if bearer.grant is None or "openid" not in bearer.scopes:
        raise InsufficientScopeError()
    held = tuple(one for one in bearer.scopes if one == "openid" or one in app.scopes)
    claims = entering.claims_for(app=app, grant=bearer.grant, scopes=held)
    entering.note(app, "userinfo", "ok", began)
    return JsonResponse(claims)


@endpoint("POST")
def introspect(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    app, _settings = _client(request, form, "introspect", time.perf_counter())
    return JsonResponse(access.describe(app=app, token=_given(form)))


@endpoint("POST")
def revoke(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    app, _settings = _client(request, form, "revoke", time.perf_counter())
    access.revoke(app=app, token=_given(form))
    return JsonResponse({})


def _form(request: HttpRequest) -> dict[str, str]:
    """Each field once (RFC 6749 3.2)."""
    if request.content_type != FORM:
        raise InvalidRequestError("The body must be a form")
    many = dict(request.POST.lists())
    if any(len(values) > 1 for values in many.values()) or request.GET:
        raise InvalidRequestError("A parameter is repeated or stands in the address")
    return {name: values[0] for name, values in many.items()}


def _client(
    request: HttpRequest, form: dict[str, str], endpoint_name: str, began: float
) -> tuple[applications.App, authentication.OidcClient]:
    proof = Proof(request.headers.get("Authorization", ""), form)
    try:
        return authentication.authenticate(proof, address=request.META.get("REMOTE_ADDR", ""))
    except OAuth2Error as error:
        app = applications.find_application(proof.client_id) if proof.client_id else None
        if app is not None:
            entering.note(app, endpoint_name, str(error.error), began)
        raise


def _given(form: dict[str, str]) -> str:
    if not form.get("token") or len(form["token"]) > MOST_TOKEN:
        raise InvalidRequestError("token is missing or too long")
    return form["token"]


def _bearer(request: HttpRequest) -> str:
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    in_form = request.POST.get("access_token", "") if request.method == "POST" else ""
    if scheme.lower() == "bearer" and not in_form:
        return value.strip()[:MOST_TOKEN]
    return in_form[:MOST_TOKEN]
