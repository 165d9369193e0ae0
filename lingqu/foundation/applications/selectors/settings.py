"""Whether somebody may set how an application speaks a protocol."""

from __future__ import annotations

from uuid import UUID

from lingqu.kernel.actor import Actor, require

from .. import policies
from ..models import Application
from .apps import get_application


def _row(application_id: UUID) -> Application:
    get_application(application_id)
    return Application.objects.select_related("organisation").get(id=application_id)


def require_settings(*, actor: Actor, application_id: UUID) -> str:
    """Path of the place that keeps the application, for its bureau and its vendor; everybody else is refused."""
    row = _row(application_id)
    require(policies.may_keep_secrets(actor, row))
    return str(row.organisation.path)


def require_relaxing(*, actor: Actor, application_id: UUID) -> str:
    """The same for what makes a protocol weaker: only the bureau."""
    row = _row(application_id)
    require(policies.may_manage(actor, row))
    return str(row.organisation.path)
