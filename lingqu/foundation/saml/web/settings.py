"""The service provider of an application: its metadata, or what it says by hand."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lingqu.foundation.applications import api as applications
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import Conflict, DomainError, Invalid
from lingqu.kernel.language import listed

from ..services import answering, providers
from ..types import MOST_METADATA, PERSISTENT, Metadata


@needs(applications.rights.MANAGE, applications.rights.DEVELOP)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, client_id: str) -> HttpResponse:
    app = applications.get_app_to_set(actor=actor_of(request), client_id=client_id)
    if request.method != "POST":
        return _page(request, app)
    try:
        metadata = _given(request)
        providers.set_provider(actor=actor_of(request), application_id=app.id, metadata=metadata)
    except (Invalid, Conflict) as refusal:
        return _page(request, app, refusal)
    messages.success(request, _("SAML 设置已保存。"))
    if not metadata.takes_our_ids:
        told = _(
            "应用要的用户编号格式是 %(formats)s，这里只发固定不变的编号：请在应用里把 NameIDFormat 改成 %(ours)s，否则登录会被拒绝。"
        )
        messages.warning(request, told % {"formats": listed(metadata.name_formats), "ours": PERSISTENT})
    return redirect("saml:settings", client_id)


def _given(request: HttpRequest) -> Metadata:
    """An uploaded file goes before the fields."""
    uploaded = request.FILES.get("metadata")
    if uploaded is not None:
        return providers.metadata_from(uploaded.read(MOST_METADATA + 1))
    return providers.metadata_of(
        entity_id=request.POST.get("entity_id", "")[:1024], acs_url=request.POST.get("acs_url", "").strip()[:2000],
        certificate=request.POST.get("certificate", "")[:20_000],
    )  # fmt: skip


def _page(request: HttpRequest, app: applications.App, refusal: DomainError | None = None) -> HttpResponse:
    provider = answering.find_provider(app.id)
    shown = {
        "app": app, "provider": provider, "error": refusal.message if refusal else "",
        "acs": providers.endpoints(provider.acs) if provider else (),
        "slo": providers.endpoints(provider.slo) if provider else (),
        "posted": request.POST, "guide": applications.GUIDES["saml"](app),
    }  # fmt: skip
    return render(request, "saml/settings.html", shown, status=refusal.status if refusal else 200)
