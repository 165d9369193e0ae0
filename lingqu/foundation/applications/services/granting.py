"""What an application may know: scopes with their legal basis and purpose."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Invalid, NotFound

from .. import policies
from ..models import ScopeGrant
from ..types.scopes import COLLECTED, DECLARED
from ..types.words import Basis
from .registering import locked, trace

MOST_PURPOSE = 300


@transaction.atomic
def grant_scope(*, actor: Actor, application_id: UUID, scope: str, basis: str, purpose: str) -> None:
    """By the bureau at any time. A vendor asks the same way before submitting: until it is live only invented people
    enter, and the privacy review looks at each. What the application collects by itself is declared the same way, and is based
    on consent only."""
    row = locked(application_id)
    require(policies.may_change_filing(actor, row))
    faults = {}
    if scope not in DECLARED or scope == "openid":
        faults["scope"] = _("没有这项权限范围。")
    if basis not in Basis.values:
        faults["basis"] = _("请选法律依据。")
    elif scope in COLLECTED and basis != Basis.CONSENT:
        faults["basis"] = _("应用自己采集肖像或声音，依据只能是本人或监护人同意。")
    if not 4 <= len(purpose.strip()) <= MOST_PURPOSE:
        faults["purpose"] = _("请写明用途，4 到 %(most)d 个字。") % {"most": MOST_PURPOSE}
    if faults:
        raise Invalid(next(iter(faults.values())), details=faults)
    if ScopeGrant.objects.filter(application=row, scope=scope, ended_at=None).exists():
        raise Conflict(_("这项权限范围已经有了。"))
    ScopeGrant.objects.create(application=row, scope=scope, basis=basis, purpose=purpose.strip(), granted_by=actor.name)
    trace(actor, "applications.scope_granted", row, scope=scope, basis=basis)


@transaction.atomic
def end_scope(*, actor: Actor, application_id: UUID, scope: str) -> None:
    """The application no longer receives it: the next answer to it is without."""
    row = locked(application_id)
    require(policies.may_change_filing(actor, row))
    if not ScopeGrant.objects.filter(application=row, scope=scope, ended_at=None).update(ended_at=now()):
        raise NotFound(_("没有这项权限范围。"))
    trace(actor, "applications.scope_ended", row, scope=scope)
