"""The door for somebody who is in and has to prove it anew: an application asked for it, or a setting is worth it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lingqu.kernel import clock
from lingqu.kernel.access import signed_in
from lingqu.kernel.errors import DomainError

from .. import sessions
from ..models import SsoSession
from ..selectors import accounts
from ..selectors.factors import has_passkey
from ..services import passkeys, signing_in, sso, throttle
from ..services.own import FRESH
from . import onward
from .door import origin_of, safe_next, with_retry_after


def is_fresh(session: SsoSession) -> bool:
    """Whether the session's owner proved to be there within ten minutes: by password, by a passkey that knew them, or above."""
    return not {"pwd", "user", "fed"}.isdisjoint(session.amr) and clock.now() - session.auth_time <= FRESH


def ask_first(back: str) -> HttpResponse:
    """To the door that asks again, and from there to ``back``."""
    return redirect(f"{reverse('identity:sign_in_again')}?{urlencode({'next': back})}")


@signed_in
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """The right password moves the session's ``auth_time`` to now and goes on to ``next``."""
    session: SsoSession = request.sso_session  # type: ignore[attr-defined]
    if request.method != "POST":
        return page(request)
    account = session.account
    try:
        found = signing_in.sign_in(
            login=account.login, password=request.POST.get("password", ""), origin=origin_of(request)
        )
    except (signing_in.SignInRefused, throttle.Slowed) as refusal:
        return with_retry_after(page(request, refusal), refusal)
    if account.id not in found.accounts:
        return page(request, signing_in.SignInRefused())
    sso.confirm(session, amr=["pwd"])
    sessions.renew(request)
    return redirect(safe_next(request))


def page(request: HttpRequest, refusal: DomainError | None = None) -> HttpResponse:
    session: SsoSession = request.sso_session  # type: ignore[attr-defined]
    is_wrong = isinstance(refusal, signing_in.SignInRefused)
    shown = {
        "name": accounts.name_of(session.account), "login": session.account.login, "next": safe_next(request),
        "is_wrong": is_wrong, "error": "" if is_wrong or refusal is None else refusal.message,
        "with_passkey": passkeys.are_possible() and has_passkey(session.account_id),
    }  # fmt: skip
    response = render(request, "identity/again.html", shown, status=refusal.status if refusal else 200)
    return onward.allow(request, response, safe_next(request))
