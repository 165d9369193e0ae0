"""Calendar addresses: one's own list, and the public address itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, public, signed_in
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import DomainError, Forbidden, Invalid

from ..ics import calendar_bytes
from ..models import Feed
from ..selectors.weeks import held_by_teacher, held_in_class
from ..services import feeds as services

BACK, AHEAD = timedelta(days=14), timedelta(days=120)


@signed_in
def feeds(request: HttpRequest) -> HttpResponse:
    """GET lists one's addresses and what one may follow; POST ``make`` or ``revoke``."""
    actor = actor_of(request)
    if request.method == "POST":
        try:
            _change(request, actor)
        except DomainError as error:
            if isinstance(error, Forbidden):
                raise
            messages.error(request, error.message)
        return redirect(request.path)
    owners = registry.ids_of(actor.person_id) if actor.person_id else ()
    rows = (
        Feed.objects.filter(owner_id__in=owners)
        .select_related("class_group")
        .order_by("revoked_at", "-created_at")[:40]
    )
    shown = [
        {
            "id": row.id, "name": row.class_group.name if row.class_group else _("我上的课"), "made": row.created_at,
            "read": row.read_on, "is_open": row.revoked_at is None,
            "url": request.build_absolute_uri(reverse("timetable:feed", args=[services.token_of(row.id)])),
        }
        for row in rows
    ]  # fmt: skip
    context = {
        "feeds": shown,
        "choices": _choices(actor) if actor.person_id else [],
        "has_person": actor.person_id is not None,
    }
    return render(request, "timetable/feeds.html", context)


def _choices(actor: Actor) -> list[tuple[str, str]]:
    """What somebody may follow: own lessons, own classes, the children's classes."""
    if actor.person_id is None:
        return []
    facts = registry.relations_of(actor.person_id)
    found: dict[str, str] = {}
    if any(place.kind == "works_at" for place in facts.appointments):
        found["me"] = _("我上的课")
    for fact in (*facts.head_classes, *facts.taught_classes, *facts.classes):
        found.setdefault(str(fact.class_id), fact.name)
    for child in registry.list_children(actor):
        if child.pupil.class_id:
            found.setdefault(str(child.pupil.class_id), f"{child.pupil.class_name}")
    return list(found.items())


def _change(request: HttpRequest, actor: Actor) -> None:
    form = request.POST
    if form.get("action") == "revoke":
        services.revoke_feed(actor=actor, feed_id=_uuid(form.get("feed", "")))
        messages.success(request, _("地址已停用，用它的日历不再更新。"))
    elif form.get("action") == "make":
        what = form.get("what", "")
        services.make_feed(actor=actor, class_id=None if what == "me" else _uuid(what))
        messages.success(request, _("地址已生成，复制到手机日历的“添加订阅”里。"))
    else:
        raise Invalid(_("请选择要做的事。"), code="unknown_action")


def _uuid(text: Any) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise Invalid(_("提交的内容不完整，请重新选择。"), code="bad_id") from error


@public
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar itself: two weeks back, four months ahead."""
    found = services.open_feed(token)
    first, last = today() - BACK, today() + AHEAD
    if found.class_group is not None:
        held = held_in_class(found.class_group, first, last)
        body = calendar_bytes(
            held, name=_("%(name)s课表") % {"name": found.class_group.name}, feed_id=found.id, with_class=False
        )
    else:
        held = held_by_teacher(registry.ids_of(found.owner_id), first, last)
        body = calendar_bytes(held, name=_("我上的课"), feed_id=found.id, with_class=True)
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="timetable.ics"'
    answer["Cache-Control"] = "private, max-age=900"
    return answer
