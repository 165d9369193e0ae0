"""Ending a guardianship against somebody's will: two people and a document, at once, and the other guardian is told."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, crypto, delivery, files
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now, today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from lingqu.kernel.language import writing_to
from lingqu.kernel.media import scan_type_of

from .. import policies, register
from ..models import GuardianRevocation
from ..selectors import revoking
from ..types.words import ClaimState

log = logging.getLogger(__name__)
MOST_BYTES = 5 << 20
MOST_TEXT = 200
KEPT = timedelta(days=3653)
"""Ten years: longer than any child stays a minor after it."""


def propose(*, actor: Actor, child_id: UUID, guardianship_id: int, reason: str) -> UUID:
    """Class teacher or school say that a guardian should lose access. Nothing changes before the school confirms."""
    require(policies.may_decide_claim(actor, child_id))
    link = revoking.find_link(child_id, guardianship_id)
    if link is None:
        raise NotFound(_("没有这项监护关系。"))
    if not reason.strip():
        told = _("请填写原因。")
        raise Invalid(told, code="reason_missing", details={"reason": told})
    try:
        with transaction.atomic():
            made = GuardianRevocation.objects.create(
                child_id=child_id, guardianship=guardianship_id, guardian_name=link.name,
                reason=reason.strip()[:MOST_TEXT], proposed_by=actor.name, proposed_account=actor.account_id,
            )  # fmt: skip
            _trace(actor, "identity.guardian.revocation_proposed", made)
    except IntegrityError as error:
        raise Conflict(_("已经有人提出，正在等学校确认。"), code="already_proposed") from error
    return made.id


def decide(*, actor: Actor, revocation_id: UUID, is_confirmed: bool, document: Any = None) -> int:
    """The school confirms with a document (court paper …) or refuses. Whoever proposed does not decide.

    Confirmed, the guardianship ends today and what the guardian may see ends with it. Returns how many other guardians
    were written to.
    """
    found = GuardianRevocation.objects.filter(id=revocation_id).select_related("child").first()
    if found is None or not policies.may_confirm_revocation(actor, found.child_id):
        raise Forbidden()
    if actor.account_id is not None and actor.account_id == found.proposed_account:
        raise Conflict(_("提出的人不能自己确认，请由另一位管理员确认。"), code="same_person")
    content, name, media = _read(document) if is_confirmed else (b"", "", "")
    with transaction.atomic():
        row = GuardianRevocation.objects.select_for_update().get(id=revocation_id)
        if row.state != ClaimState.WAITING:
            raise Conflict(_("这条申请已由%(name)s处理。") % {"name": row.decided_by}, code="already_decided")
        row.state = ClaimState.CONFIRMED if is_confirmed else ClaimState.REFUSED
        row.decided_by, row.decided_at = actor.name, now()
        row.document_name, row.media, row.sealed = name, media, crypto.seal(content) if content else None
        row.save()
        action = "identity.guardian.revoked" if is_confirmed else "identity.guardian.revocation_refused"
        _trace(actor, action, row)
        if not is_confirmed:
            return 0
        others = revoking.other_guardians(row.child_id, row.guardianship)
        registry.end_guardian(actor=actor, guardianship_id=row.guardianship, on=today(), reason=row.reason)
        return sum(_tell(row, person) for person in others)


def read_document(*, actor: Actor, revocation_id: UUID) -> tuple[bytes, str, str]:
    """The document with name and media type, for those who may confirm; each reading is audited."""
    found = GuardianRevocation.objects.filter(id=revocation_id).select_related("child").first()
    if found is None or not policies.may_confirm_revocation(actor, found.child_id):
        raise Forbidden()
    if found.sealed is None:
        raise NotFound(_("没有文件。"))
    _trace(actor, "identity.guardian.document_read", found)
    return crypto.unseal(found.sealed), found.document_name, found.media


def purge() -> int:
    """Proposals and documents ten years after they were decided."""
    return GuardianRevocation.objects.filter(decided_at__lt=now() - KEPT).delete()[0]


def _read(document: Any) -> tuple[bytes, str, str]:
    """What it is decides its content, not its name."""
    if document is None:
        told = _("请上传依据，例如法院文书。")
        raise Invalid(told, code="document_missing", details={"document": told})
    if document.size > MOST_BYTES:
        told = _("文件不能超过 %(size)s。") % {"size": files.text_of_size(MOST_BYTES)}
        raise Invalid(told, code="too_large", details={"document": told})
    content = document.read()
    media = scan_type_of(content)
    if not media:
        told = _("只收 PDF、JPEG 或 PNG 文件。")
        raise Invalid(told, code="unknown_file", details={"document": told})
    return content, files.safe_name(document.name) or "document", media


def _tell(row: GuardianRevocation, person: revoking.OtherGuardian) -> bool:
    """A word to another guardian, without names: who reads the SMS may not be who it is for."""
    if not person.phone or not registry.may_message(row.child_id) or not registry.may_message(person.person_id):
        return False
    account = next(iter(register.accounts_of(person.person_id)), None)
    with writing_to(account.language if account else ""):
        body = _("你孩子在学校登记的监护关系有变动，已经生效。详情请登录灵渠查看，或联系班主任。")
    try:
        delivery.send(
            channel="sms", to=person.phone, subject="", body=body, kind="identity.guardian_ended",
            subject_kind="person", subject_id=row.child_id, charge_to=register.school_of(row.child_id),
        )  # fmt: skip
    except (delivery.BadAddress, delivery.NotAdmitted, TooMany) as refusal:
        log.info("revocation %s: another guardian was not written to: %s", row.id, refusal.code)
        return False
    return True


def _trace(actor: Actor, action: str, row: GuardianRevocation) -> None:
    audit.record(
        actor, action, subject_kind="person", subject_id=row.child_id, path=str(row.child.path),
        data={"revocation": str(row.id), "guardianship": row.guardianship},
    )  # fmt: skip
