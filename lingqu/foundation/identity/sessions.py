"""What a session knows: whose it is, since when, in which role. And the device cookie."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.core import signing
from django.http import HttpRequest, HttpResponse

from lingqu.kernel.clock import now

from . import locking
from .models import Account

BACKEND = "django.contrib.auth.backends.ModelBackend"
EPOCH, SINCE, ROLE = "identity_epoch", "identity_since", "identity_role"
LONGEST = timedelta(hours=12)
DEVICE_COOKIE = f"lingqu_device{settings.COOKIE_SUFFIX}"
DEVICE_AGE = 365 * 24 * 3600
_DEVICE_SALT = "identity.device"


def begin(request: HttpRequest, account: Account) -> None:
    """Sign the account in: a new session key and form token, everything of the former session forgotten."""
    request.session.flush()
    auth.login(request, account, backend=BACKEND)
    request.session[EPOCH] = account.epoch
    request.session[SINCE] = request.session[locking.SEEN] = int(now().timestamp())
    request.session.set_expiry(int(LONGEST.total_seconds()))


def renew(request: HttpRequest, account: Account) -> None:
    """Go on after one's own password change, which ended every other session: new key, new epoch."""
    auth.update_session_auth_hash(request, account)
    request.session[EPOCH] = account.epoch


def account_id_of(request: HttpRequest) -> UUID | None:
    """Whose session this is; None without one, and after twelve hours whatever was done in between."""
    session = getattr(request, "session", None)
    if session is None or not request.COOKIES.get(settings.SESSION_COOKIE_NAME):
        return None
    found, since = session.get(auth.SESSION_KEY), session.get(SINCE)
    if not found or not isinstance(since, int) or now().timestamp() - since > LONGEST.total_seconds():
        return None
    try:
        return UUID(str(found))
    except ValueError:
        return None


def is_over(session: Any, account: Account) -> bool:
    """Whether the account's sessions were ended after this one began."""
    epoch = session.get(EPOCH)
    return not account.is_active or not isinstance(epoch, int) or epoch < account.sessions_from


def choose_role(request: HttpRequest, key: str) -> None:
    request.session[ROLE] = key
    request.session.cycle_key()


def device_of(request: HttpRequest) -> str:
    """Id in the signed device cookie; empty when there is none or it is not ours."""
    try:
        return str(signing.loads(request.COOKIES.get(DEVICE_COOKIE, ""), salt=_DEVICE_SALT, max_age=DEVICE_AGE))
    except signing.BadSignature:
        return ""


def give_device(request: HttpRequest, response: HttpResponse) -> None:
    """Every browser that sees the form gets an id, so that it has an allowance of its own."""
    if not device_of(request):
        response.set_cookie(
            DEVICE_COOKIE, signing.dumps(secrets.token_urlsafe(12), salt=_DEVICE_SALT), max_age=DEVICE_AGE,
            httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, path="/",
        )  # fmt: skip
