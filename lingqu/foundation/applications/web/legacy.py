"""旧账号对照: upload, what was found, and the work list for the rest."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import require
from lingqu.kernel.pages import page_of

from .. import policies
from ..models import Application, LegacyAccount
from ..selectors.pages import get_row
from ..services import legacy as services
from ..types import rights
from ..types.words import MatchState
from .reading import faults_of, text

RUNS = (rights.MANAGE, rights.DEVELOP)
TONES = {"matched": "green", "ambiguous": "amber", "missing": "coral"}


@require_http_methods(["GET", "POST"])
@needs(*RUNS)
def board(request: HttpRequest, client_id: str) -> HttpResponse:
    row = get_row(actor_of(request), client_id)
    require(policies.may_keep_secrets(actor_of(request), row))
    if request.method != "POST":
        return _page(request, row)
    file = request.FILES.get("file")
    done: list[services.Uploaded] = []
    data = file.read(services.MOST_BYTES + 1) if file else b""
    errors = faults_of(lambda: done.append(services.upload(actor=actor_of(request), application_id=row.id, data=data)))
    return _page(request, row, errors=errors, uploaded=done[0] if done else None)


def _page(
    request: HttpRequest,
    row: Application,
    *,
    errors: dict[str, str] | None = None,
    uploaded: services.Uploaded | None = None,
) -> HttpResponse:
    actor = actor_of(request)
    rows = LegacyAccount.objects.filter(application=row)
    counts = dict(rows.values_list("state").annotate(Count("id")))
    state = request.GET.get("state", "")
    state = state if state in MatchState.values else ""
    shown = rows.filter(state=state) if state else rows.exclude(state=MatchState.MATCHED)
    may_settle = policies.may_manage(actor, row)
    marks = [(MatchState(code), counts.get(code, 0)) for code in MatchState.values]
    context = {
        "choices": [
            {"label": str(one.label), "href": f"?state={one.value}", "current": one.value == state, "count": n}
            for one, n in marks
        ],
        "parts": [{"value": n, "label": str(one.label), "tone": TONES[one.value]} for one, n in marks],
        "row": row, "errors": errors or {}, "uploaded": uploaded, "state": state, "may_settle": may_settle,
        "total": sum(counts.values()), "labels": {code: str(MatchState(code).label) for code in MatchState.values},
        "tones": TONES, "ways": {"id": _("证件号"), "phone": _("手机号"), "number": _("学号或工号"), "hand": _("人工")},
        "page": page_of(shown.select_related("person"), order=("id",), cursor=request.GET.get("cursor", "")),
    }  # fmt: skip
    return render(request, "applications/legacy.html", context, status=422 if errors else 200)


@require_POST
@needs(*RUNS)
def again(request: HttpRequest, client_id: str) -> HttpResponse:
    row = get_row(actor_of(request), client_id)
    found = services.match_again(actor=actor_of(request), application_id=row.id)
    messages.success(request, _("又对上 %(n)d 个。") % {"n": found})
    return redirect("applications:legacy", client_id)


@require_POST
@needs(rights.MANAGE)
def settle(request: HttpRequest, client_id: str, legacy_id: int) -> HttpResponse:
    row = get_row(actor_of(request), client_id)
    errors = faults_of(
        lambda: services.settle(actor=actor_of(request), legacy_id=legacy_id, number=text(request, "number", 40))
    )
    if errors:
        return _page(request, row, errors=errors)
    messages.success(request, _("已记下。"))
    return redirect("applications:legacy", client_id)
