"""The resources of a class: its pupils open them, its teachers change them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import Invalid

from .. import policies
from ..selectors.links import get_class, list_links, list_offers
from ..services import links
from ..types import rights


@needs(rights.OPEN, rights.EDIT)
@require_http_methods(["GET", "POST"])
def board(request: HttpRequest, class_id: UUID) -> HttpResponse:
    actor, errors = actor_of(request), {}
    group = get_class(actor, class_id)
    if request.method == "POST":
        try:
            made = links.add(
                actor=actor, class_id=class_id, client_id=request.POST.get("application", "")[:64],
                title=request.POST.get("title", "")[:200],
            )  # fmt: skip
        except Invalid as refusal:
            errors = refusal.details
        else:
            messages.success(request, _("已加入“%(title)s”。") % {"title": made.title})
            return redirect("lti:class", class_id)
    may_edit = policies.may_edit(actor, group)
    added = request.GET.get("added", "")
    context: dict[str, Any] = {
        "group": group, "page": list_links(actor, group, cursor=request.GET.get("cursor", "")), "may_edit": may_edit,
        "offers": list_offers(actor) if may_edit else [], "may_open": policies.may_open(actor, group), "errors": errors,
        "added": int(added) if added.isascii() and added.isdigit() and len(added) < 4 else None,
    }  # fmt: skip
    return render(request, "lti/class.html", context, status=422 if errors else 200)


@needs(rights.EDIT)
@require_POST
def remove(request: HttpRequest, link_id: UUID) -> HttpResponse:
    class_id = links.remove(actor=actor_of(request), link_id=link_id)
    messages.success(request, _("已从班级移出。学生从现在起看不到它。"))
    return redirect("lti:class", class_id)
