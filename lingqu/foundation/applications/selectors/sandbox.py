"""People with whom a vendor tries its applications."""

from __future__ import annotations

from uuid import UUID

from ..models import SandboxPerson
from ..types.values import App


def find_sandbox_person(app: App, account_id: UUID) -> SandboxPerson | None:
    """The account as a sandbox person of the application's vendor."""
    if app.vendor_id is None:
        return None
    return SandboxPerson.objects.filter(vendor_id=app.vendor_id, account_id=account_id).first()
