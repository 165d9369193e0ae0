"""Several steps of the work list at once: what was ticked, what to do with them, what became of each."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.errors import DomainError
from lingqu.kernel.ids import as_uuid

from ..selectors import worklist
from ..services import bulk


@require_POST
@signed_in
def several(request: HttpRequest) -> HttpResponse:
    """Without ``act`` the question what to do; with it the list of what became of each case."""
    actor = actor_of(request)
    ids = [one for text in request.POST.getlist("task") if (one := as_uuid(text)) is not None]
    act, comment = request.POST.get("act", ""), request.POST.get("comment", "")
    try:
        chosen = worklist.choose(actor, ids)
    except DomainError as refused:
        messages.error(request, refused.message)
        return redirect("workflow:tasks")
    error = ""
    if act:
        try:
            results = bulk.act_on(
                actor=actor, chosen=chosen, act=act, comment=comment, to=request.POST.get("to", "")
            )  # fmt: skip
            return render(request, "workflow/several_done.html", {"results": results, "name": chosen.name})
        except DomainError as refused:
            error = refused.message or _("这一步不能这样批量办理。")
    context = {
        "chosen": chosen, "error": error, "comment": comment,
        "receivers": registry.colleagues_of(actor.organisation_id) if actor.organisation_id else (),
    }  # fmt: skip
    return render(request, "workflow/several.html", context, status=422 if error else 200)
