"""Credentials of an application: made (the secret is shown in the answer, once), rotated, revoked; and its error log."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.foundation.applications import api as applications
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import Invalid
from lingqu.ui.jinja import render_page

from ..selectors import credentials as reading
from ..services import credentials
from ..types import rights
from ..types.scopes import ALL, ALL_READ, PROFILE, READ, SCOPES, STATE, WRITE
from ..types.values import NewCredential

RUNS = (applications.rights.MANAGE, applications.rights.DEVELOP, rights.KEEP)


def scope_names() -> dict[str, str]:
    return {
        WRITE: _("写语句"), READ: _("读语句"), STATE: _("读写状态"), PROFILE: _("读写档案"), ALL_READ: _("读全部"),
        ALL: _("读写全部"),
    }  # fmt: skip


def _app(request: HttpRequest, client_id: str) -> applications.App:
    actor = actor_of(request)
    if actor.holds_at_top(rights.KEEP) and (found := applications.find_application(client_id)) is not None:
        return found
    return applications.get_app_to_set(actor=actor, client_id=client_id)


def _show(request: HttpRequest, app: applications.App, made: NewCredential | None = None) -> HttpResponse:
    names = scope_names()
    places = [("", _("所有机构")), *((code, name) for _id, code, name in applications.adopting_organisations(app.id))]
    context = {
        "app": app, "made": made, "places": places, "scopes": [(code, names[code]) for code in SCOPES], "names": names,
        "rows": reading.list_credentials(app.id), "volumes": reading.list_volumes(app.id),
        "refusals": reading.count_refusals(app.id), "guide": "/developer/guides/xapi",
    }  # fmt: skip
    response = render(request, "records/credentials.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@needs(*RUNS)
def page(request: HttpRequest, client_id: str) -> HttpResponse:
    return _show(request, _app(request, client_id))


@require_POST
@needs(*RUNS)
def make(request: HttpRequest, client_id: str) -> HttpResponse:
    app = _app(request, client_id)
    made: NewCredential | None = None
    with refusals_told(request):
        made = credentials.create_credential(
            actor=actor_of(request), application_id=app.id, organisation_id=_place(app, request.POST.get("place", "")),
            name=request.POST.get("name", "").strip()[:100] or app.name,
            scopes=tuple(request.POST.getlist("scopes")[:10]) or (WRITE,),
        )  # fmt: skip
    return _show(request, app, made)


@require_POST
@needs(*RUNS)
def rotate(request: HttpRequest, client_id: str, key: str) -> HttpResponse:
    app = _app(request, client_id)
    made: NewCredential | None = None
    with refusals_told(request):
        made = credentials.rotate_credential(actor=actor_of(request), key=key)
    return _show(request, app, made)


@require_POST
@needs(*RUNS)
def revoke(request: HttpRequest, client_id: str, key: str) -> HttpResponse:
    app = _app(request, client_id)
    with refusals_told(request):
        credentials.revoke_credential(actor=actor_of(request), key=key)
        messages.success(request, _("凭证已撤销，几秒内全部失效。"))
    return redirect("records:credentials", app.client_id)


@require_GET
@needs(*RUNS)
def errors(request: HttpRequest, client_id: str) -> HttpResponse:
    app, code = _app(request, client_id), request.GET.get("code", "")[:50]
    context = {
        "app": app, "page": reading.list_refusals(app.id, code=code, cursor=request.GET.get("cursor", "")), "code": code,
        "counts": reading.count_refusals(app.id),
    }  # fmt: skip
    return render_page(request, "records/errors.html", context, block="list")


def _place(app: applications.App, code: str) -> UUID | None:
    """The organisation of a code among those that use the application; an empty code: the whole application."""
    if not code:
        return None
    for one, known, _name in applications.adopting_organisations(app.id):
        if known == code:
            return one
    raise Invalid(_("这个机构没有选用该应用。"))
