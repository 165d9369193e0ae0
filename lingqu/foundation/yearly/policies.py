"""Who may see, decide, apply and draw: by the path of the school or the part of the tree."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from .types import rights


def may_view(actor: Actor, path: str) -> bool:
    return actor.holds(rights.ROLLOVER_VIEW, path)


def may_decide(actor: Actor, path: str) -> bool:
    return actor.holds(rights.ROLLOVER_DECIDE, path)


def may_apply(actor: Actor, path: str) -> bool:
    return actor.holds(rights.ROLLOVER_APPLY, path)


def require_view(actor: Actor, path: str) -> None:
    if not may_view(actor, path):
        raise Forbidden()


def require_decide(actor: Actor, path: str) -> None:
    if not may_decide(actor, path):
        raise Forbidden(_("无权处理这里的学年升级。"))


def require_apply(actor: Actor, path: str) -> None:
    if not may_apply(actor, path):
        raise Forbidden(_("无权应用、撤销或锁定这里的学年升级。"))


def may_see_placement(actor: Actor, path: str) -> bool:
    return actor.holds(rights.PLACEMENT_VIEW, path)


def may_run_placement(actor: Actor, path: str) -> bool:
    return actor.holds(rights.PLACEMENT_RUN, path)


def require_see_placement(actor: Actor, path: str) -> None:
    if not may_see_placement(actor, path):
        raise Forbidden()


def require_run_placement(actor: Actor, path: str) -> None:
    if not may_run_placement(actor, path):
        raise Forbidden(_("无权组织这所学校的分班。"))
