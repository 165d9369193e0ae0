"""Who may see and change which application. The default is no."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from lingqu.kernel.actor import Actor

from .models import Application, VendorMember
from .types import rights
from .types.words import AppState

OPEN_TO_VENDOR = (AppState.DRAFT, AppState.REFUSED)
"""States in which a vendor may change what will be, or was, judged."""


def vendor_of(actor: Actor) -> UUID | None:
    """The firm the actor works for, when acting as its developer."""
    if actor.account_id is None or not actor.has(rights.DEVELOP):
        return None
    return VendorMember.objects.filter(account_id=actor.account_id).values_list("vendor_id", flat=True).first()


def is_own(actor: Actor, application: Any) -> bool:
    """``application`` is a row or an App: whether it belongs to the actor's firm."""
    return application.vendor_id is not None and vendor_of(actor) == application.vendor_id


def holds(actor: Actor, code: str, path: str) -> bool:
    return actor.holds(code, path)


def may_see(actor: Actor, application: Application) -> bool:
    """Who administers the shelf it stands on, its reviewers, its vendor, and places that use or could use it."""
    path = str(application.organisation.path)
    if any(actor.holds(code, path) for code in (rights.VIEW, *rights.REVIEWS.values(), rights.SUSPEND)):
        return True
    if is_own(actor, application):
        return True
    shown = application.state in (AppState.LIVE, AppState.SUSPENDED, AppState.RETIRED)
    return shown and any(_is_below(place, path) for place in actor.paths(rights.VIEW))


def may_manage(actor: Actor, application: Application) -> bool:
    """Settings, scopes and secrets by the bureau that keeps it; by its vendor as :func:`may_develop` says."""
    return actor.holds(rights.MANAGE, str(application.organisation.path))


def may_develop(actor: Actor, application: Application) -> bool:
    """The vendor's own part: what is not under review, and secrets and addresses at any time before the end."""
    return is_own(actor, application) and application.state != AppState.RETIRED


def may_change_filing(actor: Actor, application: Application) -> bool:
    """By the bureau always, by the vendor until it is submitted and after a refusal."""
    if may_manage(actor, application):
        return True
    return application.state in OPEN_TO_VENDOR and is_own(actor, application)


def may_keep_secrets(actor: Actor, application: Application) -> bool:
    return may_manage(actor, application) or may_develop(actor, application)


def may_review(actor: Actor, kind: str, application: Application) -> bool:
    """The reviewers of the region; nobody judges the application of the own firm."""
    return actor.holds(rights.REVIEWS[kind], str(application.organisation.path)) and not is_own(actor, application)


def may_suspend(actor: Actor, application: Application) -> bool:
    return actor.holds(rights.SUSPEND, str(application.organisation.path))


def may_adopt(actor: Actor, path: str) -> bool:
    return actor.holds(rights.ADOPT, path)


def release_places(actor: Actor) -> tuple[str, ...]:
    """Places of whose people the actor may know what was given to applications."""
    return ("1",) if actor.is_system else actor.paths(rights.RELEASES)


def _is_below(place: str, path: str) -> bool:
    """Whether a place reaches, or lies in, the place of a shelf."""
    return place == path or place.startswith(path + ".") or path.startswith(place + ".")


def any_of(actor: Actor, codes: Iterable[str]) -> bool:
    return any(actor.has(code) for code in codes)
