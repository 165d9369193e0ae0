"""What identity adds to the shell: the role switcher and the way to one's own account."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lingqu.kernel import clock, navigation
from lingqu.kernel.actor import Actor
from lingqu.ui.looks import PLACES

from . import roles
from .types.values import Standing


def place_of(actor: Actor, request: HttpRequest) -> dict[str, Any] | None:
    """The chosen role with its place, and the others to choose from; nothing for an account without a role."""
    standing: Standing | None = getattr(request, "standing", None)
    if standing is None or not actor.role:
        return None
    choices = [choice for choice in standing.choices if choice.is_live(clock.now())]
    shown = [
        {
            "value": choice.key, "role": roles.title_of(choice.role),
            "organisation": choice.organisation_name or choice.detail,
            "current": choice.role == actor.role and choice.organisation_id == actor.organisation_id,
        }
        for choice in choices
    ]  # fmt: skip
    here = next((one["organisation"] for one in shown if one["current"]), "")
    return {
        "role": roles.title_of(actor.role), "organisation": here, "url": reverse("identity:choose_role"), "icon": "",
        "choices": shown,
    }  # fmt: skip


PLACES.fill("identity", place_of)
navigation.group("mine", _("我的"), order=900)
navigation.add(_("我的账号与权限"), "identity:me", group="mine", icon="staff", order=10)
