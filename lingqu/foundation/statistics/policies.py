"""Who may see, freeze, submit, confirm and receive: by the path of the school or the part of the tree."""

from __future__ import annotations

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from .types import rights


def require_view(actor: Actor, path: str) -> None:
    if not actor.holds(rights.SNAPSHOT_VIEW, path):
        raise Forbidden()


def require_take(actor: Actor, path: str) -> None:
    if not actor.holds(rights.SNAPSHOT_TAKE, path):
        raise Forbidden()


def require_sheet_view(actor: Actor, path: str) -> None:
    if not actor.holds(rights.SHEET_VIEW, path):
        raise Forbidden()


def require_submit(actor: Actor, path: str) -> None:
    if not actor.holds(rights.SHEET_SUBMIT, path):
        raise Forbidden()


def require_confirm(actor: Actor, path: str) -> None:
    if not actor.holds(rights.SHEET_CONFIRM, path):
        raise Forbidden()


def require_manage(actor: Actor, path: str) -> None:
    if not actor.holds(rights.ROUND_MANAGE, path):
        raise Forbidden()


def require_conditions_view(actor: Actor, path: str) -> None:
    if not actor.holds(rights.CONDITIONS_VIEW, path):
        raise Forbidden()


def require_conditions_edit(actor: Actor, path: str) -> None:
    if not actor.holds(rights.CONDITIONS_EDIT, path):
        raise Forbidden()
