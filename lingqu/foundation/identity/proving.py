"""Asking somebody at the door to prove themselves for one request of a protocol, and knowing afterwards that they did.

    if not proving.was_proved(request, session):            # CAS renew, OIDC prompt=login and max_age, SAML ForceAuthn
        return redirect(proving.door(request, again=session is not None))

The address that leads back carries a signed mark of when it was asked and for what; a sign-in before that is not one.
"""

from __future__ import annotations

import time
from hashlib import sha256
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest

from .types.values import SessionFact

ASKED = "asked"
WITHIN = 900
"""Seconds from being asked to being back with a proof."""
_SALT = "identity.proving"


def door(request: HttpRequest, *, again: bool = False) -> str:
    """Address of the door that leads back to this request. ``again``: somebody is in already; a locked session meets its
    lock."""
    plain = _plain(request.get_full_path())
    mark = signing.dumps([time.time(), _digest(plain)], salt=_SALT)
    back = f"{plain}{'&' if '?' in plain else '?'}{urlencode({ASKED: mark})}"
    is_locked = getattr(request, "locked_account", None) is not None
    place = "/sign-in/again" if again else "/locked" if is_locked else "/sign-in"
    return f"{place}?{urlencode({'next': back})}"


def was_proved(request: HttpRequest, session: SessionFact | None) -> bool:
    """Whether the session's account proved itself after it was asked to for this very address."""
    try:
        asked, digest = signing.loads(request.GET.get(ASKED, ""), salt=_SALT, max_age=WITHIN)
    except (signing.BadSignature, ValueError):
        return False
    if session is None or digest != _digest(_plain(request.get_full_path())):
        return False
    return session.auth_time.timestamp() >= float(asked)


def _plain(target: str) -> str:
    """The address without our mark, which always stands last."""
    for sign in ("&", "?"):
        head, found, _mark = target.rpartition(f"{sign}{ASKED}=")
        if found:
            return head
    return target


def _digest(target: str) -> str:
    return sha256(target.encode()).hexdigest()[:32]
