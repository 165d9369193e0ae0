"""What a teacher is asked to take over: confirm, or refuse with a reason."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden

from ..selectors.covers import my_covers
from ..services import covering
from .presenting import cover_lines


@signed_in
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if request.method == "POST":
        accepts = request.POST.get("answer") == "confirm"
        with refusals_told(request):
            done = covering.answer(
                actor=actor, cover_ids=_ids(request), accepts=accepts, reason=request.POST.get("reason", "")
            )
            said = (
                ngettext("已确认 %(n)d 节。", "已确认 %(n)d 节。", done)
                if accepts
                else ngettext("已谢绝 %(n)d 节，教务会另作安排。", "已谢绝 %(n)d 节，教务会另作安排。", done)
            )
            messages.success(request, said % {"n": done})
        return redirect("office:covers")
    month = today().replace(day=1)
    lines = cover_lines(my_covers(actor, month))
    context = {
        "asked": [one for one in lines if one["is_asked"]],
        "coming": [one for one in lines if one["is_standing"] and not one["is_asked"] and not one["is_past"]],
        "refused": [one for one in lines if not one["is_standing"] and not one["is_past"]],
        "taken": sum(1 for one in lines if one["is_standing"] and one["is_past"] and one["counts"]),
    }
    return render(request, "office/covers.html", context)


def _ids(request: HttpRequest) -> list[UUID]:
    try:
        return [UUID(text) for text in request.POST.getlist("cover")]
    except ValueError as error:
        raise Forbidden(_("没有这项代课。")) from error
