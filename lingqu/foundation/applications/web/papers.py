"""Paper consents of a class: who has handed one in, and the scan of the sheets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.kernel import files
from lingqu.kernel.access import actor_of, needs

from ..selectors.papers import class_board
from ..services import paper
from ..types import rights
from .reading import faults_of


@require_http_methods(["GET", "POST"])
@needs(rights.CONSENT_PAPER)
def board(request: HttpRequest, class_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    group = paper.get_class(actor, class_id)
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = faults_of(lambda: _record(request, class_id))
        if not errors:
            messages.success(request, _("已登记纸质同意书。"))
            return redirect("applications:papers", class_id)
    chosen = _uuid(request.POST.get("application", "") or request.GET.get("application", ""))
    context: dict[str, Any] = {"group": group, "errors": errors, **class_board(group, chosen)}
    context["ticked"] = set(request.POST.getlist("person"))
    context["tabs"] = [
        {"label": one.name, "href": f"?application={one.id}", "current": one == context["app"]}
        for one in context["apps"]
    ]
    return render(request, "applications/papers.html", context, status=422 if errors else 200)


def _record(request: HttpRequest, class_id: UUID) -> None:
    people = [found for text in request.POST.getlist("person")[:200] if (found := _uuid(text))]
    application_id = _uuid(request.POST.get("application", "")) or UUID(int=0)
    paper.record_paper(
        actor=actor_of(request), class_id=class_id, application_id=application_id, person_ids=people,
        uploaded=request.FILES.get("scan"),
    )  # fmt: skip


@require_GET
@needs(rights.CONSENT_PAPER)
def scan(request: HttpRequest, batch_id: UUID) -> FileResponse:
    batch = paper.read_scan(actor=actor_of(request), batch_id=batch_id)
    return files.as_download(batch.digest, name=batch.name, media_type=batch.media_type)


@require_POST
@needs(rights.CONSENT_PAPER)
def withdraw(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    batch = paper.read_scan(actor=actor_of(request), batch_id=batch_id)
    ended = paper.withdraw_paper(actor=actor_of(request), batch_id=batch_id)
    messages.success(request, _("已撤回 %(n)d 份。") % {"n": ended})
    return redirect("applications:papers", batch.class_group_id)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
