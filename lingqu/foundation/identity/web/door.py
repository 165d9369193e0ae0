"""Coming in and going out with a password."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, public
from lingqu.kernel.errors import DomainError

from .. import parting, sessions
from ..models import Account
from ..selectors import accounts
from ..selectors.factors import has_app, has_factor, has_passkey
from ..services import factors, passkeys, signing_in, throttle
from ..services.signing_in import Origin
from ..types.slots import ARRIVED, OTHER_DOORS
from ..types.values import Arrival
from . import onward

CANDIDATES = "identity_candidates"


def safe_next(request: HttpRequest) -> str:
    """Where to go afterwards: only an address of this platform, and not the door itself."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return (
        target
        if is_ours and target.startswith("/") and not target.startswith(("/sign-", "/activate", "/locked"))
        else "/"
    )


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    target = safe_next(request)
    if request.method != "POST":
        return redirect(target) if actor_of(request).is_signed_in else _with_device(request, sign_in_page(request))
    if "account" in request.POST:
        return _enter_chosen(request, target)
    login, password = request.POST.get("login", ""), request.POST.get("password", "")
    if not login.strip() or not password:
        return sign_in_page(request, error=_("请填写登录名和密码。"), status=422)
    try:
        found = signing_in.sign_in(login=login, password=password, origin=origin_of(request))
    except (signing_in.SignInRefused, throttle.Slowed) as refusal:
        return _with_device(request, sign_in_page(request, refusal=refusal))
    if len(found.accounts) == 1:
        return enter(request, accounts.get_account(found.accounts[0]), target)
    request.session[CANDIDATES] = {
        "ids": [str(one) for one in found.accounts],
        "until": time.time() + sessions.CHOOSE_WITHIN,
    }
    return sign_in_page(request, candidates=[accounts.get_account(one) for one in found.accounts])


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Straight back to the door, for the next at a shared computer, unless applications were entered that should be named."""
    if parting.list_entered(request):
        return parting.leave_and_show(request)
    sessions.leave(request)
    messages.success(request, _("已退出。"))
    return redirect("identity:sign_in")


def enter(request: HttpRequest, account: Account, target: str, *, keeps_messages: bool = False) -> HttpResponse:
    """Go on with somebody who has proved the password: in, or to the second factor where the account has one."""
    if has_factor(account):
        return redirect(sessions.await_second(request, account, target))
    return come_in(request, account, target, amr=("pwd",), keeps_messages=keeps_messages)


@public
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Between password and session: six digits of the app, or a recovery code. Five minutes, in this browser only."""
    account = waiting_account(request)
    if account is None:
        return sign_in_page(request, error=_("请重新登录。"), status=422)
    if request.method != "POST":
        return second_page(request)
    try:
        factors.check(account=account, typed=request.POST.get("code", ""))
    except DomainError as refusal:
        return second_page(request, refusal)
    return finish_second(request, account, ("otp",))


def waiting_account(request: HttpRequest) -> Account | None:
    """Who proved to be somebody in this browser less than five minutes ago and still owes the second factor."""
    held: dict[str, Any] = request.session.get(sessions.SECOND) or {}
    if held.get("until", 0) < time.time():
        request.session.pop(sessions.SECOND, None)
        return None
    return accounts.get_account(UUID(held["id"]))


def finish_second(request: HttpRequest, account: Account, amr: tuple[str, ...]) -> HttpResponse:
    """In, to where the first proof was to lead, with both; unless the account was stopped meanwhile."""
    held: dict[str, Any] = request.session.pop(sessions.SECOND)
    if not account.is_active:
        return redirect("identity:sign_in")
    response = come_in(request, account, held["next"], amr=tuple(sorted({*held["amr"], *amr})))
    if held["told"]:
        here = UUID(request.session[sessions.SID])
        ARRIVED.collect(actor_of(request), Arrival(session_id=here, told=held["told"]))
    return response


def second_page(request: HttpRequest, refusal: DomainError | None = None) -> HttpResponse:
    account = waiting_account(request)
    shown = {
        "from_above": "fed" in (request.session.get(sessions.SECOND) or {}).get("amr", ()),
        "error": refusal.message if refusal else "", "has_app": account is not None and has_app(account.id),
        "with_passkey": passkeys.are_possible() and account is not None and has_passkey(account.id),
    }  # fmt: skip
    page = render(request, "identity/second_factor.html", shown, status=refusal.status if refusal else 200)
    return with_retry_after(page, refusal) if refusal else page


def come_in(
    request: HttpRequest, account: Account, target: str, *, amr: tuple[str, ...], keeps_messages: bool = False
) -> HttpResponse:
    """Sign the account in and go on; the browser is known to it from now on."""
    waiting = list(messages.get_messages(request)) if keeps_messages else []
    sessions.begin(request, account, amr=amr)
    for message in waiting:
        messages.add_message(request, message.level, message.message)
    response = HttpResponseRedirect(target)
    signing_in.remember_device(account.id, sessions.device_of(request))
    return response


def _enter_chosen(request: HttpRequest, target: str) -> HttpResponse:
    """Which of the accounts behind a shared phone, after its password was right."""
    offered: dict[str, Any] = request.session.pop(CANDIDATES, None) or {}
    wanted = request.POST.get("account", "")
    if wanted not in offered.get("ids", []) or offered.get("until", 0) < time.time():
        return sign_in_page(request, error=_("请重新登录。"), status=422)
    return enter(request, accounts.get_account(UUID(wanted)), target)


def origin_of(request: HttpRequest) -> Origin:
    return Origin(address=request.META.get("REMOTE_ADDR", ""), device=sessions.device_of(request))


def _with_device(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    sessions.give_device(request, response)
    return response


def sign_in_page(
    request: HttpRequest,
    *,
    error: str = "",
    status: int = 200,
    refusal: DomainError | None = None,
    candidates: list[Account] | None = None,
) -> HttpResponse:
    shown = {
        "error": error or (refusal.message if refusal else ""), "login": request.POST.get("login", "")[: accounts.MOST_LOGIN], "next": safe_next(request),
        "candidates": [{"id": one.id, "name": accounts.name_of(one), "login": one.login} for one in candidates or []],
        "totals": registry.public_figures(),
        "with_passkey": passkeys.are_possible(),
        "doors": [one for some in OTHER_DOORS.collect(actor_of(request), safe_next(request)) for one in some],
    }  # fmt: skip
    status = refusal.status if refusal else status
    response = render(request, "identity/sign_in.html", shown, status=status)
    onward.allow(request, response, safe_next(request))
    return with_retry_after(response, refusal) if refusal else response


def with_retry_after(response: HttpResponse, refusal: DomainError) -> HttpResponse:
    if seconds := refusal.details.get("retry_after"):
        response["Retry-After"] = str(seconds)
    return response
