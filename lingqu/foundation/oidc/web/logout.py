"""Sign-out asked for by an application: at once when it shows this session's ID token, else after a question."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from lingqu.foundation.identity import api as identity
from lingqu.kernel.access import public
from lingqu.kernel.onward import let_forms_end_at, origin_of

from ..services import leaving
from ..services.asking import Unusable
from .authorize import redirect_out

SALT, SECONDS = "oidc.logout", 900


@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """Without the ID token of this very session nobody is signed out by a link: there is a question first."""
    if request.method == "POST":
        return HttpResponseRedirect(f"{request.path}?{request.POST.urlencode()}")
    wish = leaving.read_wish(request.GET)
    session = identity.session_of(request)
    if session is None or wish.sid == str(session.id):
        return _leave(request, wish.back_to)
    told = (
        _("“%(name)s”请你退出统一登录。") % {"name": wish.app.name}
        if wish.app
        else _("退出的是统一登录，不只是一个应用。")
    )
    response = identity.ask_to_leave(
        request, told=told, action=reverse("oidc:confirm_logout"), name="wish",
        value=signing.dumps([wish.back_to, str(session.id)], salt=SALT),
    )  # fmt: skip
    return let_forms_end_at(response, origin_of(wish.back_to)) if wish.back_to else response


@public
@never_cache
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    try:
        back_to, sid = signing.loads(request.POST.get("wish", ""), salt=SALT, max_age=SECONDS)
    except signing.BadSignature as error:
        raise Unusable(_("这个页面放得太久了，请从应用重新进入。")) from error
    session = identity.session_of(request)
    if request.POST.get("answer") != "yes":
        return redirect("/")
    if session is not None and sid != str(session.id):
        return redirect_out(back_to) if back_to else redirect("/")
    return _leave(request, back_to)


def _leave(request: HttpRequest, back_to: str) -> HttpResponse:
    """Out here, and back to the application, or to a page that says what else was left."""
    if not back_to:
        return identity.leave_and_show(request)
    identity.leave(request)
    return redirect_out(back_to)
