"""作息 of a school: one card a schedule, each edited as lines of text."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.clock import today
from lingqu.kernel.errors import DomainError, Forbidden, Invalid

from .. import policies, register
from ..selectors.bells import list_bells
from ..services import bells as services
from ..types import rights
from ..types.periods import STANDARD, write_periods
from .presenting import read_day


@needs(rights.VIEW)
def bells(request: HttpRequest, code: str) -> HttpResponse:
    """GET shows the schedules; POST saves one (``save``) or takes one away (``remove``)."""
    school = register.get_school(code)
    policies.require_see_school(actor_of(request), school)
    status, sent = 200, None
    if request.method == "POST":
        try:
            _write(request, school)
            return redirect(request.path)
        except DomainError as error:
            if isinstance(error, Forbidden):
                raise
            messages.error(request, error.message)
            status, sent = error.status, request.POST
    found = list_bells([school.id])
    context: dict[str, Any] = {
        "school": school, "may_edit": policies.may_edit_school(actor_of(request), str(school.path)), "today": today(),
        "schedules": [
            {"bells": one, "text": write_periods(one.periods), "grades": "、".join(map(registry.grade_label, one.grades)),
             "codes": " ".join(one.grades)}
            for one in found
        ],
        "sent": sent, "standard": sent.get("periods", "") if sent else STANDARD,
    }  # fmt: skip
    return render(request, "timetable/bells.html", context, status=status)


def _write(request: HttpRequest, school: Any) -> None:
    actor, form = actor_of(request), request.POST
    policies.require_edit_school(actor, school)
    chosen = _uuid(form.get("bells", ""))
    if form.get("action") == "remove":
        if chosen is None:
            raise Invalid(_("请选择一套作息。"), code="no_bells")
        services.remove_bells(actor=actor, school_id=school.id, bells_id=chosen)
        messages.success(request, _("已删除这套作息。"))
        return
    since = read_day(form.get("valid_from", ""))
    if since is None:
        raise Invalid(_("请填写启用日期。"), code="no_day")
    services.save_bells(
        actor=actor, school_id=school.id, name=form.get("name", ""), periods=form.get("periods", "")[:4000],
        valid_from=since, valid_to=read_day(form.get("valid_to", "")), campus=form.get("campus", ""), bells_id=chosen,
        grades=_grades(form.get("grades", "")),
    )  # fmt: skip
    messages.success(request, _("已保存作息。"))


def _grades(text: str) -> list[str]:
    """Codes, or words such as 七年级."""
    words = {registry.grade_label(code): code for code in registry.GRADES}
    found = []
    for word in text.replace("，", " ").replace("、", " ").replace(",", " ").split():
        code = words.get(word, word)
        if code not in registry.GRADES:
            raise Invalid(_("没有年级“%(grade)s”，写成“七年级”的样子。") % {"grade": word[:20]}, code="bad_grade")
        found.append(code)
    return found


def _uuid(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(_("提交的内容不完整，请重新选择。"), code="bad_id") from error
