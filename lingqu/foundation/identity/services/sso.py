"""Beginning, confirming and ending SSO sessions. Every end is published: protocols tell the applications that took part.

An end holds at the session's next request here, whichever process answers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from lingqu.kernel import crypto, events
from lingqu.kernel.clock import now

from ..models import Account, SsoSession
from ..types.events import SessionsEnded
from ..types.words import SessionEnd, SessionKind
from . import throttle

LONGEST = timedelta(hours=12)
MOST_AGENT = 200
EVENT_CHUNK = 500
KEPT_DAYS = 210


def begin(
    account: Account,
    *,
    amr: Sequence[str],
    agent: str = "",
    address: str = "",
    kind: SessionKind = SessionKind.BROWSER,
    lasts: timedelta = LONGEST,
    group_id: UUID | None = None,
) -> SsoSession:
    """A session of an account that has just proved itself by ``amr`` (RFC 8176 values: ``pwd``, ``pin``, ``otp`` …)."""
    at = now()
    Account.objects.filter(id=account.id).update(last_login=at)
    return SsoSession.objects.create(
        account=account, kind=kind, amr=list(amr), auth_time=at, agent=agent[:MOST_AGENT], group_id=group_id,
        address_blind=crypto.blind("address", throttle.network_of(address)) if address else None,
        expires_at=at + min(lasts, LONGEST),
    )  # fmt: skip


def confirm(session: SsoSession, *, amr: Sequence[str]) -> None:
    """The account has proved itself again within the session: by password for ``prompt=login``, by a second factor."""
    session.auth_time, session.amr = now(), sorted({*session.amr, *amr})
    session.save(update_fields=["auth_time", "amr"])


def end(session_ids: Iterable[UUID], because: SessionEnd) -> int:
    """End single sessions; those that are over stay as they are. Returns how many ended."""
    return _end(Q(id__in=list(session_ids)), because)


def end_of_accounts(account_ids: Iterable[UUID], because: SessionEnd, *, keep: UUID | None = None) -> int:
    """End every session of the accounts, except ``keep``: the one in which somebody changes the own password."""
    wanted = Q(account_id__in=list(account_ids))
    return _end(wanted & ~Q(id=keep) if keep else wanted, because)


def end_own(*, account_id: UUID, session_ids: Iterable[UUID], because: SessionEnd) -> int:
    """End those of the sessions that are the account's: what an application or a platform above may ask for."""
    return _end(Q(account_id=account_id, id__in=list(session_ids)), because)


def end_of_group(group_id: UUID, because: SessionEnd) -> int:
    """End all sessions of a class session: at the bell, or when the teacher says so."""
    return _end(Q(group_id=group_id), because)


def end_due() -> int:
    """Sessions whose time is over. They answered nothing since; this tells the applications."""
    over = Q(expires_at__lte=now())
    return _end(over & Q(group_id__isnull=False), SessionEnd.LESSON) + _end(over, SessionEnd.EXPIRED)


def note_seen(session: SsoSession) -> None:
    """The latest request, to within five minutes."""
    if now() - session.seen_at > timedelta(minutes=5):
        SsoSession.objects.filter(id=session.id).update(seen_at=now())


def purge() -> int:
    """Ended sessions go after seven months, like the sign-in log."""
    return SsoSession.objects.filter(ended_at__lt=now() - timedelta(days=KEPT_DAYS)).delete()[0]


def _end(wanted: Q, because: SessionEnd) -> int:
    with transaction.atomic():
        running = SsoSession.objects.filter(wanted, ended_at__isnull=True)
        ids = list(running.select_for_update().values_list("id", flat=True))
        SsoSession.objects.filter(id__in=ids).update(ended_at=now(), ended_because=because)
        for start in range(0, len(ids), EVENT_CHUNK):
            events.publish(SessionsEnded(session_ids=tuple(ids[start : start + EVENT_CHUNK]), because=because.value))
    return len(ids)
