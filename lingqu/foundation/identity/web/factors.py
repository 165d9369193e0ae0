"""One's own second factors: an authenticator app, passkeys, recovery codes; and the rule that says who must have one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from lingqu.kernel.access import actor_of, needs, signed_in
from lingqu.kernel.clock import now
from lingqu.kernel.errors import DomainError, Invalid
from lingqu.kernel.printing import qr_svg

from ..models import SsoSession
from ..selectors import factors as reading
from ..selectors.requiring import list_role_factors
from ..services import factors, passkeys, requiring
from ..types import rights
from ..types.values import Standing
from . import again


@signed_in
@never_cache
@sensitive_post_parameters("code")
@sensitive_variables("address", "made")
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Asks for a proof first unless one was given just now."""
    session: SsoSession = request.sso_session  # type: ignore[attr-defined]
    if not again.is_fresh(session):
        return again.ask_first(request.path)
    actor, account = actor_of(request), session.account
    if request.method != "POST":
        return page(request)
    if "remove" in request.POST:
        factors.remove(actor=actor, account=account)
        messages.success(request, _("验证器应用已关闭。"))
        return redirect("identity:own_factor")
    try:
        if "begin" in request.POST:
            address = factors.begin(actor=actor, account=account)
            return page(request, qr=qr_svg(address), secret=factors.secret_of(account))
        made = factors.confirm(actor=actor, account=account, typed=request.POST.get("code", ""))
    except DomainError as refusal:
        messages.warning(request, refusal.message)
        return redirect("identity:own_factor")
    return page(request, recovery=made)


def page(request: HttpRequest, **values: object) -> HttpResponse:
    session: SsoSession = request.sso_session  # type: ignore[attr-defined]
    standing: Standing = request.standing  # type: ignore[attr-defined]
    due = None if values.get("recovery") else standing.factor_due
    shown = {
        "has_app": reading.has_app(session.account_id), "passkeys": session.account.passkeys.order_by("made_at"),
        "passkeys_possible": passkeys.are_possible(), "is_overdue": due is not None and due <= now(),
        "qr": "", "secret": "", "recovery": (), **values,
    }  # fmt: skip
    return render(request, "identity/own_factor.html", shown)


@needs(rights.SECURITY_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest) -> HttpResponse:
    """Which roles must have a second factor, and after how many days."""
    actor, errors = actor_of(request), {}
    if request.method == "POST":
        try:
            requiring.set_rule(actor=actor, wanted=request.POST.getlist("role"), grace_days=_days(request))
        except Invalid as refusal:
            errors = {name: str(text) for name, text in refusal.details.items()} or {"": refusal.message}
        else:
            messages.success(request, _("已保存。相关人员下一次操作就会看到。"))
            return redirect("identity:factor_rule")
    shown = {"rows": list_role_factors(actor=actor), "need": reading.factor_need(), "errors": errors}
    return render(request, "identity/factor_rule.html", shown, status=422 if errors else 200)


def _days(request: HttpRequest) -> int:
    text = request.POST.get("grace_days", "").strip()[:4]
    return int(text) if text.isascii() and text.isdigit() else -1
