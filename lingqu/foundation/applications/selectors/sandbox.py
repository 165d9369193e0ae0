"""People with whom a vendor tries its applications, and their classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lingqu.foundation.identity import api as identity

from ..models import SandboxClass, SandboxPerson

ROLE = "sandbox"
"""The role of the accounts; whom each plays is said by its claims."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Whom a sandbox person plays: the role, and the classes in which that role has to do something."""

    role: str
    classes: tuple[Any, ...]


def find_sandbox_person(vendor_id: UUID | None, account_id: UUID) -> SandboxPerson | None:
    """The account as a sandbox person of an application's vendor."""
    if vendor_id is None:
        return None
    return SandboxPerson.objects.filter(vendor_id=vendor_id, account_id=account_id).first()


def find_played(account_id: UUID | None) -> Played | None:
    """None for everybody but sandbox people. Two statements."""
    person = SandboxPerson.objects.filter(account_id=account_id).first() if account_id else None
    if person is None:
        return None
    role, own = _role_of(person), _class_ids(person)
    rows = (
        SandboxClass.objects.filter(vendor_id=person.vendor_id).select_related("vendor__organisation").order_by("code")
    )
    is_everywhere = identity.ROLES[role].is_grantable
    return Played(role=role, classes=tuple(row for row in rows if is_everywhere or str(row.id) in own))


def list_sandbox_seats(group: SandboxClass) -> tuple[tuple[UUID, str], ...]:
    """Account and role of those who sit in a sandbox class or teach it; one statement."""
    people = SandboxPerson.objects.filter(vendor_id=group.vendor_id).order_by("account_id")
    return tuple((one.account_id, _role_of(one)) for one in people if str(group.id) in _class_ids(one))


def class_ids(vendor_id: UUID | None) -> dict[str, UUID]:
    """The vendor's sandbox classes: id by code; none before its sandbox was prepared."""
    return dict(SandboxClass.objects.filter(vendor_id=vendor_id).values_list("code", "id")) if vendor_id else {}


def _role_of(person: SandboxPerson) -> str:
    return str(person.claims["roles"]["lingqu_roles"][0]["role"])


def _class_ids(person: SandboxPerson) -> frozenset[str]:
    return frozenset(one["id"] for one in person.claims["classes"]["lingqu_classes"])
