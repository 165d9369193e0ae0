"""任课安排: the matrix of a school, its gaps, one cell to settle, and rows pasted from Excel."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import Forbidden, Invalid

from .. import policies
from ..models import Organisation
from ..selectors import teaching
from ..selectors.labels import subject_label
from ..services import pasting
from ..services import teaching as services
from ..types import rights
from ..types.cards import Matrix, MatrixRow


def _school(request: HttpRequest, code: str) -> Organisation:
    found = Organisation.objects.filter(code=code, kind__in=("school", "teaching_point")).first()
    if found is None or not policies.may_see_teaching(actor_of(request), str(found.path)):
        raise Forbidden()
    return found


@needs(rights.TEACHING_VIEW)
def matrix(request: HttpRequest, code: str) -> HttpResponse:
    """GET shows the matrix; POST does one thing: ``set`` a cell, ``end`` it, ``read`` or ``write`` pasted rows."""
    school = _school(request, code)
    if request.method == "POST":
        return _change(request, school)
    return _show(request, school)


def _show(request: HttpRequest, school: Organisation, pasted: str = "", status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    found = teaching.get_matrix(school, request.GET.get("grade", ""))
    may_edit = policies.may_edit_teaching(actor, str(school.path))
    base = reverse("registry:teaching", args=[school.code])
    chosen = _chosen(request, found) if may_edit else None
    subject = request.GET.get("subject", "")
    context: dict[str, Any] = {
        "school": school, "matrix": found, "may_edit": may_edit, "base": base, "chosen": chosen,
        "rows": _rows(found, base, chosen, subject, may_edit=may_edit), "subject": subject,
        "subject_label": subject_label(subject), "limit": teaching.WEEKLY_LIMIT, "pasted": pasted,
        "candidates": teaching.list_candidates(school, subject)[:12] if chosen else (),
        "lines": pasting.read_rows(actor=actor, school_id=school.id, text=pasted) if pasted and may_edit else (),
    }  # fmt: skip
    return render(request, "registry/teaching.html", context, status=status)


def _chosen(request: HttpRequest, found: Matrix) -> MatrixRow | None:
    wanted = request.GET.get("class", "")
    return next((row for row in found.rows if str(row.card.id) == wanted and request.GET.get("subject")), None)


def _rows(found: Matrix, base: str, chosen: MatrixRow | None, subject: str, *, may_edit: bool) -> list[dict[str, Any]]:
    """In the form of the ``matrix`` component."""
    made = []
    for row in found.rows:
        cells = []
        for cell in row.cells:
            is_chosen = chosen is row and cell.subject == subject
            periods = [one.weekly_periods for one in cell.teachers if one.weekly_periods is not None]
            note = f"{sum(periods):g}" if periods else ""
            if cell.state == "gap" and cell.expected:
                note = _("%(n)g 节") % {"n": cell.expected}
            query = urlencode({"grade": found.grade, "class": row.card.id, "subject": cell.subject})
            cells.append(
                {
                    "text": "、".join(one.teacher.name for one in cell.teachers) or (_("缺") if cell.state == "gap" else "—"),
                    "note": note, "state": "chosen" if is_chosen else "" if cell.state == "ok" else cell.state,
                    "href": f"{base}?{query}#cell" if may_edit else "",
                    "label": f"{row.card.name} {subject_label(cell.subject)}",
                }
            )  # fmt: skip
        heads = "、".join(head.name for head in row.card.heads) or _("缺")
        made.append({"label": row.card.name, "note": _("班主任 %(name)s") % {"name": heads}, "cells": cells})
    return made


def _change(request: HttpRequest, school: Organisation) -> HttpResponse:
    policies.require_edit_teaching(actor_of(request), str(school.path))
    action = request.POST.get("action", "")
    if action == "read":
        return _show(request, school, pasted=request.POST.get("rows", "")[: pasting.MOST_TEXT])
    if action == "write":
        return _write(request, school)
    actor, form = actor_of(request), request.POST
    if action == "set":
        services.set_teaching(
            actor=actor, class_id=_uuid(form.get("class", "")), subject=form.get("subject", ""),
            person_id=_uuid(form.get("person", "")), weekly_periods=_periods(form.get("periods", "")),
        )  # fmt: skip
        messages.success(request, _("已保存任课。"))
    elif action == "end":
        services.end_teaching(actor=actor, assignment_id=_number(form.get("assignment", "")))
        messages.success(request, _("已结束这项任课。"))
    else:
        raise Invalid(_("请选择要做的事。"), code="unknown_action")
    return redirect(f"{request.path}?{urlencode({'grade': form.get('grade', '')})}")


def _write(request: HttpRequest, school: Organisation) -> HttpResponse:
    text = request.POST.get("rows", "")[: pasting.MOST_TEXT]
    choices = {
        int(name.removeprefix("choice-")): _uuid(value)
        for name, value in request.POST.items()
        if name.startswith("choice-") and name.removeprefix("choice-").isdigit() and value
    }
    written = pasting.write_rows(actor=actor_of(request), school_id=school.id, text=text, choices=choices)
    messages.success(request, _("已写入 %(n)d 行。") % {"n": written})
    return redirect(request.path)


def _uuid(text: Any) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise Invalid(_("提交的内容不完整，请重新选择。"), code="bad_id") from error


def _number(text: str) -> int:
    if not text.isdigit() or len(text) > 18:
        raise Invalid(_("提交的内容不完整，请重新选择。"), code="bad_id")
    return int(text)


def _periods(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        return Decimal(text.strip())
    except InvalidOperation as error:
        raise Invalid(_("周课时写成数字。"), code="bad_periods") from error
