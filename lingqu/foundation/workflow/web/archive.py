"""办件档案: finished cases, and one of them as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.language import writing_to
from lingqu.ui.figures import moment

from ..documents.paper import as_pdf
from ..selectors import cases, finished
from ..selectors.plans import plan_of
from ..services import bundling, papering
from ..types import rights
from ..types.views import CaseView
from ..types.words import Act, CaseState
from .papers import printed_of
from .showing import STATE_TONES, outcome_words

ENDS = (CaseState.DONE, CaseState.FAILED, CaseState.CANCELLED)


@require_GET
@needs(rights.CASE_VIEW)
def archive(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    asked = {name: request.GET.get(name, "").strip()[:60] for name in ("q", "key", "state", "since", "until")}
    sought = finished.Sought(
        words=asked["q"], key=asked["key"], state=asked["state"] if asked["state"] in ENDS else "",
        since=_day(asked["since"]), until=_day(asked["until"]),
    )  # fmt: skip
    states = {str(code): label for code, label in CaseState.choices if code in ENDS}
    context = {
        "page": finished.list_finished(actor, sought, cursor=request.GET.get("cursor", "")), "asked": asked,
        "keys": finished.keys_known(actor), "may_bundle": bool(actor.paths(rights.CASE_DATA)), "tones": STATE_TONES, "states": states,
        "query": {name: value for name, value in asked.items() if value},
    }  # fmt: skip
    return render(request, "workflow/archive.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@require_GET
@needs(rights.CASE_DATA)
def bundle(request: HttpRequest, case_id: UUID) -> Any:
    """The ZIP of a finished case."""
    actor = actor_of(request)
    found = cases.get_case(actor, case_id)
    code = papering.issue(actor=actor, case_id=case_id, path=found.path)
    with writing_to():
        form, rows = as_pdf(printed_of(request, found, code)), list(_history(found))
        made = bundling.bundle(actor=actor, case_id=case_id, form=form, history=rows)
    response = FileResponse(made, content_type="application/zip")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.line.number)}.zip"
    response["Cache-Control"] = "no-store"
    return response


def _history(case: CaseView) -> Iterator[tuple[Any, ...]]:
    plan, acts = plan_of(case.version_id), dict(Act.choices)
    yield _("时间"), _("环节"), _("动作"), _("办理人"), _("决定"), _("意见")
    for row in case.log:
        yield (
            moment(row.at),
            row.node,
            acts.get(row.act, row.act),
            row.name,
            outcome_words(plan, row.decision),
            row.comment,
        )
