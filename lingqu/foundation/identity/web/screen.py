"""The screen in front of a class and the phone that lets it in. Works without script: a waiting screen reloads itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.kernel import clock
from lingqu.kernel.access import actor_of, public, signed_in
from lingqu.kernel.errors import DomainError, Invalid
from lingqu.kernel.ids import as_uuid
from lingqu.kernel.printing import qr_svg
from lingqu.ui.figures import clock_time

from .. import on_screen, sessions
from ..models import ClassSession, SsoSession
from ..selectors import accounts, classroom
from ..services import classroom as opening
from ..services import screens
from ..types.slots import SCREEN_TILES
from ..types.words import ClassKind, SessionKind

COOKIE = f"lingqu_screen{settings.COOKIE_SUFFIX}"
PLACE = f"lingqu_class{settings.COOKIE_SUFFIX}"
"""The class that was let in here last: the waiting screen shows its lessons."""
SALT, YEAR = "identity.screen", 370 * 24 * 3600
WAIT_SECONDS, SHOW_SECONDS = 3, 20


@public
@on_screen.allowed
@never_cache
@require_GET
def screen(request: HttpRequest) -> HttpResponse:
    """What a touch screen has open: the code to scan, or the lesson that runs."""
    session: SsoSession | None = getattr(request, "sso_session", None)
    if session is not None and session.kind == SessionKind.CLASS_SCREEN:
        return _lesson(request, session)
    secret = _signed(request, COOKIE) or screens.new_secret()
    agreed = screens.take(secret)
    if agreed is not None:
        return _enter(request, agreed)
    try:
        waiting = screens.wait(secret=secret, address=request.META.get("REMOTE_ADDR", ""))
    except DomainError as refusal:
        slowed = {"error": refusal.message, "group": None, "now": clock.now()}
        return render(request, "identity/screen.html", slowed, status=refusal.status)
    address = f"{settings.PUBLIC.geturl()}{reverse('identity:screen_scan')}?{urlencode({'c': waiting.code})}"
    group = _place_of(request)
    strip = classroom.strip_of(group.id) if group else ()
    shown: dict[str, Any] = {
        "error": "", "qr": qr_svg(address), "number": waiting.number, "until": waiting.expires_at, "group": group, "now": clock.now(),
        "strip": strip, "coming": next((one for one in strip if one.state in ("now", "next")), None),
    }  # fmt: skip
    response = render(request, "identity/screen.html", shown)
    response["Refresh"] = str(WAIT_SECONDS)
    _keep(response, COOKIE, secret, age=24 * 3600)
    return response


def _lesson(request: HttpRequest, session: SsoSession) -> HttpResponse:
    lessons = ClassSession.objects.select_related("class_group__school")
    running = lessons.filter(id=session.group_id).first() if session.group_id else None
    if running is None:
        sessions.leave(request)
        return redirect("identity:screen")
    left = running.ends_at - clock.now()
    shown = {
        "lesson": running, "group": running.class_group, "teacher": accounts.name_of(session.account),
        "minutes": max(1, -(-int(left.total_seconds()) // 60)), "strip": classroom.strip_of(running.class_group_id),
        "tiles": [one for some in SCREEN_TILES.collect(actor_of(request), request) for one in some], "now": clock.now(),
    }  # fmt: skip
    response = render(request, "identity/screen_lesson.html", shown)
    response["Refresh"] = str(max(1, min(SHOW_SECONDS, int(left.total_seconds()) + 1)))
    return response


def _enter(request: HttpRequest, agreed: ClassSession) -> HttpResponse:
    sessions.begin(
        request, agreed.account, amr=agreed.amr, kind=SessionKind.CLASS_SCREEN, lasts=agreed.ends_at - clock.now(),
        group_id=agreed.id,
    )  # fmt: skip
    response = redirect("identity:screen")
    response.delete_cookie(COOKIE, path="/screen")
    _keep(response, PLACE, str(agreed.class_group_id), age=YEAR)
    return response


@public
@on_screen.allowed
@require_POST
def finish(request: HttpRequest) -> HttpResponse:
    """下课, on the screen itself."""
    session: SsoSession | None = getattr(request, "sso_session", None)
    if session is not None and session.kind == SessionKind.CLASS_SCREEN and session.group_id:
        opening.end_class(actor=actor_of(request), session_id=session.group_id, kind=ClassKind.SCREEN)
        sessions.leave(request)
    return redirect("identity:screen")


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: HttpRequest) -> HttpResponse:
    """On the screen: the teacher has no phone and types the code that she took from another computer."""
    error, status = "", 200
    if request.method == "POST":
        try:
            address = request.META.get("REMOTE_ADDR", "")
            return _enter(request, screens.take_by_code(request.POST.get("code", ""), address=address))
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
    shown = {"error": error, "group": _place_of(request), "now": clock.now()}
    return render(request, "identity/screen_code.html", shown, status=status)


@signed_in
@require_POST
def open_by_code(request: HttpRequest) -> HttpResponse:
    """On another computer: a lesson whose screen is let in by a code."""
    session: SsoSession = request.sso_session  # type: ignore[attr-defined]
    class_id = as_uuid(request.POST.get("class", ""))
    if class_id is None:
        raise Invalid(_("请选班级。"))
    opening.open_class(
        actor=actor_of(request), class_id=class_id, kind=ClassKind.SCREEN, amr=tuple(session.amr), by_code=True
    )
    messages.success(request, _("码已取好，10 分钟内在大屏上输入，只能用一次。"))
    return redirect("identity:screens")


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: HttpRequest) -> HttpResponse:
    """On the teacher's phone: which class, and which number stands on the screen."""
    actor, code = actor_of(request), request.POST.get("c") or request.GET.get("c", "")
    try:
        found = screens.look(code)
        if request.method == "POST":
            return _approve(request, code)
    except DomainError as refusal:
        if refusal.status == 403:
            raise
        return _phone(request, error=refusal.message, status=refusal.status)
    return _phone(request, code=code, numbers=found.numbers, offers=classroom.list_offers(actor))


def _approve(request: HttpRequest, code: str) -> HttpResponse:
    try:
        class_id, number = UUID(request.POST.get("class", "")), int(request.POST.get("number", ""))
    except ValueError as error:
        raise Invalid(_("请选班级，再点大屏上显示的数字。")) from error
    session: SsoSession = request.sso_session  # type: ignore[attr-defined]
    screens.approve(actor=actor_of(request), code=code, number=number, class_id=class_id, amr=tuple(session.amr))
    messages.success(request, _("大屏几秒后进入上课。下课铃响自动退出。"))
    return redirect("identity:screens")


@signed_in
@never_cache
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The lessons that one has opened and that still run, each with its end."""
    return _phone(request, is_list=True, offers=classroom.list_offers(actor_of(request)))


@signed_in
@require_POST
def end(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """下课, from the phone."""
    opening.end_class(actor=actor_of(request), session_id=session_id, kind=ClassKind.SCREEN)
    messages.success(request, _("已下课，大屏已退出。"))
    return redirect("identity:screens")


def _phone(request: HttpRequest, *, status: int = 200, **values: Any) -> HttpResponse:
    shown = {
        "error": "",
        "code": "",
        "numbers": (),
        "offers": (),
        "is_list": False,
        "running": _running(request),
        **values,
    }
    shown["offer_choices"] = [
        (str(one.class_id), _("%(name)s · %(time)s 下课") % {"name": one.class_name, "time": clock_time(one.ends)})
        for one in shown["offers"]
    ]
    return render(request, "identity/screen_scan.html", shown, status=status)


def _running(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "session": one,
            "is_room": one.kind == ClassKind.ROOM,
            "code": opening.code_of(one) if one.code_hash and one.code_until and one.code_until > clock.now() else "",
        }
        for one in classroom.list_running(actor_of(request))
    ]


def _place_of(request: HttpRequest) -> Any:
    try:
        return classroom.get_group(UUID(_signed(request, PLACE)))
    except (ValueError, DomainError):
        return None


def _signed(request: HttpRequest, name: str) -> str:
    try:
        return str(signing.loads(request.COOKIES.get(name, ""), salt=f"{SALT}.{name}", max_age=YEAR))
    except signing.BadSignature:
        return ""


def _keep(response: HttpResponse, name: str, value: str, *, age: int) -> None:
    response.set_cookie(
        name, signing.dumps(value, salt=f"{SALT}.{name}"), max_age=age, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE, path="/screen",
    )  # fmt: skip
