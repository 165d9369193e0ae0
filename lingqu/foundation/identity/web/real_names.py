"""Real-name checks: seen in person, taken back, and who of a school is verified."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import Conflict, Invalid

from .. import register, roles
from ..selectors import account_page as reading
from ..selectors import real_names
from ..services import real_names as checking
from ..types import rights

PARTS = ("students", "staff")


@needs(rights.ACCOUNT_VIEW)
@require_GET
def school(request: HttpRequest, code: str) -> HttpResponse:
    """Pupils or staff of a school by real-name state."""
    actor, found = actor_of(request), register.get_organisation(code)
    offered = PARTS if found.kind in roles.SCHOOLS else PARTS[1:]
    part = request.GET.get("part", "") if request.GET.get("part") in offered else offered[0]
    state = request.GET.get("state", "")
    page = real_names.list_real_names(
        actor=actor, school=found, part=part, state=state, cursor=request.GET.get("cursor", "")
    )
    total, verified = real_names.count_verified(found, part)
    shown = {
        "school": found, "part": part, "offered": offered, "state": state, "page": page, "total": total,
        "verified": verified,
    }  # fmt: skip
    return render(request, "identity/real_names.html", shown)


@needs(rights.ACCOUNT_RESET)
@require_POST
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """A paper and a face were seen."""
    actor = actor_of(request)
    account = reading.require_account(actor=actor, login=number)
    try:
        checking.confirm_in_person(actor=actor, account=account, paper=request.POST.get("paper", ""))
    except (Conflict, Invalid) as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _("已记下当面核验。"))
    return redirect("identity:person_account", number)


@needs(rights.ACCOUNT_RESET)
@require_POST
def revoke(request: HttpRequest, number: str, proof_id: int) -> HttpResponse:
    actor = actor_of(request)
    account = reading.require_account(actor=actor, login=number)
    try:
        checking.revoke(actor=actor, account=account, proof_id=proof_id, reason=request.POST.get("reason", ""))
    except (Conflict, Invalid) as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _("核验已撤销，历史里保留。"))
    return redirect("identity:person_account", number)
