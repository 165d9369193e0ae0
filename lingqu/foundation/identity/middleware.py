"""Attaches the actor to each request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation

from lingqu.kernel import clock
from lingqu.kernel.access import access_of
from lingqu.kernel.actor import Actor

from . import factor_first, locking, on_screen, sessions
from .models import Account, SsoSession
from .selectors.standing import standing_of
from .services import sso
from .types.values import RoleChoice, Standing
from .types.words import SessionKind

KEEP_SECONDS = 60.0
"""What the register says about somebody may change without the account's epoch; this is how long it takes to show."""
MOST_KEPT = 4000

_kept: dict[tuple[UUID, int], tuple[float, Standing]] = {}
_lock = threading.Lock()


class ActorMiddleware:
    """One query for session and account each request; rights come from this process's memory while account and epoch agree."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.idle_seconds = 0  # type: ignore[attr-defined]
        request.actor = self._actor(request)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.actor.is_signed_in:  # type: ignore[attr-defined]
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """A locked session sees public pages and the lock; a class screen only what belongs there; who must set up a second
        factor, that."""
        if (screen := getattr(request, "class_screen", None)) is not None:
            return self._on_screen(request, view, screen)
        if getattr(request, "locked_account", None) is None:
            return factor_first.answer(request)
        access = access_of(view)
        return None if access is not None and access.kind == "public" else locking.answer(request)

    def _on_screen(self, request: HttpRequest, view: Any, screen: SsoSession) -> HttpResponse | None:
        if on_screen.is_allowed(view):
            request.shows_nobody = reverse("identity:screen")  # type: ignore[attr-defined]
            request.sso_session, request.standing = screen, kept_standing(screen.account)  # type: ignore[attr-defined]
            request.actor = actor_on_screen(screen, request_id=getattr(request, "request_id", ""))  # type: ignore[attr-defined]
            return None
        access = access_of(view)
        return None if access is not None and access.kind == "public" else redirect("identity:screen")

    def _actor(self, request: HttpRequest) -> Actor:
        session = sessions.find_session(request)
        if session is None:
            if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and request.session.get(sessions.SID):
                request.session.flush()
            return Actor.anonymous()
        sso.note_seen(session)
        if session.kind == SessionKind.CLASS_SCREEN:
            request.class_screen = session  # type: ignore[attr-defined]
            return Actor.anonymous()
        request.sso_session, account = session, session.account  # type: ignore[attr-defined]
        _speak(request, account.language)
        standing = kept_standing(account)
        idle = locking.idle_seconds(standing)
        if locking.note(request, idle):
            request.locked_account = account  # type: ignore[attr-defined]
            return Actor.anonymous()
        request.standing, request.idle_seconds = standing, idle  # type: ignore[attr-defined]
        chosen = choose(standing, request.session.get(sessions.ROLE, "") or account.last_role)
        return actor_in(standing, chosen, request_id=getattr(request, "request_id", ""))


def _speak(request: HttpRequest, language: str) -> None:
    """What an account chose goes before what the browser or its cookie says."""
    if language and language != translation.get_language():
        translation.activate(language)
        request.LANGUAGE_CODE = language


def kept_standing(account: Account) -> Standing:
    """The account's standing, at most a minute old and never of an older epoch."""
    key = (account.id, account.epoch)
    held = _kept.get(key)
    if held is not None and time.monotonic() < held[0]:
        return held[1]
    found = standing_of(account)
    with _lock:
        _kept.pop(key, None)
        while len(_kept) >= MOST_KEPT:
            del _kept[next(iter(_kept))]
        _kept[key] = (time.monotonic() + KEEP_SECONDS, found)
    return found


def forget_standings() -> None:
    """Start with an empty memory (tests)."""
    with _lock:
        _kept.clear()


def choose(standing: Standing, wanted: str) -> RoleChoice | None:
    """The wanted role while it holds, else the most useful one."""
    at = clock.now()
    live = [choice for choice in standing.choices if choice.is_live(at)]
    return next((choice for choice in live if choice.key == wanted), live[0] if live else None)


def actor_in(standing: Standing, chosen: RoleChoice | None, *, request_id: str = "") -> Actor:
    """Who acts: only the rights of the chosen role, and one's own record."""
    return Actor(
        kind="account", name=standing.name, account_id=standing.account_id, person_id=standing.person_id,
        role=chosen.role if chosen else "",
        organisation_id=chosen.organisation_id if chosen else None,
        path=chosen.path if chosen else "",
        rights=(*(chosen.rights if chosen else ()), *standing.own),
        request_id=request_id,
    )  # fmt: skip


def actor_on_screen(screen: SsoSession, *, request_id: str = "") -> Actor:
    """The teacher's account without any right or role."""
    standing = kept_standing(screen.account)
    return Actor(
        kind="account", name=standing.name, account_id=standing.account_id, person_id=standing.person_id,
        request_id=request_id,
    )  # fmt: skip


def actor_for(account: Account, role: str = "") -> Actor:
    """The actor of an account outside a request; ``role`` is a choice's key or a role code, empty the default."""
    standing = standing_of(account)
    named = next((choice for choice in standing.choices if role and role in (choice.key, choice.role)), None)
    return actor_in(standing, named or choose(standing, account.last_role))
