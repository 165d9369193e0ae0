"""Tells groups of notices: published, sent to more, corrected, withdrawn, reminded. Outside quiet hours, in pages that are a
transaction each: a killed run goes on where it stopped. No name of a person leaves."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.kernel import clock, delivery, jobs
from lingqu.kernel.errors import TooMany
from lingqu.kernel.language import writing_to
from lingqu.ui.figures import moment

from ..models import GroupRound, Notice, Robot
from ..selectors import reminders
from ..selectors.robots import list_concerned
from ..types.words import NoticeState, RoundCause
from .groups import send_to

log = logging.getLogger("lingqu.inbox")
PAGE = 200
VALID_FOR = timedelta(hours=6)
JOB = "inbox.tell_groups"


def plan(notice: Notice, cause: str, since: datetime | None = None) -> None:
    """Part of the act that groups are to hear of, within its transaction; nothing where there is no group at all."""
    if Robot.objects.filter(is_active=True).exists():
        due = reminders.allowed_from(notice, clock.now())
        GroupRound.objects.create(notice=notice, cause=cause, since=since, due_at=due)
        if due <= clock.now():
            jobs.defer(JOB, _once=JOB)


def tell_due() -> int:
    """Everything that may leave now; returns how many messages were queued."""
    told = 0
    while (found := _tell_page()) is not None:
        told += found
        jobs.checkpoint()
    return told


@transaction.atomic
def _tell_page() -> int | None:
    rows = GroupRound.objects.filter(ended_at=None, due_at__lte=clock.now()).order_by("due_at", "id")
    round_ = rows.select_for_update(skip_locked=True, of=("self",)).select_related("notice__organisation").first()
    if round_ is None:
        return None
    notice, at, told = round_.notice, clock.now(), 0
    allowed = reminders.allowed_from(notice, at)
    if not _still_true(round_):
        round_.ended_at = at
    elif allowed > at:
        round_.due_at = allowed
    else:
        if round_.listed_at is None:
            round_.robots, round_.listed_at = list_concerned(round_), at
        page = round_.robots[round_.done : round_.done + PAGE]
        with writing_to():
            body = text_of(round_)
        told = sum(_is_told(robot, body) for robot in Robot.objects.filter(id__in=page, is_active=True).order_by("id"))
        round_.done += len(page)
        if round_.done >= len(round_.robots):
            round_.ended_at = at
    round_.save()
    return told


def _still_true(round_: GroupRound) -> bool:
    """Of a notice that ended before anybody heard of it nothing is said; of one whose groups know it, its end is."""
    notice = round_.notice
    if round_.cause == RoundCause.WITHDRAWN:
        return notice.group_rounds.exclude(cause=RoundCause.WITHDRAWN).filter(done__gt=0).exists()
    return reminders.is_valid(notice) and notice.state == NoticeState.PUBLISHED


def _is_told(robot: Robot, body: str) -> bool:
    try:
        send_to(robot, body, valid_for=VALID_FOR)
    except (delivery.BadAddress, TooMany) as refusal:
        log.warning("group %s was not told: %s", robot.id, refusal.code)
        return False
    return True


def text_of(round_: GroupRound) -> str:
    """Sender, title, time and link; the words of the notice stay on the platform."""
    notice = round_.notice
    values = {"sender": notice.organisation.name, "title": notice.title}
    words = {
        RoundCause.PUBLISHED: _("【通知】%(sender)s：%(title)s"), RoundCause.ADDED: _("【通知】%(sender)s：%(title)s"),
        RoundCause.CORRECTED: _("【更正】%(sender)s更正了通知：%(title)s，以新的为准"),
        RoundCause.WITHDRAWN: _("【撤回】%(sender)s撤回了通知：%(title)s，请不要再按它办理"),
        RoundCause.REMINDED: _("【提醒】%(sender)s：%(title)s，还有没确认的，请打开链接确认"),
    }[RoundCause(round_.cause)]  # fmt: skip
    if round_.cause == RoundCause.WITHDRAWN:
        return words % values
    until = _("%(when)s 截止") % {"when": moment(notice.deadline)} if notice.deadline else ""
    link = f"{settings.PUBLIC.geturl()}{reverse('inbox:notice', args=[notice.id])}"
    return "\n".join(filter(None, (words % values, until, link)))
