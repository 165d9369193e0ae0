"""What each address demands of its visitor. A route without a declaration is a red test.

``@public``: anybody. ``@signed_in``: any account. ``@needs(code, …)``: an account that holds one of the rights
somewhere; the service or selector behind it checks the exact place. Declarations are readable by tests through
``access_of(view)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from .actor import Actor
from .errors import Forbidden

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Access:
    """``kind`` is ``public``, ``signed_in`` or ``needs``; ``codes`` are right codes of which one suffices."""

    kind: str
    codes: tuple[str, ...] = ()


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the identity middleware attached."""
    actor: Actor = getattr(request, "actor", None) or Actor.anonymous()
    return actor


def access_of(view: View) -> Access | None:
    return getattr(view, "lingqu_access", None)


def _declare(view: View, access: Access) -> View:
    view.lingqu_access = access  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    return _declare(view, Access("public"))


def _demand(view: View, access: Access) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = actor_of(request)
        if not actor.is_signed_in:
            return redirect("/sign-in?" + urlencode({"next": request.get_full_path()}))
        if access.codes and not any(actor.has(code) for code in access.codes):
            raise Forbidden()
        return view(request, *args, **kwargs)

    return _declare(guarded, access)


def signed_in(view: View) -> View:
    return _demand(view, Access("signed_in"))


def needs(*codes: str) -> Callable[[View], View]:
    return lambda view: _demand(view, Access("needs", codes))
