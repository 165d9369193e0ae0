"""Blank templates to download."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lingqu.kernel.access import needs, signed_in
from lingqu.kernel.errors import NotFound
from lingqu.kernel.language import listed
from lingqu.ui.jinja import render_page

from ..forms import example_of, shown_title, write_template
from ..mapping import kinds, template
from ..types import IMPORT_RUN, IMPORT_VIEW
from .imports import SHEET_TYPE


def purposes() -> dict[str, str]:
    return {
        "organisations": _("教育局、学校、教学点及其隶属"), "classes": _("每个学年的班级、班主任、教室"),
        "students": _("学生、学籍号、班级、就读情况"), "staff": _("教职工、编制、职务、班主任"),
        "guardians": _("家长和其他监护人与学生的关系"), "teaching": _("谁在哪个班教什么、每周几节"),
        "attributes": _("资助、随迁、留守等名单，一行一名学生"),
        "numbers": _("省平台、国家平台、教师系统给的号码，两列即可"),
    }  # fmt: skip


@require_GET
@needs(IMPORT_VIEW, IMPORT_RUN)
def templates(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("kind", "students")
    kind = wanted if wanted in kinds() else "students"
    context = {
        "kinds": [
            {"kind": name, "title": shown_title(name), "purpose": purposes()[name], "columns": len(template(name)),
             "required": sum(1 for heading in template(name) if heading.required)}
            for name in kinds()
        ],
        "kind": kind, "title": shown_title(kind),
        "headings": [
            {"heading": h.heading, "required": h.required, "hint": h.hint, "example": example_of(kind, h.column),
             "synonyms": listed(h.synonyms[:6]), "element": h.element}
            for h in template(kind)
        ],
    }  # fmt: skip
    return render_page(request, "intake/templates.html", context)


@require_GET
@signed_in
def template_file(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in kinds():
        raise NotFound()
    response = HttpResponse(write_template(kind), content_type=SHEET_TYPE)
    name = _("%(kind)s导入模板.xlsx") % {"kind": shown_title(kind)}
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
