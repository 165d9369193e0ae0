"""Who may open and change a protocol's own settings of an application."""

from __future__ import annotations

from uuid import UUID

from lingqu.kernel.actor import Actor, require

from .. import policies
from ..models import Application
from .apps import get_application


def require_settings(*, actor: Actor, application_id: UUID, relaxes: bool = False) -> str:
    """The path that owns the application. The bureau that keeps it and its vendor may change settings; only the bureau may
    relax a rule (``relaxes``), as it answers for that. Raises :class:`Forbidden`."""
    get_application(application_id)
    row = Application.objects.select_related("organisation").get(id=application_id)
    may = policies.may_manage(actor, row) or (not relaxes and policies.may_develop(actor, row))
    require(may)
    return str(row.organisation.path)
