"""Sign-in figures: a place, what lies below it, and the file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.files import hand_over

from ..documents.figures import write_figures
from ..selectors import figures
from ..types import rights
from ..types.words import Part

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@needs(rights.FIGURES_VIEW)
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    return redirect("identity:figures_of", figures.home_code(actor_of(request)))


@needs(rights.FIGURES_VIEW)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    part = request.GET.get("part", "")
    page = figures.get_figures(actor=actor_of(request), code=code, part=part, cursor=request.GET.get("cursor", ""))
    ways = [("", _("全部")), *((one.value, str(one.label)) for one in Part)]
    shown = {
        "page": page, "part": part, "columns": figures.COLUMNS,
        "heads": [{"label": name, "num": True} for name in (*(name for _code, name, _text in figures.COLUMNS), _("启用率"))],
        "steps": [*((name, reverse("identity:figures_of", args=[above])) for name, above in page.above), (page.name, "")],
        "ways": [
            {"label": label, "href": f"{request.path}?part={value}" if value else request.path, "current": value == part}
            for value, label in ways
        ],
    }  # fmt: skip
    return render(request, "identity/figures.html", shown)


@needs(rights.FIGURES_VIEW)
@require_GET
def workbook(request: HttpRequest, code: str) -> HttpResponse:
    """Every place at and below this one, with the definitions."""
    rows = figures.list_each(actor=actor_of(request), code=code)
    return hand_over(write_figures(rows), f"{_('账号使用情况')}-{code}.xlsx", XLSX)
