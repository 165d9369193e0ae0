"""Guardians behind a phone, and claims that wait for the class teacher."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto
from lingqu.kernel.actor import Actor, require

from .. import policies, register
from ..models import Account, GuardianClaim
from ..types.values import Claim
from .accounts import mask_phone, name_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonBehindPhone:
    """A person the holder of a phone may be. ``account_id`` is set when an account of theirs is in use already."""

    name: str
    account_id: UUID | None


def list_persons_behind(phone_blind: UUID) -> tuple[PersonBehindPhone, ...]:
    """Accounts that this phone opened; the holder may be one of them, or somebody new."""
    rows = Account.objects.filter(verified_phone_blind=phone_blind, state="active", person__isnull=False)
    return tuple(
        PersonBehindPhone(name=name_of(row), account_id=row.id) for row in rows.select_related("person").order_by("id")
    )


def find_named_guardian(child_id: UUID, name: str, phone_blind: UUID) -> UUID | None:
    """The guardian whom the register names for the child with this name and phone."""
    found: UUID | None = (
        register.people()
        .filter(
            name=name, phone_blind=phone_blind, deceased_on=None, wards__child_id__in=registry.ids_of(child_id),
            wards__valid_to=None,
        )
        .values_list("id", flat=True)
        .first()
    )  # fmt: skip
    return register.canonical_id(found) if found else None


def find_account_behind(phone_blind: UUID, name: str) -> Account | None:
    """The account of this name that the phone opened."""
    return Account.objects.filter(verified_phone_blind=phone_blind, person__name=name, state="active").first()


def is_guardian_of(person_id: UUID, child_id: UUID) -> bool:
    links = register.people().filter(
        id__in=registry.ids_of(person_id), wards__child_id__in=registry.ids_of(child_id), wards__valid_to=None
    )
    return bool(links.exists())


def list_claims(*, actor: Actor, class_id: UUID) -> tuple[Claim, ...]:
    """Claims that wait for an answer in one class, oldest first."""
    group = register.get_class(class_id)
    require(policies.may_see_class_accounts(actor, group))
    waiting = GuardianClaim.objects.filter(
        state="waiting", child__class_memberships__class_group=group, child__class_memberships__valid_to=None
    )
    rows = list(waiting.select_related("child").order_by("made_at")[:200])
    named = guardian_names([row.child_id for row in rows])
    return tuple(
        Claim(
            id=row.id, child_id=row.child_id, child_name=row.child.name, name=row.name,
            phone_masked=mask_phone(crypto.unseal_fields(row.sealed).get("phone", "")), relation=row.relation,
            registered=tuple(named.get(row.child_id, ())), made_at=row.made_at,
        )
        for row in rows
    )  # fmt: skip


def count_claims(class_ids: list[UUID]) -> int:
    """Waiting claims of children in these classes."""
    return (
        GuardianClaim.objects.filter(
            state="waiting",
            child__class_memberships__class_group__in=class_ids,
            child__class_memberships__valid_to=None,
        )
        .distinct()
        .count()
    )


def guardian_names(child_ids: list[UUID]) -> dict[UUID, list[str]]:
    """Names of the living guardians the register has for each child, the main one first."""
    rows = (
        register.people()
        .filter(wards__child_id__in=child_ids, wards__valid_to=None, deceased_on=None)
        .order_by("-wards__is_primary", "wards__id")
        .values_list("wards__child_id", "name")
    )
    found: dict[UUID, list[str]] = defaultdict(list)
    for child_id, name in rows:
        found[child_id].append(name)
    return found
