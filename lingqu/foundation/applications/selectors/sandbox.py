"""People with whom a vendor tries its applications."""

from __future__ import annotations

from uuid import UUID

from ..models import SandboxPerson


def find_sandbox_person(vendor_id: UUID | None, account_id: UUID) -> SandboxPerson | None:
    """The account as a sandbox person of an application's vendor."""
    if vendor_id is None:
        return None
    return SandboxPerson.objects.filter(vendor_id=vendor_id, account_id=account_id).first()
