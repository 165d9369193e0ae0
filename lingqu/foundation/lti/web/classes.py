"""The resources of a class: its pupils open them, its teachers change them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid

from .. import policies, register
from ..selectors.links import get_class, get_link, list_links, list_offers
from ..services import links
from ..types import rights


class _Moment(forms.DateTimeInput):
    """The browser's own field of day and time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


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
        "offers": list_offers(actor, group) if may_edit else [], "may_open": policies.may_open(actor, group), "errors": errors,
        "back": reverse("applications:shelf") if register.is_sandbox(group) else reverse("registry:class", args=[class_id]),
        "at": now(), "added": int(added) if added.isascii() and added.isdigit() and len(added) < 4 else None,
    }  # fmt: skip
    return render(request, "lti/class.html", context, status=422 if errors else 200)


class TimesForm(forms.Form):
    starts_at = forms.DateTimeField(
        label=gettext_lazy("开始"), required=False, widget=_Moment(), help_text=gettext_lazy("不填就是现在起")
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("结束"), required=False, widget=_Moment(), help_text=gettext_lazy("不填就一直开放")
    )


@needs(rights.EDIT)
@require_http_methods(["GET", "POST"])
def times(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """From when until when pupils may open a resource."""
    actor = actor_of(request)
    link = get_link(actor, link_id)
    require(policies.may_edit(actor, link.group))
    form = TimesForm(request.POST or None, initial={"starts_at": link.starts_at, "ends_at": link.ends_at})
    if request.method == "POST" and form.is_valid():
        try:
            links.set_times(actor=actor, link_id=link_id, **form.cleaned_data)
        except Invalid as refusal:
            for name, told in refusal.details.items():
                form.add_error(name, told)
        else:
            messages.success(request, _("开放时间已保存。"))
            return redirect("lti:class", link.group_id)
    return render(
        request,
        "lti/times.html",
        {"link": link, "form": form, "back": reverse("lti:class", args=[link.group_id])},
        status=422 if form.errors else 200,
    )


@needs(rights.EDIT)
@require_POST
def remove(request: HttpRequest, link_id: UUID) -> HttpResponse:
    class_id = links.remove(actor=actor_of(request), link_id=link_id)
    messages.success(request, _("已从班级移出。学生从现在起看不到它。"))
    return redirect("lti:class", class_id)
