"""Shutting an application out, letting it in again, taking it off for good."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import events
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Invalid

from .. import policies
from ..models import Secret
from ..types.events import ApplicationRetired, ApplicationSuspended
from ..types.words import AppState
from .registering import locked, trace


@transaction.atomic
def suspend(*, actor: Actor, application_id: UUID, reason: str) -> None:
    """Nobody enters from now on; protocols end its codes, tickets and tokens."""
    row = locked(application_id)
    require(policies.may_suspend(actor, row))
    if not reason.strip():
        raise Invalid(_("请写明停用的原因。"), details={"reason": _("请写明停用的原因。")})
    if row.state != AppState.LIVE:
        raise Conflict(_("只有已上架的应用才能停用。"))
    row.state, row.state_reason, row.updated_at = AppState.SUSPENDED, reason.strip()[:500], now()
    row.save(update_fields=["state", "state_reason", "updated_at"])
    trace(actor, "applications.suspended", row, reason=row.state_reason)
    events.publish(ApplicationSuspended(application_id=row.id))


@transaction.atomic
def resume(*, actor: Actor, application_id: UUID) -> None:
    """A suspended application is entered again."""
    row = locked(application_id)
    require(policies.may_suspend(actor, row))
    if row.state != AppState.SUSPENDED:
        raise Conflict(_("这个应用没有停用。"))
    row.state, row.state_reason, row.updated_at = AppState.LIVE, "", now()
    row.save(update_fields=["state", "state_reason", "updated_at"])
    trace(actor, "applications.resumed", row)


@transaction.atomic
def retire(*, actor: Actor, application_id: UUID) -> None:
    """Off the shelf for good: secrets end too. What was released stays on record."""
    row = locked(application_id)
    require(policies.may_manage(actor, row))
    if row.state == AppState.RETIRED:
        raise Conflict(_("这个应用已经下架。"))
    row.state, row.updated_at = AppState.RETIRED, now()
    row.save(update_fields=["state", "updated_at"])
    Secret.objects.filter(application=row, revoked_at=None).update(revoked_at=now())
    trace(actor, "applications.retired", row)
    events.publish(ApplicationRetired(application_id=row.id))
