"""提醒 on the page of receipts, and the quiet hours of a place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import Invalid
from lingqu.ui.figures import moment

from .. import policies, register
from ..selectors import reminders, sending
from ..services import reminding
from ..types import rights
from ..types.quiet import Quiet


@require_POST
@needs(rights.SEND)
def remind(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    sending.get_managed(actor, notice_id)
    with refusals_told(request):
        later = reminding.remind(actor=actor, notice_id=notice_id)
        told = (
            _("现在是安静时间，%(when)s 发出。") % {"when": moment(later)}
            if later
            else _("正在发出提醒，结果稍后显示在这里。")
        )
        messages.success(request, told)
    return redirect("inbox:receipts", notice_id)


class QuietForm(forms.Form):
    starts = forms.TimeField(
        label=gettext_lazy("从"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("两个时间相同：夜间也发"),
    )  # fmt: skip
    ends = forms.TimeField(label=gettext_lazy("到"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    holidays = forms.BooleanField(
        label=gettext_lazy("节假日不发"), required=False, help_text=gettext_lazy("按本地校历；标为“紧急”的通知照发")
    )


@needs(rights.QUIET)
@require_http_methods(["GET", "POST"])
def quiet_hours(request: HttpRequest, code: str) -> HttpResponse:
    """From when until when nobody is reminded, for a place and what lies below."""
    actor = actor_of(request)
    office = register.get_office(code)
    policies.require_quiet_hours(actor, office)
    row = reminders.quiet_row_at(str(office.path))
    quiet = reminders.quiet_of(row)
    form = QuietForm(request.POST or None, initial=_initial(quiet))
    if request.method == "POST" and "unset" in request.POST:
        reminding.unset_quiet_hours(actor=actor, office=office)
        messages.success(request, _("已改为按上级的设置。"))
        return redirect("inbox:quiet_hours", code)
    if request.method == "POST" and form.is_valid():
        try:
            reminding.set_quiet_hours(actor=actor, office=office, **form.cleaned_data)
        except Invalid as refusal:
            form.add_error("starts", refusal.message)
        else:
            messages.success(request, _("已保存，马上生效。"))
            return redirect("inbox:quiet_hours", code)
    context = {
        "office": office,
        "form": form,
        "row": row,
        "is_own": row is not None and row.organisation_id == office.id,
    }
    return render(request, "inbox/quiet_hours.html", context, status=422 if form.is_bound else 200)


def _initial(quiet: Quiet) -> dict[str, Any]:
    return {"starts": quiet.starts, "ends": quiet.ends, "holidays": quiet.holidays}
