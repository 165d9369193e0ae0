"""Granted roles: list, grant, end."""

from __future__ import annotations

from datetime import datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.clock import ZONE
from lingqu.kernel.errors import DomainError, Invalid

from .. import roles
from ..selectors import accounts
from ..selectors import granted as reading
from ..services import roles as services
from ..types import rights


@needs(rights.ROLE_VIEW)
@require_GET
def granted(request: HttpRequest) -> HttpResponse:
    role = request.GET.get("role", "")
    page = reading.list_roles(
        actor=actor_of(request), role=role if role in roles.ROLES else "", with_ended="ended" in request.GET,
        cursor=request.GET.get("cursor", ""),
    )  # fmt: skip
    shown = {
        "page": page, "role": role, "ended": "ended" in request.GET, "title_of": roles.title_of,
        "choices": _grantable(), "may_grant": actor_of(request).has(rights.ROLE_GRANT),
    }  # fmt: skip
    return render(request, "identity/roles.html", shown)


@needs(rights.ROLE_GRANT)
@require_http_methods(["GET", "POST"])
def grant(request: HttpRequest) -> HttpResponse:
    """Who, which role, where, until when."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            _grant(request)
        except DomainError as refusal:
            errors = {name: str(text) for name, text in refusal.details.items()} or {"": refusal.message}
        else:
            return redirect("identity:roles")
    posted = {name: request.POST.get(name, "")[:80] for name in ("login", "role", "organisation", "until")}
    shown = {"errors": errors, "posted": posted, "choices": _grantable(), "summaries": roles.ROLES}
    return render(request, "identity/grant_role.html", shown, status=422 if errors else 200)


def _grant(request: HttpRequest) -> None:
    login = accounts.normalised_login(request.POST.get("login", ""))
    account = accounts.find_account(login)
    if account is None:
        message = _("没有这个登录名的账号。")
        raise Invalid(message, details={"login": message})
    day = parse_date(request.POST.get("until", "")) if request.POST.get("until") else None
    until = datetime.combine(day, time(23, 59, 59), ZONE) if day else None
    services.grant_role(
        actor=actor_of(request), account=account, role=request.POST.get("role", ""),
        organisation_code=request.POST.get("organisation", "").strip(), until=until,
    )  # fmt: skip
    messages.success(request, _("已授予角色，对方下一次操作就生效。"))


@needs(rights.ROLE_GRANT)
@require_POST
def end(request: HttpRequest, assignment_id: int) -> HttpResponse:
    services.end_role(actor=actor_of(request), assignment_id=assignment_id)
    messages.success(request, _("已收回角色，对方下一次操作就不再有这些权限。"))
    return redirect("identity:roles")


def _grantable() -> list[tuple[str, str]]:
    return [(code, roles.title_of(code)) for code in roles.GRANTABLE]
