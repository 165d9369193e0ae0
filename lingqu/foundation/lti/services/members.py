"""Who is in a class, for a tool that is used there (NRPS 2.0): only who could enter, each as far as the scopes go."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce

from lingqu.foundation.applications import api as applications

from .. import register
from ..types.words import CONTEXT_ROLES, PROTOCOL, institution_role
from .access import open_roles

HEADS = ("head_teacher", "deputy_head_teacher")
OPEN_STATES = ("new", "active")
"""Accounts that may be used, now or after their activation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Somebody in a class: the account, the person (none in a sandbox) and the roles here by which they may enter."""

    account_id: UUID
    person_id: UUID | None
    roles: frozenset[str]


def list_seats(app: applications.App, group: Any) -> list[Seat]:
    """Everybody in the class who could enter, by account: five statements whatever its size."""
    may = open_roles(app, group)
    if register.is_sandbox(group):
        held_by = {account_id: role for account_id, role in applications.list_sandbox_seats(group) if role in may}
        found = register.accounts().filter(id__in=held_by, state__in=OPEN_STATES).order_by("id")
        return [
            Seat(account_id=key, person_id=None, roles=frozenset({held_by[key]}))
            for key in found.values_list("id", flat=True)
        ]
    return _seats_in_register(group, may)


def _seats_in_register(group: Any, may: frozenset[str]) -> list[Seat]:
    held: dict[UUID, set[str]] = defaultdict(set)
    sources = (
        ("student", register.of_class("memberships").filter(class_group=group, valid_to=None)),
        ("teacher", register.of_class("teaching").filter(class_group=group, valid_to=None)),
        ("class_teacher", register.duties().filter(class_group=group, valid_to=None, kind__in=HEADS)),
    )
    for role, rows in sources:
        for person_id in rows.values_list(Coalesce("person__canonical_id", "person_id"), flat=True):
            held[person_id].add(role)
    wanted = [person_id for person_id, roles in held.items() if roles & may]
    rows = register.accounts().filter(
        Q(person_id__in=wanted) | Q(person__canonical_id__in=wanted), person__deceased_on=None, state__in=OPEN_STATES
    )
    pairs = rows.order_by("id").values_list("id", Coalesce("person__canonical_id", "person_id"))
    return [Seat(account_id=key, person_id=person, roles=frozenset(held[person] & may)) for key, person in pairs]


def list_members(
    *, app: applications.App, group: Any, role: str = "", after: UUID | None = None, limit: int
) -> tuple[list[dict[str, Any]], UUID | None]:
    """A page of the class list, and after which account the next one begins; None behind the last. What is told of each
    is noted as released."""
    seats = [one for one in list_seats(app, group) if _has(one, role) and (after is None or one.account_id > after)]
    shown, more = seats[:limit], len(seats) > limit
    ids = [one.account_id for one in shown]
    subjects = applications.subjects_of(app=app, account_ids=ids)
    told = applications.claims_of_many(app=app, account_ids=ids, scopes=app.scopes)
    members = [_member(app, one, subjects[one.account_id], told.get(one.account_id, {})) for one in shown]
    applications.record_releases(
        app=app, protocol=PROTOCOL,
        given={key: {*told.get(key, {}), "lingqu_roles", "lingqu_classes"} - {"updated_at"} for key in ids},
    )  # fmt: skip
    return members, shown[-1].account_id if more else None


def _has(seat: Seat, wanted: str) -> bool:
    """``wanted`` is a role of the class as its whole name or the last word of it, in any case; empty is everybody."""
    names = {CONTEXT_ROLES[role].lower() for role in seat.roles}
    return not wanted or wanted.lower() in names | {name.rpartition("#")[2] for name in names}


def _member(app: applications.App, seat: Seat, subject: str, told: dict[str, Any]) -> dict[str, Any]:
    roles = sorted(seat.roles)
    found = [CONTEXT_ROLES[role] for role in roles]
    if "roles" in app.scopes:
        found += [institution_role(role) for role in roles]
    member = {"user_id": subject, "status": "Active", "roles": list(dict.fromkeys(found))}
    names = {"name": "name", "email": "email", "lingqu_person_number": "lis_person_sourcedid"}
    return member | {there: told[here] for here, there in names.items() if here in told}
