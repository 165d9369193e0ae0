"""登不上: find somebody, see why, help with one click."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lingqu.kernel.access import actor_of, needs

from ..selectors import account_page, helping
from ..services import pins
from ..types import rights
from .door import safe_next


@needs(rights.ACCOUNT_RESET)
@never_cache
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """By name or number, within one's own scope."""
    actor, text = actor_of(request), request.GET.get("q", "").strip()[:60]
    shown = {
        "q": text, "rows": helping.list_stuck(actor=actor, text=text) if text else (),
        "may_lock": actor.has(rights.ACCOUNT_LOCK),
    }  # fmt: skip
    return render(request, "identity/helping.html", shown)


@needs(rights.ACCOUNT_RESET)
@require_POST
def reset_pin(request: HttpRequest, number: str) -> HttpResponse:
    """Forget a pupil's PIN for the computer room."""
    actor = actor_of(request)
    pins.reset(actor=actor, account=account_page.require_account(actor=actor, login=number))
    messages.success(request, _("机房密码已清除。下次上机房课时重新设，老师同意后生效。"))
    return redirect(safe_next(request))
