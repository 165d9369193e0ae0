"""The electronic seal in place of stamp and scan: the official form is sealed with the certificate of the organisation whose
step it is, and closes the step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, seals
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden
from lingqu.kernel.ids import as_uuid

from .. import policies, register
from ..models import Case, CaseFile, CaseSeal, Task
from ..selectors import recusal
from ..selectors.plans import header_of, plan_of
from ..types.words import FileKind, TaskKind
from .acting import complete


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHand:
    """A seal that the actor may set on a step. ``organisation`` is whose step and seal it is."""

    organisation: str
    name: str
    seal: seals.Seal


def seal_at_hand(actor: Actor, task_id: UUID) -> AtHand | None:
    """The seal for an open step that asks for a stamped scan: that of the organisation at whose post or duty the actor has the
    step. None for steps that somebody has as a person, and for an own case."""
    task = Task.objects.select_related("case").defer("case__engine").filter(id=task_id).first()
    if task is None or not policies.may_act(actor, task) or task.kind != TaskKind.STEP:
        return None
    work = plan_of(task.case.version_id).nodes[task.node].work
    if work is None or not work.needs_scan:
        return None
    for place in _places(actor, task.addresses):
        found = seals.find(place.code or "")
        if found is not None:
            return (
                None
                if recusal.is_close(actor, task.case)
                else AtHand(organisation=place.name, name=found.name, seal=found)
            )
    return None


def _places(actor: Actor, addresses: list[str]) -> list[Any]:
    """Organisations of the posts and duties under which the actor has a step."""
    found = []
    for address in addresses:
        kind, _colon, rest = address.partition(":")
        place: Any = None
        if kind == "post" and (post_id := as_uuid(rest)) is not None:
            post = registry.find_post(post_id)
            place = post.organisation if post is not None else None
        elif kind in ("holder", "role"):
            place = register.organisations().filter(label=rest.partition("@")[2], closed_on=None).first()
        if place is not None and policies.holds(actor, [address]):
            found.append(place)
    return found


def complete_with_seal(
    *, actor: Actor, task_id: UUID, pdf: bytes, decision: str = "", fields: Mapping[str, Any] | None = None,
    comment: str = "", revision: int,
) -> Case:  # fmt: skip
    """Seal ``pdf``, the form as it stood at ``revision``, and do the step with it. Raises :class:`Conflict` without a seal,
    :class:`SealRefused` when it could not be set; then nothing is done."""
    at_hand = seal_at_hand(actor, task_id)
    if at_hand is None:
        raise Conflict(_("这一步没有可以用的电子印章，请打印盖章后上传扫描件。"), code="no_seal")
    task = Task.objects.select_related("case").filter(id=task_id).first()
    if task is None:
        raise Forbidden()
    title = header_of(task.case.version_id)[1]
    sealed = at_hand.seal.set_on(pdf, reason=f"{task.case.number} {title} {task.name}", place=at_hand.organisation)
    with transaction.atomic():
        name = _("%(number)s 电子章 %(place)s.pdf") % {"number": task.case.number, "place": at_hand.organisation}
        case = complete(
            actor=actor, task_id=task_id, decision=decision, fields=fields, comment=comment, revision=revision,
            uploads=[("", ContentFile(sealed.pdf, name=name))],
        )  # fmt: skip
        file = CaseFile.objects.filter(task=task_id, kind=FileKind.SCAN).latest("id")
        CaseSeal.objects.create(
            case=case, file=file, organisation=at_hand.organisation, signer=sealed.signer, serial=sealed.serial,
            sealed_by=actor.name,
        )  # fmt: skip
        audit.record(
            actor, "workflow.case.sealed", subject_kind="workflow.case", subject_id=case.id, path=str(case.path),
            data={"task": str(task_id), "serial": sealed.serial},
        )  # fmt: skip
    return case
