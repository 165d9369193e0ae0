"""Who may open and change a protocol's own settings of an application."""

from __future__ import annotations

from uuid import UUID

from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import NotFound

from .. import policies
from ..models import Application
from ..types.values import App
from .apps import find_application, get_application


def require_settings(*, actor: Actor, application_id: UUID, relaxes: bool = False) -> str:
    """The path that owns the application. The bureau that keeps it and its vendor may change settings; only the bureau may
    relax a rule (``relaxes``), as it answers for that. Raises :class:`Forbidden`."""
    get_application(application_id)
    row = Application.objects.select_related("organisation").get(id=application_id)
    may = policies.may_manage(actor, row) or (not relaxes and policies.may_develop(actor, row))
    require(may)
    return str(row.organisation.path)


def get_app_to_set(*, actor: Actor, client_id: str) -> App:
    """The application whose protocol settings the actor may change. Raises :class:`NotFound`, :class:`Forbidden`."""
    app = find_application(client_id)
    if app is None:
        raise NotFound()
    require_settings(actor=actor, application_id=app.id)
    return app
