"""Scans and PDFs beside a case or a ticket: what they are decides their content."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, files, limits
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid, NotFound
from lingqu.kernel.media import ENDINGS, HEAD_BYTES, scan_type_of

from .. import policies
from ..models import Case, Evidence, Ticket
from ..types.words import CaseState
from .answering import locked_case
from .tickets import locked_ticket

MOST_BYTES = 10 << 20
MOST_FILES = 12


def stored_scan(uploaded: Any) -> tuple[files.Stored, str, str]:
    """The scan in the file store, its name and media type; :class:`Invalid` for other kinds and sizes."""
    if uploaded is None:
        raise Invalid(_("请选择材料。"))
    if uploaded.size > MOST_BYTES:
        raise Invalid(_("单个材料不能超过 %(size)s。") % {"size": files.text_of_size(MOST_BYTES)}, code="too_large")
    media = scan_type_of(uploaded.read(HEAD_BYTES))
    uploaded.seek(0)
    if not media:
        raise Invalid(
            _("只收 PDF、JPEG 或 PNG，%(name)s 不是。") % {"name": files.safe_name(uploaded.name)}, code="bad_kind"
        )
    name = files.safe_name(uploaded.name) or "evidence"
    if not name.lower().endswith(ENDINGS[media]):
        name += ENDINGS[media][0]
    return files.put(uploaded, max_bytes=MOST_BYTES), name, media


def _keep(owner: dict[str, Any], kind: str, owner_id: object, uploaded: Any, actor: Actor) -> Evidence:
    if Evidence.objects.filter(**owner).count() >= MOST_FILES:
        raise Conflict(_("一条最多 %(n)d 份材料。") % {"n": MOST_FILES}, code="too_many_files")
    stored, name, media = stored_scan(uploaded)
    files.attach(stored.digest, owner_kind=kind, owner_id=owner_id, name=name)
    return Evidence.objects.create(
        **owner, digest=stored.digest, name=name, size=stored.size, media_type=media, added_by=actor.name
    )


@transaction.atomic
def add_evidence(*, actor: Actor, case_id: int, uploaded: Any) -> Evidence:
    """Keep a scan with an open case. Raises :class:`Invalid` for other kinds and sizes."""
    case = locked_case(actor, case_id)
    if case.state == CaseState.CLOSED:
        raise Conflict(_("这一条已经核销。"), code="case_closed")
    limits.hit(f"reconciliation.evidence:{actor.account_id}", 200, 3600)
    made = _keep({"case": case}, "reconciliation.case", case.id, uploaded, actor)
    audit.record(actor, "reconciliation.evidence.added", subject_kind="reconciliation.case", subject_id=case.id,
                 path=str(case.path), data={"size": made.size, "media_type": made.media_type})  # fmt: skip
    return made


@transaction.atomic
def add_ticket_evidence(*, actor: Actor, ticket_id: UUID, uploaded: Any) -> Evidence:
    """The same for an open ticket."""
    ticket = locked_ticket(actor, ticket_id)
    made = _keep({"ticket": ticket}, "reconciliation.ticket", ticket.id, uploaded, actor)
    audit.record(actor, "reconciliation.evidence.added", subject_kind="reconciliation.ticket", subject_id=ticket.id,
                 path=str(ticket.path), data={"size": made.size, "media_type": made.media_type})  # fmt: skip
    return made


def read_evidence(*, actor: Actor, evidence_id: UUID) -> Evidence:
    """The file for whoever may see its case or ticket; each reading is audited."""
    found = Evidence.objects.select_related("case", "ticket").filter(id=evidence_id).first()
    if found is None:
        raise NotFound()
    path = _require_sight(actor, found.case, found.ticket)
    audit.record(
        actor, "reconciliation.evidence.read", subject_kind="reconciliation.evidence", subject_id=found.id, path=path
    )
    return found


def _require_sight(actor: Actor, case: Case | None, ticket: Ticket | None) -> str:
    if case is not None:
        policies.require_see_case(actor, case)
        return str(case.path)
    assert ticket is not None
    policies.require_view(actor, str(ticket.path))
    return str(ticket.path)
