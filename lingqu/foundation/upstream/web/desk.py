"""Setting up sources, and the work list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import Conflict, Invalid
from lingqu.ui.forms import summary_of

from .. import selectors, services
from ..models import Source
from ..types import ATTRIBUTES, LINK, MANAGE, Kind, NumberKind

LABELS = {
    "id_number": gettext_lazy("身份证件号"), "person_number": gettext_lazy("人员编号"), "phone": gettext_lazy("手机号"),
    "school_staff": gettext_lazy("学校代码-工号"), **dict(NumberKind.choices),
}  # fmt: skip


class SourceForm(forms.Form):
    code = forms.SlugField(
        label=gettext_lazy("代号"), max_length=30, help_text=gettext_lazy("出现在网址里，小写字母和数字")
    )
    name = forms.CharField(label=gettext_lazy("名称"), max_length=60)
    kind = forms.ChoiceField(label=gettext_lazy("登录方式"), choices=Kind.choices)
    options = forms.JSONField(label=gettext_lazy("参数"), widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
                              help_text=gettext_lazy("JSON，例如 issuer 和 client_id；各种方式要哪些见右侧"))  # fmt: skip
    secret = forms.CharField(label=gettext_lazy("密钥"), required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
                             help_text=gettext_lazy("留空则保持不变"))  # fmt: skip
    link_by = forms.MultipleChoiceField(
        label=gettext_lazy("对方核实过、可以据此认人的属性"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(name, LABELS[name]) for name in ATTRIBUTES],
    )  # fmt: skip
    is_open = forms.BooleanField(label=gettext_lazy("开放登录"), required=False)
    trusts_factor = forms.BooleanField(
        label=gettext_lazy("信任对方的两步验证"), required=False,
        help_text=gettext_lazy("对方说明已做两步验证的（amr 含 mfa，或 acr 在参数 factor_acr 里），这里不再问第二步"),
    )  # fmt: skip

    def clean_options(self) -> dict[str, Any]:
        found = self.cleaned_data["options"]
        if not isinstance(found, dict):
            raise forms.ValidationError(_("参数要写成一个 JSON 对象。"))
        return found


@needs(MANAGE)
@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    return render(request, "upstream/sources.html", {"sources": selectors.list_sources(actor=actor_of(request))})


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str = "") -> HttpResponse:
    known = next((one for one in selectors.list_sources(actor=actor_of(request)) if one.code == code), None)
    initial = _initial(known) if known else {"options": {}}
    form = SourceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            services.save_source(
                actor=actor_of(request), code=known.code if known else values.pop("code"), values=values,
                secret=values.pop("secret", ""),
            )  # fmt: skip
        except Invalid as refusal:
            for name, told in refusal.details.items():
                form.add_error(name if name in form.fields else "options", f"{name}: {told}")
        else:
            messages.success(request, _("登录入口已保存。"))
            return redirect("upstream:sources")
    shown = {
        "form": form, "errors": summary_of(form), "known": known,
        "needs": [(kind.label, ", ".join(services.ADAPTERS[kind].needs)) for kind in Kind],
    }  # fmt: skip
    return render(request, "upstream/source.html", shown, status=422 if form.errors else 200)


def _initial(known: Source) -> dict[str, Any]:
    return {
        "code": known.code, "name": known.name, "kind": known.kind, "options": known.options, "link_by": known.link_by,
        "is_open": known.is_open, "trusts_factor": known.trusts_factor,
    }  # fmt: skip


@needs(LINK)
@require_GET
def unmatched(request: HttpRequest) -> HttpResponse:
    page = selectors.list_unmatched(actor=actor_of(request), cursor=request.GET.get("cursor", ""))
    return render(request, "upstream/unmatched.html", {"page": page, "labels": LABELS})


@needs(LINK)
@require_POST
def decide(request: HttpRequest, unmatched_id: int) -> HttpResponse:
    try:
        services.decide(
            actor=actor_of(request), unmatched_id=unmatched_id, number=request.POST.get("number", "").strip()[:20],
            is_ours=request.POST.get("do") != "dismiss",
        )  # fmt: skip
    except (Invalid, Conflict) as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("已办理。"))
    return redirect("upstream:unmatched")
