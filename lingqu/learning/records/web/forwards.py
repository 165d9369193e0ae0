"""Stores to which statements go on: set up, paused, ended, and what they refused."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import DomainError, Forbidden

from .. import policies
from ..selectors import forwarding as reading
from ..services import forwarding
from ..types import rights
from ..types.versions import V1, V2

FIELDS = ("tenant", "name", "endpoint", "key", "version", "start")


@needs(rights.KEEP)
def listing(request: HttpRequest) -> HttpResponse:
    """What stands, and the form for another one."""
    if not policies.may_keep_credentials(actor_of(request)):
        raise Forbidden()
    typed: dict[str, Any] = {name: request.POST.get(name, "")[:2000] for name in FIELDS}
    error = ""
    if request.method == "POST":
        tenant = typed["tenant"]
        try:
            forwarding.add_forward(
                actor=actor_of(request), tenant_id=int(tenant) if tenant.isascii() and tenant.isdigit() else 0,
                name=typed["name"], endpoint=typed["endpoint"], key=typed["key"], version=typed["version"],
                secret=request.POST.get("secret", "")[:500], from_start=typed["start"] == "all",
            )  # fmt: skip
        except Forbidden:
            raise
        except DomainError as refused:
            error = refused.message or _("没有这个应用。")
        else:
            messages.success(request, _("已设好，一分钟内开始转发。"))
            return redirect("records:forwards")
    context = {
        "rows": reading.list_forwards(), "letters": reading.list_letters(), "tenants": reading.list_tenants(),
        "typed": typed, "error": error, "versions": [(V1, V1), (V2, V2)],
        "starts": [("now", _("从现在起")), ("all", _("连同已有的"))],
    }  # fmt: skip
    return render(request, "records/forwards.html", context, status=422 if error else 200)


@require_POST
@needs(rights.KEEP)
def switch(request: HttpRequest, forward_id: int) -> HttpResponse:
    forwarding.switch_forward(actor=actor_of(request), forward_id=forward_id, is_on=request.POST.get("on") == "1")
    return redirect("records:forwards")


@require_POST
@needs(rights.KEEP)
def end(request: HttpRequest, forward_id: int) -> HttpResponse:
    forwarding.end_forward(actor=actor_of(request), forward_id=forward_id)
    messages.success(request, _("不再转发。"))
    return redirect("records:forwards")


@require_POST
@needs(rights.KEEP)
def retry(request: HttpRequest, letter_id: int) -> HttpResponse:
    with refusals_told(request):
        if forwarding.retry_letter(actor=actor_of(request), letter_id=letter_id):
            messages.success(request, _("对方这次收下了。"))
        else:
            messages.error(request, _("对方仍然不收，原因见下。"))
    return redirect("records:forwards")
