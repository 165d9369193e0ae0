"""Everything held about oneself, or about a child: ordered here, fetched when it is ready."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lingqu.kernel import clock
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.errors import Conflict, NotFound
from lingqu.kernel.files import hand_over
from lingqu.ui.jinja import render_page

from ..selectors import own
from ..services import taking
from ..types.words import DataFileState
from . import again


@never_cache
@signed_in
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Asks for the password unless it was given just now."""
    if not again.is_fresh(request.sso_session):  # type: ignore[attr-defined]
        return again.ask_first(reverse("identity:own_data"))
    actor = actor_of(request)
    files = own.list_data_files(actor=actor)
    shown = {
        "files": [(one, one.ready_at is not None and one.ready_at >= clock.now() - taking.GOOD_FOR) for one in files],
        "is_making": any(one.state == DataFileState.MAKING for one in files),
        "whose": [(_("我自己"), ""), *((one.name, one.number) for one in own.list_wards(actor))],
        "person_id": actor.person_id,
    }  # fmt: skip
    return render_page(request, "identity/own_data.html", shown, block="files")


@signed_in
@require_POST
def order(request: HttpRequest) -> HttpResponse:
    """``number`` names a child; without it oneself."""
    if not again.is_fresh(request.sso_session):  # type: ignore[attr-defined]
        return again.ask_first(reverse("identity:own_data"))
    actor, number = actor_of(request), request.POST.get("number", "")
    ward = next((one for one in own.list_wards(actor) if one.number == number), None)
    if number and ward is None:
        raise NotFound(_("没有这个人。"))
    kind = "json" if request.POST.get("as") == "json" else "xlsx"
    try:
        taking.order(actor=actor, kind=kind, person_id=ward.id if ward else None)
    except Conflict as refusal:
        messages.warning(request, refusal.message)
    return redirect("identity:own_data")


@never_cache
@signed_in
@require_GET
def take(request: HttpRequest, file_id: UUID) -> HttpResponse:
    if not again.is_fresh(request.sso_session):  # type: ignore[attr-defined]
        return again.ask_first(request.get_full_path())
    return hand_over(*taking.take(actor=actor_of(request), file_id=file_id))
