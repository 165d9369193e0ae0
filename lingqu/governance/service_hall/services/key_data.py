"""关键数据变更 that a family asks for: one ticket of the register and one case, made together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.reconciliation import api as reconciliation
from lingqu.foundation.registry import api as registry
from lingqu.foundation.workflow import api as workflow
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies
from ..processes import KEY_DATA
from ..selectors.standing import standing_of

MOST_FILES = 5


@transaction.atomic
def ask_key_data(
    *, actor: Actor, person_id: UUID, field: str, value: str, reason: str, proof: Sequence[Any]
) -> Any:  # fmt: skip
    """The case with its number. The wished value is kept sealed on the ticket and masked in the case.

    Only guardians ask. Raises :class:`Invalid` for a value of the wrong form or without a proof, :class:`Conflict` while the
    same wish is open.
    """
    if actor.role != "guardian":
        raise Forbidden(_("关键数据变更由法定监护人申请。"))
    policies.require_family(actor, person_id)
    standing = standing_of(person_id)
    if standing.sits is None:
        raise Conflict(_("没有登记在哪所学校就读。"), code="not_sitting")
    if not proof:
        told = _("请上传户口簿变更页、身份证或出生证明。")
        raise Invalid(told, code="no_proof", details={"proof": told})
    ticket = reconciliation.ask_ticket(
        actor=actor, person_id=standing.person.id, field=field, value=value, reason=reason
    )
    fields = {
        "pupil": standing.person.name, "school": standing.sits.school.name, "grade": registry.grade_label(standing.grade),
        "class_name": standing.class_name, "item": str(reconciliation.TicketField(field).label), "wanted": ticket.wanted_shown,
        "reason": ticket.reason,
    }  # fmt: skip
    return workflow.start(
        actor=actor, key=KEY_DATA, organisation_id=standing.sits.school_id, subject_id=standing.person.id, fields=fields,
        title=_("%(name)s 关键数据变更") % {"name": standing.person.name},
        uploads=[("proof", one) for one in proof[:MOST_FILES]],
    )  # fmt: skip
