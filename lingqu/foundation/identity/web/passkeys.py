"""The browser's side of passkeys: made and removed on the own page, answered at the doors."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from lingqu.kernel.access import actor_of, public, signed_in
from lingqu.kernel.errors import DomainError

from .. import agents, sessions
from ..models import Account, SsoSession
from ..services import passkeys, signing_in, sso
from . import again, door, factors, locked

MAKING, ASKED = "identity_passkey_making", "identity_passkey_asked"
"""In the session: the challenge that waits for a new passkey, and the one for an answer at a door."""
ENTER, SECOND, AGAIN, LOCKED = "enter", "second", "again", "locked"


@signed_in
@never_cache
@require_POST
def options(request: HttpRequest) -> HttpResponse:
    """What ``navigator.credentials.create`` needs."""
    session: SsoSession = request.sso_session  # type: ignore[attr-defined]
    if not again.is_fresh(session):
        return JsonResponse({"message": _("请重新打开这一页，再确认一次身份。")}, status=403)
    made, request.session[MAKING] = passkeys.begin(actor=actor_of(request), account=session.account)
    return JsonResponse(made)


@signed_in
@never_cache
@sensitive_variables("codes")
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    session: SsoSession = request.sso_session  # type: ignore[attr-defined]
    if not again.is_fresh(session):
        return redirect("identity:own_factor")
    name = request.POST.get("name", "").strip() or agents.words_of(request.headers.get("User-Agent", ""))
    try:
        codes = passkeys.add(
            actor=actor_of(request), account=session.account, state=request.session.pop(MAKING, None) or {},
            answer=_answer(request), name=name,
        )  # fmt: skip
    except DomainError as refusal:
        messages.warning(request, refusal.message)
        return redirect("identity:own_factor")
    messages.success(request, _("已添加通行密钥。"))
    return factors.page(request, recovery=codes) if codes else redirect("identity:own_factor")


@signed_in
@require_POST
def remove(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    session: SsoSession = request.sso_session  # type: ignore[attr-defined]
    if again.is_fresh(session):
        passkeys.remove(actor=actor_of(request), account=session.account, passkey_id=passkey_id)
        messages.success(request, _("已删除通行密钥，它不能再用来登录。"))
    return redirect("identity:own_factor")


@public
@never_cache
@require_POST
def asked(request: HttpRequest) -> HttpResponse:
    """What ``navigator.credentials.get`` needs: for whoever is in, for whoever gave the password, or for anybody."""
    purpose, account = _stage(request)
    made, state = passkeys.ask(account, verified=purpose != SECOND)
    request.session[ASKED] = {**state, "purpose": purpose, "account": str(account.id) if account else ""}
    return JsonResponse(made)


@public
@never_cache
@sensitive_post_parameters("credential")
@require_POST
def answered(request: HttpRequest) -> HttpResponse:
    """In, on, or back with a proof that is new: what the challenge was asked for."""
    state: dict[str, Any] = request.session.pop(ASKED, None) or {}
    purpose, account = _stage(request)
    try:
        if (state.get("purpose"), state.get("account")) != (purpose, str(account.id) if account else ""):
            raise passkeys.PasskeyRefused
        proof = passkeys.prove(state=state, answer=_answer(request), account=account)
        if purpose == ENTER:
            signing_in.let_in(proof.account, door.origin_of(request))
    except DomainError as refusal:
        return _refused(request, purpose, refusal)
    if purpose == SECOND:
        return door.finish_second(request, proof.account, (*proof.amr, "mfa"))
    if purpose == LOCKED:
        return locked.go_on(request)
    strong = (*proof.amr, "mfa")
    if purpose == ENTER:
        return door.come_in(request, proof.account, door.safe_next(request), amr=tuple(sorted(strong)))
    sso.confirm(request.sso_session, amr=strong)  # type: ignore[attr-defined]
    sessions.renew(request)
    return redirect(door.safe_next(request))


def _stage(request: HttpRequest) -> tuple[str, Account | None]:
    """What an answer would be for, given who this browser is by now."""
    if actor_of(request).is_signed_in:
        return AGAIN, request.sso_session.account  # type: ignore[attr-defined]
    if (idle := getattr(request, "locked_account", None)) is not None:
        return LOCKED, idle
    waiting = door.waiting_account(request)
    return (SECOND, waiting) if waiting else (ENTER, None)


def _refused(request: HttpRequest, purpose: str, refusal: DomainError) -> HttpResponse:
    if purpose == AGAIN:
        return again.page(request, refusal)
    if purpose == LOCKED:
        return locked.page(request, request.locked_account, refusal.message, refusal.status)  # type: ignore[attr-defined]
    return door.second_page(request, refusal) if purpose == SECOND else door.sign_in_page(request, refusal=refusal)


def _answer(request: HttpRequest) -> dict[str, Any]:
    """What the browser made of the options, as it came; nothing of it is believed yet."""
    try:
        found = json.loads(request.POST.get("credential", "")[: passkeys.MOST_RESPONSE])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
