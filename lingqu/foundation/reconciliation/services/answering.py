"""What people say about a case: how it is handled, with evidence. Nobody can say that it is solved; a newer file does."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid, NotFound

from .. import policies
from ..models import Case
from ..types.words import Bucket, CaseState, Handling

MOST_NOTE = 500


def locked_case(actor: Actor, case_id: int) -> Case:
    """The case, held for the transaction; :class:`NotFound` when there is none, :class:`Forbidden` out of reach."""
    case = Case.objects.select_for_update().filter(id=case_id).first()
    if case is None:
        raise NotFound()
    policies.require_work_case(actor, case)
    return case


def require_grounds(*, handling: str, note: str, done: bool, has_evidence: bool) -> None:
    """:class:`Invalid` for an unknown handling, and for “done” without evidence (佐证) or without a word or evidence."""
    if handling not in Handling.values:
        raise Invalid(_("请选择办法。"), details={"handling": _("请选择办法。")})
    if done and handling == Handling.EVIDENCE and not has_evidence:
        raise Invalid(_("佐证要先上传证明材料。"), details={"note": _("佐证要先上传证明材料。")})
    if done and not has_evidence and len(note) < 4:
        raise Invalid(_("请写明办了什么，或上传材料。"), details={"note": _("请写明办了什么，或上传材料。")})


@transaction.atomic
def answer_case(
    *, actor: Actor, case_id: int, handling: str, note: str = "", done: bool = False, beyond_province: bool = False
) -> Case:
    """Choose a handling, and with ``done`` say that everything on our side is done: 已办，待核销.

    ``beyond_province``: the 转接 runs with another province; the next comparison shows the child as 跨省在途. Raises
    :class:`Invalid` without evidence for 佐证, or without a note or evidence for the others.
    """
    case = locked_case(actor, case_id)
    if case.state == CaseState.CLOSED:
        raise Conflict(_("这一条已经核销。"), code="case_closed")
    note = note.strip()[:MOST_NOTE]
    require_grounds(handling=handling, note=note, done=done, has_evidence=case.evidence.exists())
    case.handling, case.note = handling, note
    case.is_beyond_province = (
        beyond_province and handling == Handling.TRANSFER and case.bucket in (Bucket.NO_ENTRY, Bucket.IN_TRANSIT)
    )
    case.state = CaseState.DONE if done else CaseState.TODO
    case.answered_by, case.answered_at = actor.name, clock.now()
    case.save(update_fields=["handling", "note", "is_beyond_province", "state", "answered_by", "answered_at"])
    audit.record(
        actor, "reconciliation.case.answered", subject_kind="reconciliation.case", subject_id=case.id, path=str(case.path),
        data={"handling": handling, "state": case.state, "bucket": case.bucket},
    )  # fmt: skip
    return case
