"""What a role at one organisation adds at others that are related to it: 集团, 教共体, 托管, 督学责任区 …"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Right

from .. import roles
from ..types.values import RoleChoice

READING = ".view"


def with_members(choices: Iterable[RoleChoice]) -> tuple[RoleChoice, ...]:
    """The same choices; those at a leading organisation also hold their rights, or the reading part, at its members.

    Never more than at home. Teachers, pupils and parents gain nothing: they hold rights on people, not on a place.
    """
    choices = tuple(choices)
    heads = {choice.organisation_id for choice in choices if choice.organisation_id and _is_of_a_place(choice)}
    members = registry.members_led_by(heads) if heads else {}
    return tuple(
        replace(choice, rights=(*choice.rights, *_rights_at(choice, members[choice.organisation_id])))
        if choice.organisation_id in members and _is_of_a_place(choice)
        else choice
        for choice in choices
    )


def _is_of_a_place(choice: RoleChoice) -> bool:
    return choice.role not in roles.AT_SCHOOL and choice.role not in roles.OVERSEERS


def _rights_at(choice: RoleChoice, members: Iterable[tuple[str, str]]) -> list[Right]:
    return [
        Right(right.code, path, right.until)
        for path, role in members
        for right in choice.rights
        if right.path == choice.path and (role == "manage" or right.code.endswith(READING))
    ]
