"""The front page of each audience, and the search over everything."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error

from cryptography.exceptions import InvalidTag
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto
from lingqu.kernel.access import actor_of, public, signed_in
from lingqu.kernel.errors import Invalid

from .homes import home_of

SEARCH_USE = b"portal.search"
MOST_ORGANISATIONS, MOST_PEOPLE = 12, 12


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not actor.is_signed_in:
        return render(request, "portal/front.html", {"totals": registry.public_figures()})
    found = home_of(actor, child=request.GET.get("child", ""))
    return render(request, found.template, found.values)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Organisations and people in reach. What was typed may be a name: in the address it stands sealed only."""
    actor = actor_of(request)
    if request.method == "POST":
        text = request.POST.get("q", "").strip()[:100]
        return redirect(reverse("portal:search") + (f"?s={sealed(text)}" if text else ""))
    text = opened(request.GET.get("s", ""))
    sees_people = actor.has(registry.rights.PERSON_VIEW)
    organisations = registry.find_organisations(actor, text, MOST_ORGANISATIONS + 1) if text else ()
    people = registry.search_people(actor, text, limit=MOST_PEOPLE) if text and sees_people else None
    context = {
        "text": text, "organisations": organisations[:MOST_ORGANISATIONS],
        "more_organisations": len(organisations) > MOST_ORGANISATIONS, "people": people, "sees_people": sees_people,
    }  # fmt: skip
    return render(request, "portal/search.html", context)


def sealed(text: str) -> str:
    return urlsafe_b64encode(crypto.seal(text.encode(), SEARCH_USE)).decode().rstrip("=")


def opened(value: str) -> str:
    """Raises :class:`Invalid` for an address that this platform did not make."""
    if not value:
        return ""
    try:
        return crypto.unseal(urlsafe_b64decode(value + "=" * (-len(value) % 4)), SEARCH_USE).decode()
    except (ValueError, Base64Error, InvalidTag) as error:
        raise Invalid(_("这个查找链接无效，请重新输入。"), code="bad_search") from error
