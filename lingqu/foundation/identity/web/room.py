"""The teacher's side of a computer room: the class code, who is in, letting in and out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.kernel import clock, live
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.errors import DomainError, Forbidden, Invalid

from ..selectors import classroom as reading
from ..services import classroom, rooms
from ..types.words import ClassKind, SeatState


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Choose the class, the one whose lesson runs first; opening it makes the code."""
    actor = actor_of(request)
    if request.method == "POST":
        try:
            class_id = UUID(request.POST.get("class", ""))
        except ValueError as error:
            raise Invalid(_("请选一个班级。")) from error
        amr = tuple(request.sso_session.amr)  # type: ignore[attr-defined]
        made = classroom.open_class(actor=actor, class_id=class_id, kind=ClassKind.ROOM, amr=amr)
        return redirect("identity:room", made.id)
    shown = {
        "offers": reading.list_offers(actor),
        "running": [one for one in reading.list_running(actor) if one.kind == ClassKind.ROOM],
    }
    return render(request, "identity/room_start.html", shown)


@signed_in
@never_cache
@require_GET
def show(request: HttpRequest, session_id: UUID) -> HttpResponse:
    return render(request, "identity/room.html", _shown(request, session_id))


@signed_in
@never_cache
@require_GET
def seats(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The live part alone."""
    return render(request, "identity/room_live.html", _shown(request, session_id))


@signed_in
@require_POST
def act(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """One button of the page; ``who`` names a pupil where it is about one."""
    actor = actor_of(request)
    reading.get_class_session(actor=actor, session_id=session_id, kind=ClassKind.ROOM)
    what, who = request.POST.get("do", ""), request.POST.getlist("who")
    try:
        ids = [UUID(one) for one in who]
    except ValueError as error:
        raise Invalid(_("没有这位同学。")) from error
    if what == "end":
        count = classroom.end_class(actor=actor, session_id=session_id, kind=ClassKind.ROOM)
        done = ngettext("已下课，%(count)d 名学生退出。", "已下课，%(count)d 名学生退出。", count) % {"count": count}
        messages.success(request, done)
        return redirect("identity:computer_room")
    try:
        _do(request, session_id, what, ids)
    except (Forbidden, Invalid):
        raise
    except DomainError as refusal:
        messages.warning(request, refusal.message)
    return redirect("identity:room", session_id)


def _do(request: HttpRequest, session_id: UUID, what: str, ids: list[UUID]) -> None:
    actor = actor_of(request)
    if what == "code":
        classroom.renew_code(actor=actor, session_id=session_id)
    elif what == "allow" and ids:
        rooms.allow(actor=actor, session_id=session_id, account_ids=ids)
    elif what == "refuse" and len(ids) == 1:
        rooms.refuse(actor=actor, session_id=session_id, account_id=ids[0])
    elif what == "out" and ids:
        rooms.send_out(actor=actor, session_id=session_id, account_ids=ids)
    elif what == "reset" and len(ids) == 1:
        rooms.reset_pin(actor=actor, session_id=session_id, account_id=ids[0])
        messages.success(request, _("密码已清除。请这位同学重新设一个，你同意后生效。"))
    else:
        raise Invalid(_("没有这个操作。"))


def _shown(request: HttpRequest, session_id: UUID) -> dict[str, Any]:
    actor = actor_of(request)
    session = reading.get_class_session(actor=actor, session_id=session_id, kind=ClassKind.ROOM)
    at = clock.now()
    is_over = session.ended_at is not None or session.ends_at <= at
    listed = reading.list_seats(session)
    has_code = not is_over and session.code_until is not None and session.code_until > at
    return {
        "session": session, "group": session.class_group, "seats": listed, "is_over": is_over,
        "code": classroom.code_of(session) if has_code else "",
        "minutes": -(-int((session.code_until - at).total_seconds()) // 60) if has_code and session.code_until else 0,
        "asking": [one for one in listed if one.state == SeatState.ASKING],
        "stuck": [one for one in listed if one.wrong >= 2 and one.state != SeatState.IN],
        "inside": sum(one.state == SeatState.IN for one in listed),
        "topics": [live.topic_for(actor.account_id, classroom.topic_of(session.id))] if actor.account_id else [],
    }  # fmt: skip
