"""What a browser's cookie stands for: its SSO session and the chosen role. And the device cookie."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.urls import reverse

from lingqu.kernel.clock import now
from lingqu.kernel.compiled import Compiled
from lingqu.kernel.ids import as_uuid

from . import locking
from .models import Account, SsoSession
from .selectors.sessions import as_fact
from .services import sso
from .types.values import SessionFact
from .types.words import SessionEnd, SessionKind

SID, ROLE, SECOND = "identity_sid", "identity_role", "identity_second"
CHOOSE_WITHIN = 300
"""Seconds in which a sign-in that was begun must be gone on with in the same browser."""
DEVICE_COOKIE = f"lingqu_device{settings.COOKIE_SUFFIX}"
DEVICE_AGE = 365 * 24 * 3600
_DEVICE_SALT = "identity.device"


def begin(
    request: HttpRequest,
    account: Account,
    *,
    amr: Sequence[str] = ("pwd",),
    kind: SessionKind = SessionKind.BROWSER,
    lasts: timedelta = sso.LONGEST,
    group_id: UUID | None = None,
) -> SsoSession:
    """Sign the account in: a new session key and form token, everything of the browser's former session is over."""
    if former := _sid_of(request):
        sso.end([former], SessionEnd.REPLACED)
    request.session.flush()
    rotate_token(request)
    made = sso.begin(
        account, amr=amr, kind=kind, lasts=lasts, group_id=group_id, agent=request.headers.get("User-Agent", ""),
        address=request.META.get("REMOTE_ADDR", ""),
    )  # fmt: skip
    request.session[SID] = str(made.id)
    request.session[locking.SEEN] = int(now().timestamp())
    request.session.set_expiry(made.expires_at)
    return made


def await_second(
    request: HttpRequest,
    account: Account,
    target: str,
    *,
    amr: Sequence[str] = ("pwd",),
    told: Mapping[str, str] | None = None,
) -> str:
    """The account has proved itself by ``amr`` and still owes its second factor; the address that asks for it.

    ``told`` comes back through ``ARRIVED`` once the session is there.
    """
    request.session[SECOND] = {
        "id": str(account.id), "next": target, "until": time.time() + CHOOSE_WITHIN, "amr": list(amr), "told": dict(told or {}),
    }  # fmt: skip
    return reverse("identity:second_factor")


def leave(request: HttpRequest, because: SessionEnd = SessionEnd.SIGNED_OUT) -> None:
    """Out of this browser, and of every application that was entered from it."""
    if here := _sid_of(request):
        sso.end([here], because)
    request.session.flush()


def renew(request: HttpRequest) -> None:
    """Go on under a new key after one's own password change, which ended every other session."""
    request.session.cycle_key()


def find_session(request: HttpRequest) -> SsoSession | None:
    """The SSO session of the request with its account; None when there is none, it is over or the account stopped."""
    if getattr(request, "session", None) is None or not request.COOKIES.get(settings.SESSION_COOKIE_NAME):
        return None
    sid = _sid_of(request)
    found = _read(sid) if sid else None
    if found is None or found.ended_at is not None or found.expires_at <= now() or not found.account.is_active:
        return None
    return found


_SESSION = tuple(field.attname for field in SsoSession._meta.concrete_fields)
_ACCOUNT = tuple(field.attname for field in Account._meta.concrete_fields)
_READ = Compiled(
    lambda sid: SsoSession.objects.filter(id=sid).values_list(*_SESSION, *(f"account__{name}" for name in _ACCOUNT)),
    sid=UUID(int=1),
)  # fmt: skip


def _read(sid: UUID) -> SsoSession | None:
    """Session and account by the statement of every page."""
    row = _READ.row(sid=sid)
    if row is None:
        return None
    found = SsoSession.from_db("default", _SESSION, row[: len(_SESSION)])
    found.account = Account.from_db("default", _ACCOUNT, row[len(_SESSION) :])
    return found


def session_of(request: HttpRequest) -> SessionFact | None:
    """The SSO session of a signed-in request; None for a visitor."""
    found: SsoSession | None = getattr(request, "sso_session", None)
    return as_fact(found) if found else None


def _sid_of(request: HttpRequest) -> UUID | None:
    return as_uuid(request.session.get(SID))


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
