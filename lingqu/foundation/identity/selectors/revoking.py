"""Guardians of a child who may be proposed for revocation, and what was proposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto
from lingqu.kernel.actor import Actor, require

from .. import policies, register
from ..models import GuardianRevocation


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An open guardianship of a person; ``kind`` is a GuardianKind."""

    id: int
    person_id: UUID
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherGuardian:
    """Somebody to tell; ``phone`` is the register's, empty when there is none."""

    person_id: UUID
    phone: str


def _open_links(child_id: UUID) -> Any:
    links = register.people().model._meta.get_field("wards").related_model.objects
    rows = links.filter(child_id__in=registry.ids_of(child_id), valid_to=None, guardian__isnull=False)
    return rows.filter(guardian__deceased_on=None).select_related("guardian").order_by("id")


def list_links(*, actor: Actor, child_id: UUID) -> tuple[Link, ...]:
    """Guardians of the child today, for class teacher and school."""
    require(policies.may_decide_claim(actor, child_id))
    return tuple(map(_as_link, _open_links(child_id)))


def find_link(child_id: UUID, guardianship_id: int) -> Link | None:
    found = _open_links(child_id).filter(id=guardianship_id).first()
    return _as_link(found) if found else None


def other_guardians(child_id: UUID, guardianship_id: int) -> tuple[OtherGuardian, ...]:
    """Living guardians beside the one, without 代办人."""
    rows = _open_links(child_id).exclude(id=guardianship_id).exclude(kind="proxy")
    return tuple(
        OtherGuardian(
            person_id=row.guardian_id,
            phone=crypto.unseal_fields(row.guardian.sealed).get("phone", "") if row.guardian.sealed else "",
        )
        for row in rows
    )


def list_revocations(*, actor: Actor, child_id: UUID) -> tuple[GuardianRevocation, ...]:
    """What was proposed about the child's guardians, the newest first; without the documents."""
    require(policies.may_decide_claim(actor, child_id))
    rows = GuardianRevocation.objects.filter(child_id__in=registry.ids_of(child_id)).defer("sealed")
    return tuple(rows.order_by("-proposed_at")[:50])


def _as_link(row: Any) -> Link:
    return Link(id=row.id, person_id=row.guardian_id, name=row.guardian.name, kind=row.get_kind_display())
