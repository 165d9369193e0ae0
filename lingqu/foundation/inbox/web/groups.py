"""Groups of WeCom and DingTalk that hear of notices: list, adding, test, switch, removal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from ..selectors import robots
from ..services import groups as service
from ..types import rights
from ..types.words import RobotKind


class GroupForm(forms.Form):
    owner = forms.ChoiceField(label=gettext_lazy("谁的群"))
    name = forms.CharField(
        label=gettext_lazy("群名"), max_length=service.LONGEST_NAME, help_text=gettext_lazy("只在这里显示，用来分清是哪个群")
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("哪一种"), choices=RobotKind.choices)
    url = forms.CharField(
        label=gettext_lazy("机器人的地址"), max_length=1000, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("在群设置里添加机器人后，原样复制 Webhook 地址。拿到地址的人都能往群里发消息，保存后不再显示。"),
    )  # fmt: skip
    secret = forms.CharField(
        label=gettext_lazy("加签密钥"), max_length=service.LONGEST_SECRET, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("只有钉钉要填：安全设置选“加签”，复制 SEC 开头的密钥"),
    )  # fmt: skip

    def __init__(self, *args: Any, owners: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["owner"]
        field.choices = [(one.code, one.title if one.class_id else one.organisation.name) for one in owners]  # type: ignore[attr-defined]


@require_GET
@needs(rights.SEND)
def groups(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context = {"groups": robots.list_groups(actor), "owners": robots.list_owners(actor)}
    return render(request, "inbox/groups.html", context)


@needs(rights.SEND)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    owners = robots.list_owners(actor)
    if not owners:
        raise Forbidden()
    form = GroupForm(request.POST or None, owners=owners)
    if request.method == "POST" and form.is_valid():
        try:
            service.add_robot(actor=actor, **form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            for name, text in (refusal.details or {"": refusal.message}).items():
                form.add_error(name if name in form.fields else None, str(text))
        else:
            messages.success(request, _("已添加，请发一条测试消息。"))
            return redirect("inbox:groups")
    return render(request, "inbox/group_new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@needs(rights.SEND)
def test(request: HttpRequest, robot_id: UUID) -> HttpResponse:
    robots.get_robot(actor_of(request), robot_id)
    with refusals_told(request):
        service.test_robot(actor=actor_of(request), robot_id=robot_id)
        messages.success(request, _("测试消息正在发出，结果稍后显示在这里。"))
    return redirect("inbox:groups")


@require_POST
@needs(rights.SEND)
def switch(request: HttpRequest, robot_id: UUID) -> HttpResponse:
    is_active = request.POST.get("active") == "1"
    service.switch_robot(actor=actor_of(request), robot_id=robot_id, is_active=is_active)
    messages.success(request, _("已启用。") if is_active else _("已停用。"))
    return redirect("inbox:groups")


@require_POST
@needs(rights.SEND)
def remove(request: HttpRequest, robot_id: UUID) -> HttpResponse:
    service.remove_robot(actor=actor_of(request), robot_id=robot_id)
    messages.success(request, _("已移除。"))
    return redirect("inbox:groups")
