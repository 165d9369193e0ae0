"""Files in: the form, and pieces of large files before it is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lingqu.kernel import home, limits
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, DomainError, Invalid
from lingqu.kernel.files import text_of_size
from lingqu.ui.jinja import render_page

from .. import selectors
from ..applying.services import create_import, start_import
from ..services.uploading import append_piece, begin_upload, cancel_upload, take_uploads
from ..types import IMPORT_RUN

SOURCES = {"school-roster": "local", "national_pupil": "national_pupil", "national_staff": "national_staff",
           "province": "province"}  # fmt: skip
"""Kinds of deliveries that the form offers → who owns what they say (kinds of sources in the register)."""


def source_names() -> list[tuple[str, str]]:
    return [
        ("school-roster", _("学校或教育局自己的名册")), ("national_pupil", _("全国学籍系统导出")),
        ("national_staff", _("全国教师系统导出")), ("province", _("省级平台导出")),
    ]  # fmt: skip


@require_http_methods(["GET", "POST"])
@needs(IMPORT_RUN)
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    places = selectors.list_places(actor)
    if request.method == "GET":
        return _form(request, places, {})
    try:
        number = _create(request, actor, {place.path for place in places})
    except DomainError as refusal:
        if refusal.status in {403, 503}:
            raise
        kept = selectors.list_uploads(actor=actor, is_complete=True, ids=request.POST.getlist("upload"))
        advice = (
            _("如果只是试用，请勾选下面的“这次只是在演示环境里试用”再上传。") if refusal.code == "home_is_demo" else ""
        )
        shown = {"error": f"{refusal.message} {advice}".strip(), "kept": kept}
        return _form(request, places, shown, status=refusal.status)
    return redirect("intake:import", number)


def _create(request: HttpRequest, actor: Actor, paths: set[str]) -> str:
    scope, source = request.POST.get("place", ""), request.POST.get("source", "school-roster")
    if scope not in paths or source not in SOURCES:
        raise Invalid(_("请选择导入到哪个单位，以及名册从哪里来。"))
    limits.hit(f"intake.new:{actor.account_id}", 60, 3600)
    uploads = take_uploads(
        actor=actor, sent=request.FILES.getlist("rosters"), upload_ids=request.POST.getlist("upload")
    )
    if not uploads:
        raise Invalid(_("请选择要导入的文件。"))
    record = create_import(
        actor=actor, scope=scope, uploads=uploads, source=source, source_kind=SOURCES[source],
        into_demo=request.POST.get("into_demo") == "on",
    )  # fmt: skip
    start_import(actor=actor, number=record.number, apply=False)
    return record.number


def _form(request: HttpRequest, places: Any, more: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {
        "places": [(place.path, place.name) for place in places], "sources": source_names(), "error": "",
        "place": request.POST.get("place", places[0].path if places else ""),
        "source": request.POST.get("source") or request.GET.get("source", "school-roster"), "is_demo": home.is_demo(), "into_demo": request.POST.get("into_demo") == "on", "kept": (),
        "broken": [
            {"id": one.id, "name": one.name, "got": text_of_size(one.received), "size": text_of_size(one.size)}
            for one in selectors.list_uploads(actor=actor_of(request), is_complete=False)
        ],
        **more,
    }  # fmt: skip
    return render_page(request, "intake/new.html", context, status=status)


@require_POST
@needs(IMPORT_RUN)
def begin(request: HttpRequest) -> JsonResponse:
    size = request.POST.get("size", "")
    upload = begin_upload(
        actor=actor_of(request), name=request.POST.get("name", ""), fingerprint=request.POST.get("fingerprint", ""),
        size=int(size) if size.isascii() and size.isdigit() and len(size) < 16 else 0,
    )  # fmt: skip
    return JsonResponse({"id": str(upload.id), "offset": upload.received})


@require_POST
@needs(IMPORT_RUN)
def append(request: HttpRequest, upload_id: UUID) -> JsonResponse:
    offset = request.headers.get("Upload-Offset", "")
    stated = int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 16 else None
    try:
        upload = append_piece(actor=actor_of(request), upload_id=upload_id, offset=stated, data=request.body)
    except Conflict as conflict:
        return JsonResponse({"offset": conflict.details.get("offset", 0), "message": conflict.message}, status=409)
    return JsonResponse({"offset": upload.received})


@require_POST
@needs(IMPORT_RUN)
def cancel(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """From the script, which wants no page, or from the button beside an unfinished file."""
    cancel_upload(actor=actor_of(request), upload_id=upload_id)
    wants_page = "text/html" in request.headers.get("Accept", "")
    return redirect("intake:new") if wants_page else HttpResponse(status=204)
