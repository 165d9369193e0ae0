"""Buttons of an import. A click that comes too late says so on the page instead of failing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid, NotFound

from .. import selectors
from ..applying.services import cancel_import, resume_import, start_import, withdraw_import
from ..services import fixing
from ..types import IMPORT_RUN


def _apply(*, actor: Actor, number: str) -> Any:
    return start_import(actor=actor, number=number, apply=True)


def _check(*, actor: Actor, number: str) -> Any:
    return start_import(actor=actor, number=number, apply=False)


ACTIONS: dict[str, Callable[..., Any]] = {
    "apply": _apply, "check": _check, "cancel": cancel_import, "resume": resume_import, "withdraw": withdraw_import,
}  # fmt: skip


@require_POST
@needs(IMPORT_RUN)
def fix(request: HttpRequest, number: str) -> HttpResponse:
    """One decision for all rows of a group; the files are checked anew."""
    actor = actor_of(request)
    selectors.get_import(actor=actor, number=number)
    wanted = {name: request.POST.get(name, "")[:200] for name in ("rule", "kind", "field", "value", "who")}
    meant = fixing.NEW_CLASS if "make" in request.POST else request.POST.get("meant", "")
    try:
        rows = fixing.settle(actor=actor, number=number, wanted=wanted, meant=meant)
    except (Conflict, Invalid) as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _("已改正 %(n)d 行，正在重新校验。") % {"n": rows})
    return redirect("intake:import", number)


@require_POST
@needs(IMPORT_RUN)
def act(request: HttpRequest, number: str) -> HttpResponse:
    actor, name = actor_of(request), request.POST.get("action", "")
    if name not in ACTIONS:
        raise NotFound()
    selectors.get_import(actor=actor, number=number)
    done = {
        "apply": _("已开始写入。"), "check": _("已重新开始校验。"), "cancel": _("已取消。"), "resume": _("已继续。"),
        "withdraw": _("已撤回这次导入写入的内容。"),
    }  # fmt: skip
    try:
        ACTIONS[name](actor=actor, number=number)
    except Conflict as conflict:
        messages.warning(request, conflict.message)
    else:
        messages.success(request, done[name])
    return redirect("intake:import", number)
