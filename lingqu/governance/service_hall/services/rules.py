"""Setting rules of a place: every change is a new version with its first day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Invalid

from .. import policies, register
from ..models import GuideNote, PlaceRule
from ..selectors.guides import get_service
from ..types.rules import MOST_DAYS, RuleKind, read

MOST_MATERIALS = 20


@transaction.atomic
def set_rule(
    *, actor: Actor, organisation_code: str, kind: str, values: Mapping[str, Any], source: str, valid_from: date
) -> PlaceRule:
    """The rule of an office from a day on; the version before ends that day. A version of the same day is replaced.

    Raises :class:`Invalid` for values that mean nothing, without the text or number of the rule, or for a day gone by.
    """
    office = register.get_office(organisation_code)
    policies.require_rules(actor, office)
    if kind not in RuleKind.values:
        raise Invalid(_("没有这种规则。"), code="unknown_kind")
    try:
        read(kind, values)
    except (KeyError, TypeError, ValueError) as wrong:
        raise Invalid(str(wrong) if isinstance(wrong, ValueError) else _("规则没有写全。"), code="values") from wrong
    if not source.strip():
        told = _("请写明依据：文件名称、文号或条款。")
        raise Invalid(told, code="source_missing", details={"source": told})
    if valid_from < today():
        told = _("生效日期不能早于今天：已经办完的事按当时的规则。")
        raise Invalid(told, code="past", details={"valid_from": told})
    register.organisations().select_for_update().get(id=office.id)
    own = PlaceRule.objects.filter(organisation=office, kind=kind)
    own.filter(valid_from__gte=valid_from).delete()
    own.filter(valid_to=None).update(valid_to=valid_from)
    own.filter(valid_to__gt=valid_from).update(valid_to=valid_from)
    made = PlaceRule.objects.create(
        organisation=office, path=office.path, kind=kind, values=dict(values), source=source.strip()[:500],
        valid_from=valid_from, set_by=actor.name,
    )  # fmt: skip
    _trace(actor, "service_hall.rule.set", office, made.id, {"kind": kind, "valid_from": valid_from.isoformat()})
    return made


@transaction.atomic
def set_guide(
    *,
    actor: Actor,
    organisation_code: str,
    service: str,
    contact: str,
    days: int | None,
    materials: Sequence[Mapping[str, Any]],
) -> None:
    """What an office says of a service: contact, working days, its own list of materials. Nothing at all removes it."""
    office = register.get_office(organisation_code)
    policies.require_rules(actor, office)
    get_service(service)
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise Invalid(_("请填 1 到 %(most)d 之间的整数。") % {"most": MOST_DAYS}, code="days")
    kept = [
        {"name": str(one["name"]).strip()[:80], "spared": bool(one["spared"])} for one in materials[:MOST_MATERIALS]
    ]  # fmt: skip
    register.organisations().select_for_update().get(id=office.id)
    if not (contact.strip() or days or kept):
        GuideNote.objects.filter(organisation=office, service=service).delete()
    else:
        GuideNote.objects.update_or_create(
            organisation=office, service=service,
            defaults={
                "path": office.path, "contact": contact.strip()[:200], "days": days, "materials": kept,
                "set_by": actor.name,
            },
        )  # fmt: skip
    _trace(actor, "service_hall.guide.set", office, office.id, {"service": service})


def _trace(actor: Actor, action: str, office: Any, subject: object, data: dict[str, object]) -> None:
    audit.record(
        actor, action, subject_kind="service_hall.rule", subject_id=subject, path=str(office.path), data=data
    )  # fmt: skip
    changes.log("service_hall.rule", [subject])
