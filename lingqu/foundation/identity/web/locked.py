"""The lock of an idle session, and the sign that its page is still in use."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lingqu.kernel.access import actor_of, public, signed_in

from .. import locking
from ..models import Account, SsoSession
from ..selectors import accounts
from ..selectors.factors import has_passkey
from ..services import passkeys, signing_in, throttle
from ..types.slots import OTHER_DOORS
from ..types.values import OtherDoor
from . import onward
from .door import origin_of, safe_next, with_retry_after

QUICK = "application/json"


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def locked(request: HttpRequest) -> HttpResponse:
    """Asks for the password of the account whose session is locked. The overlay of a page asks with ``Accept`` JSON and
    gets 204; everybody else goes on to ``next``."""
    account: Account | None = getattr(request, "locked_account", None)
    if account is None:
        if actor_of(request).is_signed_in:
            return redirect(safe_next(request))
        return redirect("identity:sign_in")
    if request.method != "POST":
        return page(request, account)
    try:
        found = signing_in.sign_in(
            login=account.login, password=request.POST.get("password", ""), origin=origin_of(request)
        )
    except (signing_in.SignInRefused, throttle.Slowed) as refusal:
        wrong = isinstance(refusal, signing_in.SignInRefused)
        return with_retry_after(page(request, account, "wrong" if wrong else refusal.message, refusal.status), refusal)
    if account.id not in found.accounts:
        return page(request, account, "wrong", 422)
    return go_on(request)


def go_on(request: HttpRequest) -> HttpResponse:
    """The session's owner is back: on with it, where the page or its overlay was."""
    locking.unlock(request)
    if request.headers.get("Accept") == QUICK:
        return HttpResponse(status=204)
    return redirect(safe_next(request))


@signed_in
@require_POST
def lock_now(request: HttpRequest) -> HttpResponse:
    """For somebody who leaves the place for a moment."""
    if getattr(request, "idle_seconds", 0):
        locking.lock(request)
    return redirect("identity:locked")


@signed_in
@never_cache
def awake(request: HttpRequest) -> HttpResponse:
    """A page tells that its reader types or moves: that counts as a request."""
    return HttpResponse(status=204)


def page(request: HttpRequest, account: Account, error: str = "", status: int = 200) -> HttpResponse:
    told = {
        "name": accounts.name_of(account), "login": account.login, "error": error, "next": safe_next(request),
        "unsaved": "unsaved" in request.GET or "unsaved" in request.POST,
        "with_passkey": passkeys.are_possible() and has_passkey(account.id), "doors": _doors(request),
    }  # fmt: skip
    return onward.allow(request, render(request, "identity/locked.html", told, status=status), safe_next(request))


def _doors(request: HttpRequest) -> list[OtherDoor]:
    """Who came from above may have no password here: coming from there again begins a new session."""
    session: SsoSession = request.sso_session  # type: ignore[attr-defined]
    if "fed" not in session.amr:
        return []
    return [one for some in OTHER_DOORS.collect(actor_of(request), safe_next(request)) for one in some]
