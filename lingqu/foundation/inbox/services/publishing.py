"""Publishing, withdrawing, addressing more people. A notice to a million people writes as many rows as it has addresses."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, clock, events, live
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid

from ..models import Notice, NoticeSerial, NoticeTarget
from ..selectors.expected import count_expected, count_newly
from ..types.events import NoticePublished
from ..types.keys import Address, topic_of
from ..types.words import NoticeState, RoundCause
from . import calling_out, summing
from .drafting import MOST_LINES, checked_targets, locked_notice, require_draft
from .reminding import plan_automatic


@transaction.atomic
def publish(*, actor: Actor, notice_id: UUID) -> str:
    """Let everybody addressed see the notice; returns its number. Raises :class:`Invalid` without addresses or with a
    deadline that is over, :class:`Conflict` when it is published already."""
    notice = locked_notice(actor, notice_id)
    require_draft(notice)
    at = clock.now()
    if notice.deadline is not None and notice.deadline <= at:
        raise Invalid(_("截止时间已经过去。"), code="late", details={"deadline": _("截止时间已经过去。")})
    targets = list(notice.targets.all())
    if not targets:
        raise Invalid(_("请选择发给谁。"), code="nobody")
    former = notice.corrects
    if former is not None and former.corrections.filter(state=NoticeState.PUBLISHED).exists():
        raise Conflict(_("这份通知已经更正过。"), code="corrected")
    notice.number = _next_number(notice, at.astimezone(clock.ZONE).year)
    notice.state, notice.published_at, notice.author = NoticeState.PUBLISHED, at, actor.name
    notice.reach = count_expected(notice.id)
    notice.save()
    NoticeTarget.objects.filter(notice=notice).update(published_at=at)
    _trace(actor, "inbox.notice.published", notice, {"number": notice.number, "lines": len(targets)})
    plan_automatic(notice)
    summing.plan(notice)
    calling_out.plan(notice, RoundCause.PUBLISHED if former is None else RoundCause.CORRECTED)
    events.publish(NoticePublished(notice_id=notice.id))
    tell_keys([target.key for target in targets], notice.id)
    return notice.number


@transaction.atomic
def preview_addresses(*, actor: Actor, notice_id: UUID, addresses: Sequence[Address]) -> dict[str, int]:
    """How many posts, children and people 补发 to ``addresses`` would reach that the notice has not reached yet. Refuses
    what :func:`add_addresses` refuses, and writes nothing."""
    notice = locked_notice(actor, notice_id)
    return count_newly(notice.id, _fresh_lines(notice, addresses))


def _fresh_lines(notice: Notice, addresses: Sequence[Address]) -> list[NoticeTarget]:
    if notice.state != NoticeState.PUBLISHED or notice.corrections.filter(state=NoticeState.PUBLISHED).exists():
        raise Conflict(_("只有现行有效的通知可以补发。"), code="not_published")
    known = set(notice.targets.filter(handed_by=None).values_list("key", flat=True))
    fresh = [one for one in checked_targets(notice, addresses) if one.key not in known]
    if not fresh:
        raise Invalid(_("请选择还没有发过的收件人。"), code="nobody")
    if len(known) + len(fresh) > MOST_LINES:
        raise Invalid(_("收件范围最多 %(n)d 项。") % {"n": MOST_LINES}, code="too_many_lines")
    return fresh


@transaction.atomic
def add_addresses(*, actor: Actor, notice_id: UUID, addresses: Sequence[Address]) -> int:
    """补发: let more people see a published notice. Returns how many lines are new. A line that a receiver had added by
    passing the notice on becomes the sender's own."""
    notice = locked_notice(actor, notice_id)
    fresh = _fresh_lines(notice, addresses)
    at = clock.now()
    notice.targets.filter(key__in=[target.key for target in fresh]).delete()
    for target in fresh:
        target.published_at = at
    NoticeTarget.objects.bulk_create(fresh)
    notice.reach = count_expected(notice.id)
    notice.save(update_fields=["reach"])
    summing.plan(notice)
    _trace(actor, "inbox.notice.sent_again", notice, {"lines": len(fresh)})
    calling_out.plan(notice, RoundCause.ADDED, since=at)
    tell_keys([target.key for target in fresh], notice.id)
    return len(fresh)


@transaction.atomic
def withdraw(*, actor: Actor, notice_id: UUID, reason: str) -> None:
    """Take a published notice back: whoever read it sees that it no longer counts, nobody else sees it."""
    notice = locked_notice(actor, notice_id)
    if notice.state != NoticeState.PUBLISHED:
        raise Conflict(_("只有已发布的通知可以撤回。"), code="not_published")
    if not reason.strip():
        raise Invalid(_("请填写撤回的原因。"), code="reason_missing", details={"reason": _("请填写撤回的原因。")})
    notice.state, notice.reason, notice.ended_at = NoticeState.WITHDRAWN, reason.strip()[:200], clock.now()
    notice.save(update_fields=["state", "reason", "ended_at"])
    _trace(actor, "inbox.notice.withdrawn", notice, {})
    calling_out.plan(notice, RoundCause.WITHDRAWN)
    tell_keys(list(notice.targets.values_list("key", flat=True)), notice.id)


def _next_number(notice: Notice, year: int) -> str:
    serial, _made = NoticeSerial.objects.select_for_update().get_or_create(
        organisation_id=notice.organisation_id, year=year
    )
    serial.last += 1
    serial.save(update_fields=["last"])
    return f"TZ-{year}-{serial.last:04d}"


def tell_keys(keys: Sequence[str], notice_id: UUID) -> None:
    live.tell_each(map(topic_of, keys), notice_id)


def _trace(actor: Actor, action: str, notice: Notice, data: dict[str, object]) -> None:
    audit.record(
        actor, action, subject_kind="inbox.notice", subject_id=notice.id, path=str(notice.path), data=data
    )  # fmt: skip
    changes.log("inbox.notice", [notice.id])
