"""Choices about how pages look, kept in cookies of the visitor."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from lingqu.kernel.access import actor_of, public
from lingqu.kernel.errors import NotFound

from . import looks, samples
from .jinja import render_page

YEAR = 365 * 24 * 3600


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if safe else "/")


@public
@require_POST
def switch_type(request: HttpRequest) -> HttpResponse:
    """大字 on or off."""
    response = _back(request)
    if request.COOKIES.get("lq_type") == "large":
        response.delete_cookie("lq_type")
    else:
        response.set_cookie("lq_type", "large", max_age=YEAR, samesite="Lax", httponly=True)
    return response


@public
@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    response = _back(request)
    wanted = request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES):
        looks.LANGUAGE_CHOSEN.collect(actor_of(request), wanted)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, wanted, max_age=YEAR, samesite="Lax", httponly=True)
    return response


@public
@require_safe
def gallery(request: HttpRequest, part: str = "kit") -> HttpResponse:
    """Every component with made-up values, for builders and tests; a running platform has no such page."""
    if not getattr(settings, "UI_GALLERY", settings.DEBUG) or part not in samples.PARTS:
        raise NotFound()
    return render_page(request, f"ui/gallery/{part}.html", samples.context(request, part))
