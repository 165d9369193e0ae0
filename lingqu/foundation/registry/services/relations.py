"""Dated relations beside 隶属: 集团, 教共体, 学区, 托管, 中心校–教学点, 督学责任区, 教研片, 属地."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies
from ..models import Organisation, OrganisationRelation
from ..types.events import OrganisationRelated
from ..types.words import RelationKind, RelationRole
from .facts import locked_organisation, require_day

ONE_HEAD = frozenset({RelationKind.TERRITORY, RelationKind.CENTRAL_SCHOOL})
"""Kinds of which an organisation has one at a time: another head ends the former relation."""


@transaction.atomic
def add_relation(
    *, actor: Actor, kind: str, head_id: UUID, member_id: UUID, valid_from: date, until: date | None = None,
    role: str = RelationRole.NONE,
) -> int:  # fmt: skip
    """Relate a member to its head from a day on (until a day); returns the relation's id.

    Needs the right to edit both. ``role``: people of the head may read (``read``) or do (``manage``) at the member what
    they may at home. Raises :class:`Conflict` when the same relation is open.
    """
    head, member = locked_organisation(head_id), locked_organisation(member_id)
    policies.require_edit_organisation(actor, head)
    policies.require_edit_organisation(actor, member)
    if kind not in RelationKind.values or role not in RelationRole.values:
        raise Invalid(_("没有这种关系。"), code="unknown_kind")
    if head.id == member.id:
        raise Invalid(_("机构不能和自己建立关系。"), code="same")
    if head.closed_on or member.closed_on:
        raise Invalid(_("其中一个机构已经撤并。"), code="closed")
    require_day(valid_from)
    if kind == RelationKind.TERRITORY and (head.kind not in ("region", "bureau") or until):
        raise Invalid(_("属地是一个教育区域，不设止期。"), code="wrong_head")
    if until is not None and until <= today():
        raise Invalid(_("止期应晚于今天。"), code="bad_period", details={"until": _("止期应晚于今天。")})
    same = OrganisationRelation.objects.filter(kind=kind, member=member, valid_to=None)
    if same.filter(head=head).exists():
        raise Conflict(_("这个关系已经存在。"), code="already_related")
    if kind in ONE_HEAD:
        _end_others(list(same), valid_from)
    made = OrganisationRelation.objects.create(
        kind=kind, head=head, member=member, role=role, valid_from=valid_from, until=until
    )
    if kind == RelationKind.TERRITORY:
        Organisation.objects.filter(id=member.id).update(territory_path=head.path)
    _trace(actor, "registry.relation.added", made, member)
    return made.id


@transaction.atomic
def end_relation(*, actor: Actor, relation_id: int, on: date) -> None:
    """End a relation on a day from its first one to today.

    Needs the right to edit both sides, or the place above one of them: a school does not leave its 督学责任区 by itself.
    """
    row = OrganisationRelation.objects.select_for_update(of=("self",)).select_related("head", "member").filter(
        id=relation_id
    ).first()  # fmt: skip
    if row is None:
        raise Forbidden()
    sides = (row.head, row.member)
    if not all(policies.may_edit_organisation(actor, side) for side in sides) and not any(
        policies.may_keep_organisation(actor, side) for side in sides
    ):
        raise Forbidden()
    if row.valid_to is not None:
        raise Conflict(_("这个关系已经结束。"), code="already_ended")
    require_day(on, not_before=row.valid_from)
    _trace(actor, "registry.relation.ended", row, row.member)
    if row.valid_from >= on:
        OrganisationRelation.objects.filter(id=row.id).delete()
    else:
        OrganisationRelation.objects.filter(id=row.id).update(valid_to=on)
    if row.kind == RelationKind.TERRITORY:
        Organisation.objects.filter(id=row.member_id).update(territory_path=None)


def _end_others(rows: list[OrganisationRelation], on: date) -> None:
    for row in rows:
        if row.valid_from >= on:
            row.delete()
        else:
            OrganisationRelation.objects.filter(id=row.id).update(valid_to=on)


def _trace(actor: Actor, action: str, row: OrganisationRelation, member: Organisation) -> None:
    for side in (row.head_id, row.member_id):
        audit.record(
            actor, action, subject_kind="organisation", subject_id=side, path=str(member.path),
            data={"kind": row.kind, "head": str(row.head_id), "member": str(row.member_id), "role": row.role},
        )  # fmt: skip
    changes.log("registry.organisation", [row.head_id, row.member_id])
    events.publish(OrganisationRelated(head_id=row.head_id, member_id=row.member_id))
