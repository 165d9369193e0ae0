"""Guardians who lose access: proposed, confirmed with a document, refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.files import hand_over

from .. import policies, register
from ..models import GuardianRevocation
from ..selectors import revoking as reading
from ..services import revoking
from ..types import rights


def _child(number: str) -> Any:
    found = register.people().filter(number=number).first()
    if found is None:
        raise Forbidden()
    return found


@needs(rights.ACCOUNT_RESET)
@never_cache
@require_http_methods(["GET", "POST"])
def guardians(request: HttpRequest, number: str) -> HttpResponse:
    """The child's guardians; propose that one loses access."""
    actor, child, errors = actor_of(request), _child(number), {}
    links = reading.list_links(actor=actor, child_id=child.id)
    if request.method == "POST":
        chosen = request.POST.get("guardianship", "")
        try:
            revoking.propose(
                actor=actor, child_id=child.id, reason=request.POST.get("reason", ""),
                guardianship_id=int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0,
            )  # fmt: skip
        except Invalid as refusal:
            errors = {name: str(text) for name, text in refusal.details.items()}
        except Conflict as refusal:
            messages.warning(request, refusal.message)
            return redirect("identity:guardians", number)
        else:
            messages.success(request, _("已提出，等学校管理员凭文件确认。"))
            return redirect("identity:guardians", number)
    shown = {
        "child": child, "links": links, "errors": errors, "account_id": actor.account_id,
        "rows": reading.list_revocations(actor=actor, child_id=child.id),
        "may_confirm": policies.may_confirm_revocation(actor, child.id),
    }  # fmt: skip
    return render(request, "identity/guardians.html", shown, status=422 if errors else 200)


@needs(rights.ACCOUNT_RESET)
@require_POST
def decide(request: HttpRequest, revocation_id: UUID) -> HttpResponse:
    is_confirmed = request.POST.get("answer") == "confirm"
    try:
        told = revoking.decide(
            actor=actor_of(request), revocation_id=revocation_id, is_confirmed=is_confirmed,
            document=request.FILES.get("document"),
        )  # fmt: skip
    except (Conflict, Invalid) as refusal:
        messages.warning(request, refusal.message)
    else:
        done = _("监护关系已结束，查看权限随之收回；已写信给 %(n)d 位其他监护人。") % {"n": told}
        messages.success(request, done if is_confirmed else _("已退回，监护关系不变。"))
    return redirect("identity:guardians", GuardianRevocation.objects.get(id=revocation_id).child.number)


@needs(rights.ACCOUNT_RESET)
@never_cache
@require_GET
def document(request: HttpRequest, revocation_id: UUID) -> HttpResponse:
    content, name, media = revoking.read_document(actor=actor_of(request), revocation_id=revocation_id)
    return hand_over(content, name, media)
