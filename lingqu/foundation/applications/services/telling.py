"""Telling applications that a session ended: one notice a participation, sent by a job, again and again for an hour."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lingqu.kernel import jobs, outgoing
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import DomainError, NotFound
from lingqu.kernel.language import writing_to

from .. import policies
from ..models import LogoutNotice, Participation
from ..selectors.apps import applications_of
from ..types.slots import LOGOUT
from ..types.values import App, LogoutCall, Took
from ..types.words import NoticeState
from .registering import locked, trace
from .subjects import subject_of

WAITS = (10, 60, 600, 2700)
"""Seconds before the second to fifth try: within an hour."""
CLAIMED, AT_ONCE, LEASE = 100, 8, timedelta(seconds=90)
TIMEOUT = 5.0
_QUEUE = """
INSERT INTO applications_logoutnotice
    (participation_id, session_id, application_id, protocol, target, state, tries, next_at, error, made_at)
SELECT id, session_id, application_id, protocol, '', 'waiting', 0, clock_timestamp(), '', clock_timestamp()
FROM applications_participation WHERE session_id = ANY(%s) AND protocol = ANY(%s)
ON CONFLICT (participation_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How one try ended. ``is_over``: nobody has to be told."""

    notice_id: int
    target: str = ""
    status: int | None = None
    error: str = ""
    is_over: bool = False

    @property
    def is_sent(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def queue_notices(session_ids: Iterable[UUID]) -> int:
    """A notice for each application that the sessions entered by a protocol that tells; repeating changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, [list(session_ids), list(LOGOUT)])
        made = cursor.rowcount
    if made:
        jobs.defer("applications.send_logout_notices", _once="logout-notices")
    return int(made)


@transaction.atomic
def send_again(*, actor: Actor, application_id: UUID, notice_id: int) -> None:
    """A notice that was given up gets all its tries again, from now: the application was mended. By who keeps it or may stop
    it."""
    row = locked(application_id)
    require(policies.may_keep_secrets(actor, row) or policies.may_suspend(actor, row))
    found = LogoutNotice.objects.filter(id=notice_id, application=row, state=NoticeState.GIVEN_UP)
    if not found.update(state=NoticeState.WAITING, tries=0, next_at=now(), error="", http_status=None):
        raise NotFound(_("没有放弃发送的这条通知。"))
    trace(actor, "applications.notice_sent_again", row, notice=notice_id)
    jobs.defer("applications.send_logout_notices", _once="logout-notices")


def send_due() -> int:
    """Send what is due, several at once; returns how many arrived. Killed at any moment, it goes on after the lease."""
    arrived = 0
    while claimed := _claim():
        apps = applications_of({row.application_id for row in claimed})
        calls = [(row.id, *_call_of(row, apps[row.application_id])) for row in claimed]
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            told = list(pool.map(lambda given: _send(*given), calls))
        _settle(told)
        arrived += sum(one.is_sent for one in told)
        jobs.checkpoint()
    return arrived


@transaction.atomic
def _claim() -> list[LogoutNotice]:
    """Notices whose time has come; another worker leaves them alone until the lease is over."""
    due = LogoutNotice.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state__in=[NoticeState.WAITING, NoticeState.FAILED], next_at__lte=now()
    )
    rows = list(due.select_related("participation__session").order_by("next_at")[:CLAIMED])
    LogoutNotice.objects.filter(id__in=[row.id for row in rows]).update(next_at=now() + LEASE, tries=F("tries") + 1)
    return rows


def _call_of(notice: LogoutNotice, app: App) -> tuple[LogoutCall | None, str]:
    """The message, or why it could not be made."""
    part: Participation = notice.participation
    took = Took(
        session_id=part.session_id, account_id=part.session.account_id, application=app, protocol=part.protocol,
        key=part.key, data=part.data, subject=subject_of(app=app, account_id=part.session.account_id),
    )  # fmt: skip
    try:
        return LOGOUT[notice.protocol](took), ""
    except DomainError as error:
        return None, error.message or error.code


def _send(notice_id: int, call: LogoutCall | None, fault: str) -> Told:
    """In a thread of its own: no database here."""
    if call is None:
        return Told(notice_id=notice_id, error=fault, is_over=not fault)
    with writing_to():
        try:
            answer = outgoing.post(
                call.url, body=call.body, content_type=call.content_type, headers=call.headers, timeout=TIMEOUT
            )
        except DomainError as error:
            return Told(notice_id=notice_id, target=call.url, error=error.message or error.code)
    return Told(notice_id=notice_id, target=call.url, status=answer.status)


@transaction.atomic
def _settle(told: list[Told]) -> None:
    by_id = {one.notice_id: one for one in told}
    LogoutNotice.objects.filter(id__in=[one.notice_id for one in told if one.is_over]).delete()
    rows = list(LogoutNotice.objects.select_for_update().filter(id__in=by_id))
    for row in rows:
        one = by_id[row.id]
        row.target, row.http_status, row.error = one.target, one.status, one.error
        if one.is_sent:
            row.state, row.sent_at = NoticeState.SENT, now()
        elif row.tries > len(WAITS):
            row.state = NoticeState.GIVEN_UP
        else:
            row.state, row.next_at = NoticeState.FAILED, now() + timedelta(seconds=WAITS[row.tries - 1])
    LogoutNotice.objects.bulk_update(rows, ["target", "http_status", "error", "state", "sent_at", "next_at"])
