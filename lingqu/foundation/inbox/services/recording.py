"""电话已确认, 纸条已收: what a class teacher or an office heard is a confirmation too, with who noted it and when."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, clock, events, live
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies
from ..models import Notice, Receipt
from ..selectors.board import require_expected
from ..types import rights
from ..types.events import NoticeConfirmed
from ..types.keys import topic_of
from ..types.words import NoticeState, Subject, Way


@transaction.atomic
def record_receipt(*, actor: Actor, notice_id: UUID, kind: str, subject: UUID, way: str, heard_by: str = "") -> None:
    """Note a confirmation by phone (with who answered) or on paper for a post, child or person within the actor's reach.

    Raises :class:`Conflict` when it is confirmed already.
    """
    notice = Notice.objects.select_for_update().filter(id=notice_id).first()
    if notice is None:
        raise Forbidden()
    reach = policies.require_follow(actor, notice, rights.RECORD)
    require_expected(notice, reach, kind, subject)
    if notice.state != NoticeState.PUBLISHED or not notice.needs_confirmation:
        raise Conflict(_("这份通知不用确认。"), code="not_asked")
    if way not in (Way.PHONE, Way.PAPER):
        raise Invalid(_("请选择电话或纸条。"), code="unknown_way")
    if way == Way.PHONE and not heard_by.strip():
        raise Invalid(_("请填写接听人。"), code="nobody_heard", details={"heard_by": _("请填写接听人。")})
    owner = {"post_id": subject} if kind == Subject.POST else {"person_id": subject}
    receipt, _made = Receipt.objects.select_for_update().get_or_create(
        notice=notice, kind=kind, **owner, defaults={"read_at": clock.now()}
    )
    if receipt.confirmed_at is not None:
        raise Conflict(_("%(name)s已经确认过了。") % {"name": receipt.by_name}, code="confirmed")
    receipt.confirmed_at, receipt.way, receipt.by_name = clock.now(), way, actor.name
    receipt.heard_by = heard_by.strip()[:60]
    receipt.save(update_fields=["confirmed_at", "way", "by_name", "heard_by"])
    audit.record(
        actor, "inbox.receipt.recorded", subject_kind="inbox.notice", subject_id=notice.id, path=str(notice.path),
        data={"kind": kind, "for": str(subject), "way": way},
    )  # fmt: skip
    changes.log("inbox.receipt", [receipt.id])
    live.tell(topic_of(f"{kind}:{subject}"), notice.id)
    events.publish(NoticeConfirmed(notice_id=notice.id, subject_id=subject))
