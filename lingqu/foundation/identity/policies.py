"""Who may see and change what about accounts and roles. The default is no."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor

from . import register, roles
from .models import Account
from .types import rights
from .types.words import DUTY_ROLES


def holds_on_class(actor: Actor, group: Any, code: str) -> bool:
    """``group`` is a ClassGroup with its school: by the school's place, or on the class itself."""
    return actor.holds(code, str(group.school.path)) or group.id in actor.things(code, "class")


def may_see_class_accounts(actor: Actor, group: Any) -> bool:
    return holds_on_class(actor, group, rights.ACCOUNT_VIEW)


def may_print_slips(actor: Actor, group: Any) -> bool:
    return holds_on_class(actor, group, rights.SLIPS_PRINT)


def may_see_school_accounts(actor: Actor, school: Any) -> bool:
    return actor.holds(rights.ACCOUNT_VIEW, str(school.path))


def may_print_school(actor: Actor, school: Any) -> bool:
    return actor.holds(rights.SLIPS_PRINT, str(school.path))


def may_reset(actor: Actor, account: Account) -> bool:
    """A school or county for everybody in its place; a class teacher for pupils of the class and their guardians.

    A parent who works in a school or office or holds a granted role is reset where that is, never through a child:
    else a class teacher could take over the account of a head teacher. Never for oneself, and never for a duty
    account: those are renewed by the command on the machine.
    """
    if actor.is_system:
        return True
    if _is_own(actor, account) or account.person_id is None or _has_duty(account):
        return False
    return _administers(actor, account, rights.ACCOUNT_RESET)


def may_see_account(actor: Actor, account: Account) -> bool:
    """Whoever may help the person in, and whoever may stop the account."""
    if actor.is_system or may_lock(actor, account):
        return True
    return account.person_id is not None and _administers(actor, account, rights.ACCOUNT_VIEW)


def _is_own(actor: Actor, account: Account) -> bool:
    return account.id == actor.account_id or (account.person_id is not None and account.person_id == actor.person_id)


def _has_duty(account: Account) -> bool:
    """Whether a separated duty stands on the account."""
    return account.roles.filter(role__in=DUTY_ROLES, ended_at=None).exists()


def _administers(actor: Actor, account: Account, code: str) -> bool:
    """Whether a right reaches the account's person: by place, by class, or as nobody but a guardian through a child."""
    ids = registry.ids_of(account.person_id)  # type: ignore[arg-type]
    if any(actor.holds(code, path) for path in register.places_of(ids)):
        return True
    classes = actor.things(code, "class")
    if classes and _sits_in(ids, classes):
        return True
    by_place = any(actor.holds(code, path) for path in register.places_of_wards(ids))
    is_guardian_here = by_place or (bool(classes) and _guards_in(ids, classes))
    return is_guardian_here and _is_only_guardian(account, ids)


def _sits_in(ids: tuple[UUID, ...], classes: tuple[UUID, ...]) -> bool:
    seats = register.classes().filter(id__in=classes, memberships__person_id__in=ids, memberships__valid_to=None)
    return bool(seats.exists())


def _guards_in(ids: tuple[UUID, ...], classes: tuple[UUID, ...]) -> bool:
    seats = register.classes().filter(
        id__in=classes, memberships__valid_to=None, memberships__person__guardianships__guardian_id__in=ids,
        memberships__person__guardianships__valid_to=None,
    )  # fmt: skip
    return bool(seats.exists())


def _is_only_guardian(account: Account, ids: tuple[UUID, ...]) -> bool:
    """Whether the account acts in nothing but what follows from children."""
    busy = Q(appointments__isnull=False, appointments__valid_to=None) | Q(duties__isnull=False, duties__valid_to=None)
    works = register.people().filter(busy, id__in=ids).exists()
    return not works and not account.roles.filter(ended_at=None).exists()


def may_decide_claim(actor: Actor, child_id: UUID) -> bool:
    """The child's class teacher or school."""
    ids = registry.ids_of(child_id)
    classes = actor.things(rights.ACCOUNT_RESET, "class")
    in_place = any(actor.holds(rights.ACCOUNT_RESET, path) for path in register.places_of(ids))
    return in_place or (bool(classes) and _sits_in(ids, classes))


def may_lock(actor: Actor, account: Account) -> bool:
    """Who administers the account, and security administrators in their subtree; never oneself.

    An account on which a separated duty stands is stopped only by whoever reaches all places of that duty.
    """
    if actor.is_system:
        return True
    if _is_own(actor, account) or not actor.has(rights.ACCOUNT_LOCK):
        return False
    if account.person_id is None or _has_duty(account):
        held = [str(path) for path in account.roles.filter(ended_at=None).values_list("organisation__path", flat=True)]
        return bool(held) and all(actor.holds(rights.ACCOUNT_LOCK, path) for path in held)
    return _administers(actor, account, rights.ACCOUNT_LOCK)


def may_invite_staff(actor: Actor, school: Any) -> bool:
    """Whoever hands out slips at the place may also send the codes."""
    return actor.holds(rights.SLIPS_PRINT, str(school.path))


def inviting_place(actor: Actor, account: Account) -> Any:
    """The place among those where the account's person works at which the actor hands out first codes, or None."""
    if account.person_id is None:
        return None
    places = register.workplaces_of(account.person_id)
    return next((place for place in places if may_invite_staff(actor, place)), None)


def may_see_roles(actor: Actor, path: str) -> bool:
    return actor.holds(rights.ROLE_VIEW, path)


def may_grant(actor: Actor, role: str, path: str) -> bool:
    """Within one's own subtree; the role of security administrator only strictly below one's own place.

    So nobody makes a second one of their own reach, and nobody widens it. Who receives it is checked by the service.
    """
    if role not in roles.GRANTABLE:
        return False
    if actor.is_system:
        return True
    if not actor.holds(rights.ROLE_GRANT, path):
        return False
    return role != "security_admin" or path not in actor.paths(rights.ROLE_GRANT)
