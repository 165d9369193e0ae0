"""Client secrets: made here, shown once, several at a time while one is exchanged for another."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lingqu.kernel import events
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, NotFound

from .. import policies
from ..models import Secret
from ..selectors.apps import digest_of
from ..types.events import SecretRotated
from ..types.values import NewSecret
from .registering import locked, trace

MOST_LIVE = 4
OVERLAP_DAYS = (0, 1, 7, 30)


@transaction.atomic
def make_secret(*, actor: Actor, application_id: UUID, overlap_days: int = 7) -> NewSecret:
    """Another secret of 256 bits. Those that hold now end after ``overlap_days`` (0: at once)."""
    row = locked(application_id)
    require(policies.may_keep_secrets(actor, row))
    at = now()
    live = Secret.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), application=row, revoked_at=None)
    if live.count() >= MOST_LIVE:
        raise Conflict(_("同时有效的密钥太多，请先撤销不用的。"))
    end = at + timedelta(days=max(0, overlap_days))
    live.filter(Q(expires_at=None) | Q(expires_at__gt=end)).update(expires_at=end)
    value = secrets.token_urlsafe(32)
    made = Secret.objects.create(application=row, digest=digest_of(value), hint=value[-4:], made_by=actor.name)
    trace(actor, "applications.secret_made", row, secret=made.id, overlap_days=overlap_days)
    events.publish(SecretRotated(application_id=row.id))
    return NewSecret(id=made.id, value=value, expires_at=made.expires_at)


@transaction.atomic
def revoke_secret(*, actor: Actor, application_id: UUID, secret_id: int) -> None:
    """The secret opens nothing from now on."""
    row = locked(application_id)
    require(policies.may_keep_secrets(actor, row))
    if not Secret.objects.filter(id=secret_id, application=row, revoked_at=None).update(revoked_at=now()):
        raise NotFound(_("没有这个密钥。"))
    trace(actor, "applications.secret_revoked", row, secret=secret_id)
    events.publish(SecretRotated(application_id=row.id))
