"""Who may see and change what about accounts and roles. The default is no."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What decides about one account: where its person is known, and the granted roles with the paths they stand at."""

    person: registry.Surroundings | None
    granted: tuple[tuple[str, str], ...]

    @property
    def has_duty(self) -> bool:
        """Whether a separated duty stands on the account."""
        return any(role in DUTY_ROLES for role, _path in self.granted)

    @property
    def is_only_guardian(self) -> bool:
        """Whether the account acts in nothing but what follows from children."""
        return self.person is not None and not self.person.has_work and not self.granted


def reach_of(account: Account) -> Reach:
    """Two statements; ask once and hand it to each question about the same account."""
    rows = account.roles.filter(ended_at=None).values_list("role", "organisation__path")
    return Reach(
        person=registry.surroundings_of(account.person_id) if account.person_id else None,
        granted=tuple((role, str(path)) for role, path in rows),
    )


def may_reset(actor: Actor, account: Account, reach: Reach | None = None) -> bool:
    """A school or county for everybody in its place; a class teacher for pupils of the class and their guardians.

    A parent who works in a school or office or holds a granted role is reset where that is, never through a child:
    else a class teacher could take over the account of a head teacher. Never for oneself, and never for a duty
    account: those are renewed by the command on the machine.
    """
    if actor.is_system:
        return True
    if _is_own(actor, account) or account.person_id is None:
        return False
    reach = reach or reach_of(account)
    return not reach.has_duty and _administers(actor, reach, rights.ACCOUNT_RESET)


def may_see_account(actor: Actor, account: Account, reach: Reach | None = None) -> bool:
    """Whoever may help the person in, and whoever may stop the account."""
    if actor.is_system:
        return True
    reach = reach or reach_of(account)
    return may_lock(actor, account, reach) or _administers(actor, reach, rights.ACCOUNT_VIEW)


def _is_own(actor: Actor, account: Account) -> bool:
    return account.id == actor.account_id or (account.person_id is not None and account.person_id == actor.person_id)


def _administers(actor: Actor, reach: Reach, code: str) -> bool:
    """Whether a right reaches the account's person: by place, by class, or as nobody but a guardian through a child."""
    found = reach.person
    if found is None:
        return False
    if _holds_at(actor, code, found.places, found.classes):
        return True
    return reach.is_only_guardian and _holds_at(actor, code, found.ward_places, found.ward_classes)


def _holds_at(actor: Actor, code: str, places: Iterable[str], classes: Iterable[UUID]) -> bool:
    in_place = any(actor.holds(code, path) for path in places)
    return in_place or not set(actor.things(code, "class")).isdisjoint(classes)


def may_decide_claim(actor: Actor, child_id: UUID) -> bool:
    """The child's class teacher or school."""
    found = registry.surroundings_of(child_id)
    return _holds_at(actor, rights.ACCOUNT_RESET, found.places, found.classes)


def may_confirm_revocation(actor: Actor, child_id: UUID) -> bool:
    """The school or who stands above it, never by the class alone."""
    return any(actor.holds(rights.ACCOUNT_RESET, path) for path in registry.surroundings_of(child_id).places)


def may_lock(actor: Actor, account: Account, reach: Reach | None = None) -> bool:
    """Who administers the account, and security administrators in their subtree; never oneself.

    An account on which a separated duty stands is stopped only by whoever reaches all places of that duty.
    """
    if actor.is_system:
        return True
    if _is_own(actor, account) or not actor.has(rights.ACCOUNT_LOCK):
        return False
    reach = reach or reach_of(account)
    if account.person_id is None or reach.has_duty:
        return bool(reach.granted) and all(actor.holds(rights.ACCOUNT_LOCK, path) for _role, path in reach.granted)
    return _administers(actor, reach, rights.ACCOUNT_LOCK)


def may_invite_staff(actor: Actor, school: Any) -> bool:
    """Whoever hands out slips at the place may also send the codes."""
    return actor.holds(rights.SLIPS_PRINT, str(school.path))


def inviting_place(actor: Actor, account: Account) -> Any:
    """The place among those where the account's person works at which the actor hands out first codes, or None."""
    if account.person_id is None or not (actor.is_system or actor.has(rights.SLIPS_PRINT)):
        return None
    places = register.workplaces_of(account.person_id)
    return next((place for place in places if may_invite_staff(actor, place)), None)


def may_manage_texting(actor: Actor) -> bool:
    """Templates of the SMS service are one table of the platform: for holders at the top of the tree."""
    return actor.is_system or actor.holds_at_top(rights.SMS_MANAGE)


def may_set_sms_budget(actor: Actor, place: Any) -> bool:
    return actor.is_system or actor.holds(rights.SMS_BUDGET, str(place.path))


def may_see_sms_budget(actor: Actor, place: Any) -> bool:
    """Whoever administers accounts there, and whoever sets the number."""
    return actor.holds(rights.ACCOUNT_VIEW, str(place.path)) or may_set_sms_budget(actor, place)


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
