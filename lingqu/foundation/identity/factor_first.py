"""The gate for somebody whose role asks for a second factor and who has had time to set one up: nothing else answers.

Open stay the way to set it up, the ways out, and what only changes how pages look.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.ui.looks import Announcement

from . import locking
from .models import SsoSession
from .types.values import Standing

OPEN = frozenset({
    "identity:own_factor", "identity:passkey_options", "identity:add_passkey", "identity:remove_passkey",
    "identity:sign_in_again", "identity:passkey_asked", "identity:passkey", "identity:sign_out", "identity:locked",
    "identity:awake", "identity:lock_now", "ui:language", "ui:type",
})  # fmt: skip


def answer(request: HttpRequest) -> HttpResponse | None:
    """The way to the second factor, instead of any other page once the grace is over."""
    due = _due(request)
    match = request.resolver_match
    if due is None or due > now() or (match is not None and match.view_name in OPEN):
        return None
    message = _("这个身份要先开启两步验证，才能继续使用。")
    return locking.lead_to(request, reverse("identity:own_factor"), code="factor_first", message=message)


def announce(actor: Actor, request: HttpRequest) -> Announcement | None:
    """How many days are left, on every page."""
    due = _due(request)
    if due is None or due <= now() or not actor.is_signed_in:
        return None
    days = -(-(due - now()) // timedelta(days=1))
    return Announcement(
        text=_("你的身份要求开启两步验证，还有%(days)d天。到期后先开启才能使用。") % {"days": days},
        label=_("现在开启"), url=reverse("identity:own_factor"),
    )  # fmt: skip


def _due(request: HttpRequest) -> datetime | None:
    """None also for a session whose second factor was proved above, by a source that is trusted for it."""
    standing: Standing | None = getattr(request, "standing", None)
    session: SsoSession | None = getattr(request, "sso_session", None)
    if session is not None and {"fed", "mfa"} <= set(session.amr):
        return None
    return standing.factor_due if standing else None
