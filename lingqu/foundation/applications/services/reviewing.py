"""From submitted to live: three opinions by three people, or a refusal with its reason."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Invalid

from .. import policies
from ..models import Review
from ..types.words import AppState, ReviewKind
from .filing import missing_of
from .registering import locked, trace

MOST_REMARK = 1000


@transaction.atomic
def submit(*, actor: Actor, application_id: UUID) -> None:
    """The vendor hands in a draft, or a refused one again. Raises :class:`Invalid` with what is missing."""
    row = locked(application_id)
    require(policies.is_own(actor, row) or policies.may_manage(actor, row))
    if row.state not in policies.OPEN_TO_VENDOR:
        raise Conflict(_("这个应用现在不能提交审核。"))
    if missing := missing_of(row):
        raise Invalid(_("还不能提交，请先补齐材料。"), details={"missing": missing})
    row.state, row.state_reason, row.submitted_at, row.updated_at = AppState.SUBMITTED, "", now(), now()
    row.round += 1
    row.save(update_fields=["state", "state_reason", "submitted_at", "updated_at", "round"])
    trace(actor, "applications.submitted", row, round=row.round)


@transaction.atomic
def give_opinion(*, actor: Actor, application_id: UUID, kind: str, is_passed: bool, remark: str) -> str:
    """One of three reviews; the third pass makes the application live, a refusal ends the round. Returns the state.

    One account gives one opinion only: function, security and privacy are looked at by three people.
    """
    row = locked(application_id)
    if kind not in ReviewKind.values:
        raise Invalid(_("没有这种审核。"))
    require(policies.may_review(actor, kind, row))
    if row.state != AppState.SUBMITTED:
        raise Conflict(_("这个应用不在审核中。"))
    if not 2 <= len(remark.strip()) <= MOST_REMARK:
        message = _("请写审核意见，最多 %(most)d 个字。") % {"most": MOST_REMARK}
        raise Invalid(message, details={"remark": message})
    given = Review.objects.filter(application=row, round=row.round)
    if given.filter(kind=kind).exists():
        raise Conflict(_("这一项已经审核过了。"))
    if actor.account_id and given.filter(account_id=actor.account_id).exists():
        raise Conflict(_("功能、安全、隐私三项要由三个人审核，您已经审核过其中一项。"))
    Review.objects.create(
        application=row, round=row.round, kind=kind, is_passed=is_passed, remark=remark.strip(),
        account_id=actor.account_id, by=actor.name,
    )  # fmt: skip
    trace(actor, "applications.reviewed", row, kind=kind, passed=is_passed, round=row.round)
    if not is_passed:
        row.state, row.state_reason = AppState.REFUSED, remark.strip()
    elif given.count() == len(ReviewKind.values):
        row.state, row.is_sandbox, row.live_since = AppState.LIVE, False, row.live_since or now()
    row.updated_at = now()
    row.save(update_fields=["state", "state_reason", "is_sandbox", "live_since", "updated_at"])
    if row.state != AppState.SUBMITTED:
        trace(actor, f"applications.{'went_live' if row.state == AppState.LIVE else 'refused'}", row, round=row.round)
    return str(row.state)
