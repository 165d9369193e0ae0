"""The lock of an idle session, and the sign that its page is still in use."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lingqu.kernel.access import actor_of, public, signed_in

from .. import locking
from ..models import Account
from ..selectors import accounts
from ..services import signing_in, throttle
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
        return _page(request, account)
    try:
        found = signing_in.sign_in(
            login=account.login, password=request.POST.get("password", ""), origin=origin_of(request)
        )
    except (signing_in.SignInRefused, throttle.Slowed) as refusal:
        wrong = isinstance(refusal, signing_in.SignInRefused)
        return with_retry_after(_page(request, account, "wrong" if wrong else refusal.message, refusal.status), refusal)
    if account.id not in found.accounts:
        return _page(request, account, "wrong", 422)
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


def _page(request: HttpRequest, account: Account, error: str = "", status: int = 200) -> HttpResponse:
    told = {
        "name": accounts.name_of(account), "login": account.login, "error": error, "next": safe_next(request),
        "unsaved": "unsaved" in request.GET or "unsaved" in request.POST,
    }  # fmt: skip
    return onward.allow(request, render(request, "identity/locked.html", told, status=status), safe_next(request))
