"""Class cards of a class: print them, revoke a lost one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import require
from lingqu.kernel.errors import Invalid
from lingqu.kernel.files import hand_over

from .. import policies, register
from ..selectors import classroom
from ..services import cards
from ..types import rights


@needs(rights.SLIPS_PRINT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def print_cards(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """Who has a card; printing makes fresh ones for those who are ticked, or for all."""
    actor, group = actor_of(request), register.get_class(class_id)
    require(policies.may_print_slips(actor, group))
    if request.method == "POST":
        try:
            chosen = frozenset(UUID(one) for one in request.POST.getlist("who")) or None
            made = cards.print_cards(actor=actor, class_id=class_id, account_ids=chosen)
        except ValueError as error:
            raise Invalid(_("没有这位同学。")) from error
        except Invalid as refusal:
            messages.warning(request, refusal.message)
            return redirect("identity:class_cards", class_id)
        return hand_over(made.pdf, made.name, "application/pdf")
    return render(request, "identity/class_cards.html", {"group": group, "rows": classroom.list_cards(group)})


@needs(rights.SLIPS_PRINT)
@require_POST
def revoke(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """A lost card."""
    require(policies.may_print_slips(actor_of(request), register.get_class(class_id)))
    try:
        account_id = UUID(request.POST.get("who", ""))
    except ValueError as error:
        raise Invalid(_("没有这位同学。")) from error
    cards.revoke(actor=actor_of(request), class_id=class_id, account_id=account_id)
    messages.success(request, _("这张班级卡已作废。"))
    return redirect("identity:class_cards", class_id)
