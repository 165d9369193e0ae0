"""Going up and coming back."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import time
from typing import Any

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.foundation.identity import api as identity
from lingqu.kernel import crypto
from lingqu.kernel.access import actor_of, public, signed_in
from lingqu.kernel.errors import Conflict, Invalid

from .. import selectors, services
from ..adapters import ADAPTERS
from ..models import Source
from ..types import Arrived, Distrusted, KeysGone, Trip

TRIP, TRIP_SECONDS, BIND_SECONDS = "upstream_trip", 900, 1800
MOST_GIVEN = 4000
BIND = b"upstream.bind"


def _back_url(source: Source) -> str:
    return f"{settings.PUBLIC.geturl()}{reverse('upstream:back', args=[source.code])}"


@public
@never_cache
@require_GET
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """To the platform above; what belongs to this visit stays in the browser's session."""
    source = services.find_source(code)
    trip = Trip(
        state=secrets.token_urlsafe(24), nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48),
        back_url=_back_url(source),
    )  # fmt: skip
    try:
        address = ADAPTERS[source.kind].begin(source.options, trip)
    except Distrusted as fault:
        raise Conflict(_("“%(name)s”暂时不能用，请换一种方式登录。") % {"name": source.name}) from fault
    request.session[TRIP] = {
        "code": code, "state": trip.state, "nonce": trip.nonce, "verifier": trip.verifier, "until": time.time() + TRIP_SECONDS,
        "next": _next_of(request),
    }  # fmt: skip
    return HttpResponseRedirect(address)


def _next_of(request: HttpRequest) -> str:
    """Where to go afterwards: only an address of this platform."""
    target = request.GET.get("next", "/")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_ours and target.startswith("/") else "/"


def _trip_of(request: HttpRequest, source: Source) -> tuple[Trip | None, str]:
    """The visit that this answer belongs to, used up by it; None for an answer that nobody here asked for."""
    kept: dict[str, Any] = request.session.pop(TRIP, None) or {}
    fits = hmac.compare_digest(str(kept.get("state", "")), request.GET.get("state", "")) and kept.get("state")
    if not fits or kept.get("code") != source.code or kept.get("until", 0) < time.time():
        return None, "/"
    trip = Trip(state=kept["state"], nonce=kept["nonce"], verifier=kept["verifier"], back_url=_back_url(source))
    return trip, str(kept["next"])


@public
@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
def back(request: HttpRequest, code: str) -> HttpResponse:
    """With an answer from above. A POST is a CAS server's logout request for a ticket that it gave for this address."""
    source = services.find_source(code)
    if request.method == "POST":
        return _told(lambda: services.logout_by_request(source=source, text=request.POST.get("logoutRequest", "")))
    adapter, (trip, onward) = ADAPTERS[source.kind], _trip_of(request, source)
    given = {name: str(value) for name, value in request.GET.items() if len(value) <= MOST_GIVEN}
    if trip is None and adapter.is_asked:
        raise Conflict(_("这次登录过期了，请重新点登录入口。"))
    try:
        arrived = adapter.finish(source.options, services.secret_of(source), trip, given)
    except KeysGone as fault:
        raise Conflict(
            _("“%(name)s”的签名公钥已有24小时读不到，暂时不能从那里登录。请换一种方式登录。") % {"name": source.name}
        ) from fault
    except Distrusted as fault:
        raise Conflict(_("“%(name)s”没有确认这次登录，请再试一次。") % {"name": source.name}) from fault
    return _enter(request, source, arrived, onward)


def _enter(request: HttpRequest, source: Source, arrived: Arrived, onward: str) -> HttpResponse:
    placed = services.place(source=source, arrived=arrived)
    if placed.account_id is None:
        can_bind = not placed.reason
        shown = {"source": source, "reason": placed.reason, "token": _bind_token(source, arrived) if can_bind else ""}
        return render(request, "upstream/unknown.html", shown, status=200 if can_bind else 403)
    account, told = identity.get_account(placed.account_id), services.visit_of(source, arrived)
    is_strong = services.proved_second(source=source, arrived=arrived)
    if not is_strong and identity.has_factor(account):
        return redirect(identity.await_second(request, account, onward, amr=("fed",), told=told))
    session = identity.begin_session(request, account, amr=("fed", "mfa") if is_strong else ("fed",))
    services.note_visit(session_id=session.id, told=told)
    return redirect(onward)


def _bind_token(source: Source, arrived: Arrived) -> str:
    told = json.dumps([source.code, arrived.subject, time.time() + BIND_SECONDS]).encode()
    return base64.urlsafe_b64encode(crypto.seal(told, BIND)).rstrip(b"=").decode()


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def bind(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody who came from above signed in with the own password: may the account above enter from now on?"""
    try:
        code, subject, until = json.loads(
            crypto.unseal(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), BIND)
        )
    except (InvalidTag, ValueError) as fault:
        raise Invalid(_("这个绑定链接不能用。")) from fault
    source, actor = services.find_source(code), actor_of(request)
    if until < time.time():
        raise Conflict(_("这个绑定链接过期了，请重新点登录入口。"))
    if request.method != "POST":
        return render(request, "upstream/bind.html", {"source": source})
    if actor.person_id is None:
        raise Invalid(_("岗位账号不能绑定外部账号。"))
    services.link_person(source=source, person_id=actor.person_id, value=subject, by="person", actor=actor)
    messages.success(request, _("已绑定，以后可以从“%(name)s”直接登录。") % {"name": source.name})
    return redirect("identity:me")


@signed_in
@never_cache
@require_GET
def bindings(request: HttpRequest) -> HttpResponse:
    """Accounts elsewhere that enter as oneself."""
    actor = actor_of(request)
    shown = {"rows": selectors.list_own_bindings(actor), "numbers": selectors.list_own_numbers(actor)}
    return render(request, "upstream/bindings.html", shown)


@signed_in
@require_POST
def unbind(request: HttpRequest, identifier_id: int) -> HttpResponse:
    services.end_own_identifier(actor=actor_of(request), identifier_id=identifier_id)
    messages.success(request, _("已解除绑定，那边的账号不能再登录到这里。"))
    return redirect("upstream:bindings")


@public
@csrf_exempt
@require_POST
def logout(request: HttpRequest, code: str) -> HttpResponse:
    """OpenID Connect back-channel logout."""
    source = services.find_source(code)
    return _told(lambda: services.logout_by_token(source=source, token=request.POST.get("logout_token", "")))


def _told(act: Any) -> HttpResponse:
    """What a server above hears: 200 when it was believed, else 400."""
    try:
        act()
    except Distrusted as fault:
        return HttpResponse(f"{fault}\n", status=400, content_type="text/plain")
    response = HttpResponse(status=200)
    response["Cache-Control"] = "no-store"
    return response
