"""The idle lock: a session of somebody who sees pupils asks for the password again after minutes without a request.

Shared computers in staff rooms are the reason. A locked session acts as nobody: public pages answer, everything else
answers with the lock, and the right password goes on where one was. What was being sent is not carried out, and the lock
says so. Requests that a page makes by itself (marked ``X-Lingqu-Quiet``) do not keep a session awake.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel.clock import now

from . import roles
from .types.values import Standing

SEEN, LOCKED = "identity_seen", "identity_locked"
WRITE_EVERY = 30
"""Seconds: so seldom is the latest request noted, and so much earlier a session may lock."""
QUIET = "X-Lingqu-Quiet"
NEVER = frozenset({"student", "guardian"})


def idle_seconds(standing: Standing) -> int:
    """After how long this account's sessions lock; 0 = never. Any of its roles counts, because it may change to it."""
    held = {choice.role for choice in standing.choices} - NEVER
    sees_pupils = any(roles.SEES_PUPILS & set(roles.ROLES[code].rights) for code in held if code in roles.ROLES)
    return int(settings.LINGQU_IDLE_MINUTES * 60) if sees_pupils else 0


def note(request: HttpRequest, seconds: int) -> bool:
    """Note the request and return whether the session is locked. One write in half a minute at most."""
    session, moment = request.session, int(now().timestamp())
    if not seconds:
        return bool(session.get(LOCKED))
    seen = session.get(SEEN)
    if session.get(LOCKED) or (isinstance(seen, int) and moment - seen > seconds):
        if not session.get(LOCKED):
            session[LOCKED] = True
        return True
    is_quiet = not request.path or QUIET in request.headers
    if not isinstance(seen, int) or (moment - seen > min(WRITE_EVERY, seconds // 2) and not is_quiet):
        session[SEEN] = moment
    return False


def lock(request: HttpRequest) -> None:
    request.session[LOCKED] = True


def unlock(request: HttpRequest) -> None:
    """Go on with the same session under a new key."""
    request.session.pop(LOCKED, None)
    request.session[SEEN] = int(now().timestamp())
    request.session.cycle_key()


def answer(request: HttpRequest) -> HttpResponse:
    """What a locked session gets instead of a page: the way to the lock, and whether something was not carried out."""
    is_part = request.headers.get("HX-Request") == "true"
    is_sent = request.method not in ("GET", "HEAD")
    came_from = request.headers.get("HX-Current-URL") if is_part else request.headers.get("Referer")
    here = _path_of(came_from or "/") if is_part or is_sent else request.get_full_path()
    address = reverse("identity:locked") + "?" + urlencode({"next": here, **({"unsaved": "1"} if is_sent else {})})
    return lead_to(request, address, code="locked", message=_("太久没有操作，请重新输入密码。"))


def lead_to(request: HttpRequest, address: str, *, code: str, message: str) -> HttpResponse:
    """Another page instead of the one asked for, in the way that a page, a part of one and a script understand. A part that
    renews itself is left as it is: leaving the page would take what is being typed there."""
    if request.headers.get("HX-Request") == "true" and QUIET in request.headers:
        return HttpResponse(status=204)
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=204)
        response["HX-Redirect"] = address
        return response
    if "application/json" in request.headers.get("Accept", "") or request.headers.get("Sec-Fetch-Mode") == "cors":
        return JsonResponse({"code": code, "message": message, "url": address}, status=401)
    return HttpResponseRedirect(address)


def _path_of(address: str) -> str:
    parts = urlsplit(address)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
