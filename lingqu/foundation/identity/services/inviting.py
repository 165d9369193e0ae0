"""Staff are invited by e-mail or SMS to set their password: one by one, or a whole school in a round.

The address was only imported: the code that was sent there, once used, proves it. Nobody who has died or holds no post
here today is written to, nobody twice within a day, and no code goes to an address that stands for several people.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lingqu.kernel import audit, clock, delivery, jobs
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, TooMany
from lingqu.kernel.language import writing_to

from .. import policies, register
from ..models import Account, Invitation, InvitationRound
from ..selectors import accounts, inviting
from ..types import rights
from ..types.words import CodePurpose
from . import codes
from .ordering import find_orderer, told_of

log = logging.getLogger(__name__)
PAUSE = timedelta(days=1)
CHUNK = 50
COUNTED = {"email": "by_email", "sms": "by_sms"}


def order_round(*, actor: Actor, school: Any) -> InvitationRound:
    """Ask that everybody at the place whose account is not in use be invited; a job does it, one at a time a place."""
    require(policies.may_invite_staff(actor, school))
    if actor.account_id is None:
        raise Forbidden()
    try:
        with transaction.atomic():
            made = InvitationRound.objects.create(organisation=school, actor=told_of(actor), made_by=actor.account_id)
            audit.record(
                actor, "identity.staff.invited", subject_kind="organisation", subject_id=school.id,
                path=str(school.path), data={"round": str(made.id)},
            )  # fmt: skip
            jobs.defer("identity.send_invitations", round_id=str(made.id))
    except IntegrityError as error:
        raise Conflict(_("这个单位的邀请正在发送，请稍候。"), code="round_waiting") from error
    return made


def send_round(round_id: UUID) -> None:
    """Send what a round asks for, fifty people a transaction; a second run leaves out those that were written to."""
    found = InvitationRound.objects.select_related("organisation").filter(id=round_id, state="waiting").first()
    if found is None:
        return
    actor = find_orderer(found, rights.SLIPS_PRINT)
    if actor is None:
        InvitationRound.objects.filter(id=round_id).update(state="done", done_at=clock.now())
        return
    ids = list(inviting.invitable(found.organisation).order_by("id").values_list("id", flat=True))
    for at in range(0, len(ids), CHUNK):
        with transaction.atomic():
            counts = _send_chunk(actor, found, ids[at : at + CHUNK])
            InvitationRound.objects.filter(id=round_id).update(**{name: F(name) + n for name, n in counts.items()})
    InvitationRound.objects.filter(id=round_id, state="waiting").update(state="done", done_at=clock.now())


def invite(*, actor: Actor, account: Account) -> Invitation:
    """Invite one member of staff; again after a day, or sooner if the message could not be delivered."""
    place = policies.inviting_place(actor, account)
    require(place is not None)
    with transaction.atomic():
        rows = list(inviting.invitable(place).filter(id=account.id).select_for_update(of=("self",)))
        if not rows:
            raise Conflict(_("这个账号已开通、停用或注销，不用邀请。"), code="account_state")
        [one] = inviting.reachable(rows)
        if not one.channel:
            raise Invalid(_("名册里没有这个人的邮箱和手机号，请打印开通单。"), code="no_address")
        if one.is_shared:
            raise Conflict(_("这个地址也登记在别人名下，不能发码。请打印开通单。"), code="shared_address")
        if _is_recent(account.id):
            raise TooMany(_("一天之内已经邀请过。可以打印开通单，或明天再发。"))
        return _send(actor, one, None)


def _send_chunk(actor: Actor, found: InvitationRound, ids: list[UUID]) -> dict[str, int]:
    counts = dict.fromkeys(("by_email", "by_sms", "without_address", "shared_address", "recent"), 0)
    done = set(Invitation.objects.filter(round_id=found.id, account_id__in=ids).values_list("account_id", flat=True))
    rows = inviting.invitable(found.organisation).filter(id__in=ids).exclude(id__in=done).order_by("id")
    for one in inviting.reachable(rows.select_for_update(of=("self",))):
        if not one.channel:
            counts["without_address"] += 1
        elif one.is_shared:
            counts["shared_address"] += 1
        elif _is_recent(one.account_id):
            counts["recent"] += 1
        else:
            try:
                with transaction.atomic():
                    _send(actor, one, found.id)
            except TooMany:
                counts["recent"] += 1
            except delivery.NotAdmitted as refusal:
                log.info("account %s is not invited by SMS: %s", one.account_id, refusal.code)
                counts["without_address"] += 1
            except delivery.BadAddress:
                log.info("account %s: the register's address cannot be written to", one.account_id)
                counts["without_address"] += 1
            else:
                counts[COUNTED[one.channel]] += 1
    return counts


def _is_recent(account_id: UUID) -> bool:
    """Written to within a day, and the message did not fail."""
    last = inviting.latest_invitations([account_id]).get(account_id)
    return last is not None and last.at > clock.now() - PAUSE and last.state not in ("failed", "expired")


def _send(actor: Actor, one: inviting.Reachable, round_id: UUID | None) -> Invitation:
    is_email = one.channel == "email"
    wanted = codes.Wanted(
        purpose=CodePurpose.STAFF, account_id=one.account_id, sent_to=one.address if is_email else "",
        sent_phone=None if is_email else accounts.phone_blind(one.address),
    )  # fmt: skip
    [code] = codes.issue(actor=actor, wanted=[wanted])
    days = codes.VALID_FOR[CodePurpose.STAFF].days
    with writing_to():
        subject = _("开通你的灵渠账号") if is_email else ""
        body = _body(one.name, code, days, is_email=is_email)
    message_id = delivery.send(
        channel=one.channel, to=one.address, subject=subject, body=body, kind="identity.invitation", subject_kind="person",
        subject_id=one.person_id, params=_params(one.name, code, days), charge_to=register.school_of(one.person_id),
    )  # fmt: skip
    shown = accounts.mask_email(one.address) if is_email else accounts.mask_phone(one.address)
    audit.record(
        actor, "identity.invitation.sent", subject_kind="account", subject_id=one.account_id, path=one.path,
        data={"channel": one.channel},
    )  # fmt: skip
    return Invitation.objects.create(
        account_id=one.account_id, round_id=round_id, channel=one.channel, shown=shown, message_id=message_id,
        invited_by=actor.name,
    )  # fmt: skip


def _params(name: str, code: str, days: int) -> dict[str, str]:
    return {"name": name, "link": _link(code), "days": str(days)}


def _link(code: str) -> str:
    return f"{settings.PUBLIC.geturl()}/activate?code={code.replace('-', '')}"


def _body(name: str, code: str, days: int, *, is_email: bool) -> str:
    words = {"name": name, "link": _link(code), "code": code, "days": days}
    if not is_email:
        return _("%(name)s老师，请打开 %(link)s 设置灵渠账号的密码，%(days)d天内有效，只能用一次。") % words
    return (
        _(
            "%(name)s老师：\n\n学校为你开通了灵渠账号。请打开下面的链接，自己设置密码：\n%(link)s\n\n"
            "也可以在登录页输入开通码 %(code)s。链接和码%(days)d天内有效，只能用一次。\n"
            "如果这不是你，请不要理会，并告诉学校管理员。工作人员不会向你要密码。"
        )
        % words
    )
