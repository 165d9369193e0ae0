"""One's own second factor: turn it on with a QR code and a first code, keep recovery codes, turn it off."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from lingqu.kernel import clock
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.errors import DomainError
from lingqu.kernel.printing import qr_svg

from ..models import SsoSession
from ..services import factors
from ..services.own import FRESH


@signed_in
@never_cache
@sensitive_post_parameters("code")
@sensitive_variables("address", "made")
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Asks for the password first unless it was given just now."""
    session: SsoSession = request.sso_session  # type: ignore[attr-defined]
    if "pwd" not in session.amr or clock.now() - session.auth_time > FRESH:
        back = urlencode({"next": reverse("identity:own_factor")})
        return redirect(f"{reverse('identity:sign_in_again')}?{back}")
    actor, account = actor_of(request), session.account
    if request.method != "POST":
        return _page(request, has_factor=factors.has_factor(account))
    if "remove" in request.POST:
        factors.remove(actor=actor, account=account)
        messages.success(request, _("两步验证已关闭。"))
        return redirect("identity:own_factor")
    try:
        if "begin" in request.POST:
            address = factors.begin(actor=actor, account=account)
            return _page(request, qr=qr_svg(address), secret=factors.secret_of(account))
        made = factors.confirm(actor=actor, account=account, typed=request.POST.get("code", ""))
    except DomainError as refusal:
        messages.warning(request, refusal.message)
        return redirect("identity:own_factor")
    return _page(request, recovery=made, has_factor=True)


def _page(request: HttpRequest, **values: object) -> HttpResponse:
    shown = {"has_factor": False, "qr": "", "secret": "", "recovery": (), **values}
    return render(request, "identity/own_factor.html", shown)
