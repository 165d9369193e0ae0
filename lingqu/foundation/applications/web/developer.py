"""The developer's pages: the firm, its applications, sandbox people, guides by protocol."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.kernel.access import actor_of, needs, signed_in
from lingqu.kernel.errors import NotFound

from .. import policies
from ..models import SandboxPerson, Vendor
from ..selectors.apps import find_application
from ..selectors.pages import list_applications
from ..selectors.sandbox import class_ids
from ..services import sandbox, vendors
from ..types import rights
from ..types.scopes import COLLECTED, SCOPES
from ..types.slots import GUIDES
from ..types.values import App
from ..types.words import Protocol
from .pages import tags
from .reading import faults_of, posted, text


@require_GET
@needs(rights.DEVELOP)
def home(request: HttpRequest) -> HttpResponse:
    return _home(request)


def _home(
    request: HttpRequest, *, errors: dict[str, str] | None = None, shown: sandbox.SandboxAccounts | None = None
) -> HttpResponse:
    actor = actor_of(request)
    vendor_id = policies.vendor_of(actor)
    vendor = Vendor.objects.filter(id=vendor_id).first() if vendor_id else None
    context: dict[str, Any] = {
        "vendor": vendor, "errors": errors or {}, "given": posted(request), "shown": shown, "tags": tags(),
        "page": list_applications(actor, cursor=request.GET.get("cursor", "")) if vendor else None,
        "people": list(SandboxPerson.objects.filter(vendor=vendor).select_related("account").order_by("id")) if vendor else [],
        "members": list(vendor.members.select_related("account").order_by("id")) if vendor else [],
        "guides": [(code, _guide_name(code)) for code in sorted(GUIDES)],
    }  # fmt: skip
    return render(request, "applications/developer.html", context, status=422 if errors else 200)


@require_POST
@needs(rights.DEVELOP)
def register_firm(request: HttpRequest) -> HttpResponse:
    firm = vendors.Firm(
        name=text(request, "name", 200), credit_code=text(request, "credit_code", 40),
        contact_name=text(request, "contact_name", 100), phone=text(request, "phone", 40),
    )  # fmt: skip
    if errors := faults_of(lambda: vendors.register_vendor(actor=actor_of(request), firm=firm)):
        return _home(request, errors=errors)
    messages.success(request, _("单位已登记，可以登记应用了。"))
    return redirect("applications:developer")


@require_POST
@needs(rights.DEVELOP)
def add_member(request: HttpRequest) -> HttpResponse:
    if errors := faults_of(lambda: vendors.add_member(actor=actor_of(request), login=text(request, "login", 100))):
        return _home(request, errors=errors)
    messages.success(request, _("已加入，对方现在能管理本单位的应用。"))
    return redirect("applications:developer")


@require_POST
@needs(rights.DEVELOP)
def prepare_sandbox(request: HttpRequest) -> HttpResponse:
    """The answer shows the password, this once."""
    return _home(request, shown=sandbox.prepare_sandbox(actor=actor_of(request)))


@require_POST
@needs(rights.DEVELOP)
def reset_sandbox(request: HttpRequest) -> HttpResponse:
    sandbox.reset_sandbox(actor=actor_of(request))
    messages.success(request, _("沙箱已重置：沙箱人员都已退出，对您的应用来说都是新用户。"))
    return redirect("applications:developer")


@require_GET
@signed_in
def guide(request: HttpRequest, protocol: str) -> HttpResponse:
    """A protocol's addresses and examples; ``app`` fills in the values of an application one may see."""
    if protocol not in GUIDES:
        raise NotFound(_("没有这种接入方式的说明。"))
    app = _own_app(request)
    context = {"guide": GUIDES[protocol](app), "app": app, "tabs": _tabs(protocol)}
    return render(request, "applications/guide.html", context)


@require_GET
@signed_in
def data_guide(request: HttpRequest) -> HttpResponse:
    """Scopes and what they carry, with what each sandbox person would be told; a vendor sees its own classes."""
    ids = class_ids(policies.vendor_of(actor_of(request))) or sandbox.EXAMPLES
    parts = [(part.told, claims_text(part)) for part in sandbox.parts(ids)]
    context = {
        "scopes": list(SCOPES.values()),
        "collected": list(COLLECTED.values()),
        "parts": parts,
        "tabs": _tabs(""),
    }
    return render(request, "applications/data_guide.html", context)


def _guide_name(code: str) -> str:
    return str(Protocol(code).label) if code in Protocol.values else GUIDES[code](None).title


def _tabs(chosen: str) -> list[dict[str, Any]]:
    """The guides there are: data first, then each protocol that is installed."""
    data = {"label": _("字段"), "href": reverse("applications:data_guide"), "current": not chosen}
    return [data] + [
        {"label": _guide_name(code), "href": reverse("applications:guide", args=[code]), "current": code == chosen}
        for code in sorted(GUIDES)
    ]


def claims_text(part: sandbox.Part) -> str:
    """What an application with every scope receives of a sandbox person, as it is sent."""
    claims = {name: value for code in SCOPES for name, value in part.claims.get(code, {}).items()}
    return json.dumps({"sub": "…", **claims}, ensure_ascii=False, indent=2)


def _own_app(request: HttpRequest) -> App | None:
    """The application named in the address, if it belongs to the visitor's firm or to a place the visitor manages."""
    app = find_application(request.GET.get("app", ""))
    return app if app is not None and policies.may_keep_secrets(actor_of(request), app) else None
