"""Signing out, and saying which applications that reaches: those that are told, and those that stay open for a while."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lingqu.kernel.access import actor_of

from .sessions import leave, session_of
from .types.slots import ENTERED
from .types.values import EnteredApp


def list_entered(request: HttpRequest) -> tuple[EnteredApp, ...]:
    """Applications into which the request's session went; empty for a visitor."""
    session = session_of(request)
    return tuple(app for apps in ENTERED.collect(actor_of(request), session) for app in apps) if session else ()


def ask_to_leave(request: HttpRequest, *, told: str, action: str, name: str, value: str) -> HttpResponse:
    """The question whether to sign out: ``told`` says who asks; the form posts ``value`` and ``answer`` to ``action``."""
    shown = {"told": told, "action": action, "name": name, "value": value, "entered": list_entered(request)}
    return render(request, "identity/leave.html", shown)


def leave_and_show(request: HttpRequest) -> HttpResponse:
    """Sign out here; the page names what was reached."""
    entered = list_entered(request)
    leave(request)
    return render(request, "identity/left.html", {"entered": entered})
