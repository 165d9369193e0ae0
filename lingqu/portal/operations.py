"""The operator's pages: nothing about pupils, only about the platform."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lingqu.foundation.identity import api as identity
from lingqu.kernel import outbox
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.rights import HEALTH_VIEW
from lingqu.ui.jinja import render_page

from .health import overview


@needs(HEALTH_VIEW)
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context = {**overview(actor), "title": identity.title_of(actor.role)}
    return render_page(request, "portal/health.html", context)


@needs(HEALTH_VIEW)
@require_POST
def retry_letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Give an event that a handler could not take another ten tries."""
    outbox.retry_dead(actor=actor_of(request), letter_id=letter_id)
    messages.success(request, _("已重新投递，结果稍后可见。"))
    return redirect("portal:health")
