"""选用: an organisation decides to use an application, and stops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.identity import api as identity
from lingqu.kernel.actor import Actor, covers, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Invalid, NotFound

from .. import policies, register
from ..models import Adoption
from ..types.words import AppState
from .registering import locked, trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the organisation decided. ``valid_until`` is the first day on which it is no longer used."""

    audiences: Sequence[str] = ()
    valid_from: date
    valid_until: date | None = None
    meeting_date: date | None = None
    approval_number: str = ""


@transaction.atomic
def adopt(*, actor: Actor, application_id: UUID, organisation_id: UUID, decision: Decision) -> int:
    """A live application of one's own place or of a place above. A decision that stands is ended first."""
    row = locked(application_id)
    place = register.organisations().filter(id=organisation_id, closed_on=None).first()
    require(place is not None and policies.may_adopt(actor, str(place.path)))
    if not covers(row.organisation_path, str(place.path)):
        raise Invalid(_("这个应用不在您所在区域的目录里。"))
    if row.state != AppState.LIVE:
        raise Conflict(_("只有已上架的应用才能选用。"))
    faults = {}
    if decision.valid_until and decision.valid_until <= decision.valid_from:
        faults["valid_until"] = _("结束日期要在开始日期之后。")
    if set(decision.audiences) - set(identity.ROLES):
        faults["audiences"] = _("没有这样的身份。")
    if len(decision.approval_number) > 100:
        faults["approval_number"] = _("文号太长。")
    if faults:
        raise Invalid(next(iter(faults.values())), details=faults)
    if Adoption.objects.filter(application=row, organisation=place, ended_at=None).exists():
        raise Conflict(_("“%(place)s”已经选用了这个应用。") % {"place": place.name})
    made = Adoption.objects.create(
        application=row, organisation=place, audiences=list(decision.audiences), valid_from=decision.valid_from,
        valid_until=decision.valid_until, meeting_date=decision.meeting_date,
        approval_number=decision.approval_number.strip(), by=actor.name,
    )  # fmt: skip
    trace(actor, "applications.adopted", row, organisation=str(place.id))
    return made.id


@transaction.atomic
def end_adoption(*, actor: Actor, adoption_id: int) -> str:
    """Nobody of the place enters any more, unless a place above uses it too. Returns the application's client id."""
    found = Adoption.objects.select_for_update(of=("self",)).select_related("organisation", "application__organisation")
    row = found.filter(id=adoption_id, ended_at=None).first()
    if row is None:
        raise NotFound(_("没有这份选用记录。"))
    require(policies.may_adopt(actor, str(row.organisation.path)))
    row.ended_at = now()
    row.save(update_fields=["ended_at"])
    trace(actor, "applications.adoption_ended", row.application, organisation=str(row.organisation_id))
    return row.application.client_id
