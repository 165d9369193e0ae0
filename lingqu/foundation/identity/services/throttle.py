"""Slowing down guesses without ever handing anybody the means to lock somebody else out.

No counter stands on a login alone, so nobody elsewhere can use up a pupil's tries. Each attempt takes a drop from
leaky buckets and a right password gives its drops back, so only failures count. In this order:

1. *Known device*: a browser in which this account has signed in before has its own bucket for it. Whatever anybody
   tries anywhere else, this one stays open.
2. *Fresh device*: every browser that opened the form carries a signed device cookie and has a bucket of its own for
   each login, and one over all logins. So classmates who type wrong passwords, on the same line of a computer room,
   use up theirs and not the pupil's. What fresh devices of one address fail together is bounded, since a script can
   throw its cookie away after every try.
3. *No device*, or that bound reached: buckets of login with address, and of the address, refilled every two or three
   seconds. An attempt that comes a moment too early waits here instead of being refused, so that even then the
   pupil gets in as soon as the script pauses.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from lingqu.kernel import crypto
from lingqu.kernel.errors import TooMany

from ..models import Throttle

WAITING_ROOM = threading.BoundedSemaphore(2)
LONGEST_WAIT = 3.5
"""Seconds that an attempt may wait inside a request; two attempts a process at most."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Holds ``size`` attempts and gets one back every ``seconds``."""

    name: str
    size: int
    seconds: float


KNOWN = Bucket("known", 10, 20)
FRESH = Bucket("fresh", 6, 20)
DEVICE = Bucket("device", 15, 15)
FRESH_OF_ADDRESS = Bucket("fresh-address", 60, 10)
LOGIN_AT_ADDRESS = Bucket("login-address", 10, 3)
ADDRESS = Bucket("address", 30, 2)
CODES = Bucket("codes", 30, 10)
"""Wrong activation codes of an address."""
CLASS_CODES = Bucket("class-codes", 60, 6)
"""Wrong class codes of an address: a whole room may mistype, a script finds no class."""
PIN_BROWSER = Bucket("pin-browser", 5, 20)
PIN_SEAT = Bucket("pin-seat", 12, 20)
"""Wrong PINs of one pupil in one lesson, from one computer and from all of them. Classmates slow a pupil down by twenty
seconds at most, and the teacher sees it and lets the pupil in herself."""

_TAKE = """
    INSERT INTO identity_throttle AS held (key, free_at)
    VALUES (%(key)s, clock_timestamp() + %(drop)s * interval '1 second')
    ON CONFLICT (key) DO UPDATE
       SET free_at = greatest(held.free_at, clock_timestamp()) + %(drop)s * interval '1 second'
     WHERE held.free_at <= clock_timestamp() + %(room)s * interval '1 second'
    RETURNING 1
"""
_WAIT = "SELECT extract(epoch FROM free_at - clock_timestamp()) - %s FROM identity_throttle WHERE key = %s"
_GIVE_BACK = "UPDATE identity_throttle SET free_at = free_at - %s * interval '1 second' WHERE key = %s"

Taken = tuple[Bucket, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Admission of one attempt; :func:`give_back` when the password was right."""

    taken: tuple[Taken, ...]


class Slowed(TooMany):
    """Too many wrong attempts from here; others are not affected."""

    code = "sign_in_slowed"


def network_of(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one: a household has as many of those as it likes."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ip_network((found, 64), strict=False))


def admit(*, login: str, address: str, device: str, known_account: UUID | None) -> Ticket:
    """Let one attempt through or raise :class:`Slowed`. ``device`` is empty without a valid cookie."""
    address = network_of(address)
    if known_account is not None and (taken := _take((KNOWN, f"{known_account}:{device}"))):
        return Ticket(taken=taken)
    if device:
        own = _take((FRESH, f"{login}:{device}"), (DEVICE, device))
        if not own:
            raise _slowed(max(_wait(FRESH, f"{login}:{device}"), _wait(DEVICE, device)))
        if shared := _take((FRESH_OF_ADDRESS, address)):
            return Ticket(taken=own + shared)
        give_back(Ticket(taken=own))
    return _admit_by_address(login, address)


def give_back(ticket: Ticket) -> None:
    """The attempt was right: it leaves no mark."""
    with connection.cursor() as cursor:
        for bucket, key in ticket.taken:
            cursor.execute(_GIVE_BACK, [bucket.seconds, key])


def count_wrong_code(address: str) -> None:
    """A code that does not exist was tried; raises :class:`Slowed` when that happens too often."""
    where = network_of(address)
    if not _take((CODES, where)):
        raise _slowed(_wait(CODES, where))


def count_wrong_class_code(address: str) -> None:
    """The same for a class code."""
    where = network_of(address)
    if not _take((CLASS_CODES, where)):
        raise _slowed(_wait(CLASS_CODES, where))


def admit_pin(*, class_session: UUID, account_id: UUID, browser: str) -> Ticket:
    """Let one try of a PIN through; no address counts, since a whole room stands behind one."""
    seat = f"{class_session}:{account_id}"
    taken = _take((PIN_BROWSER, f"{seat}:{browser}"), (PIN_SEAT, seat))
    if not taken:
        raise _slowed(max(_wait(PIN_BROWSER, f"{seat}:{browser}"), _wait(PIN_SEAT, seat)))
    return Ticket(taken=taken)


def purge() -> int:
    """Forget buckets that are empty again."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {Throttle._meta.db_table} WHERE free_at < clock_timestamp()")  # noqa: S608
        return int(cursor.rowcount)


def _admit_by_address(login: str, address: str) -> Ticket:
    wanted = ((LOGIN_AT_ADDRESS, f"{login}:{address}"), (ADDRESS, address))
    if taken := _take(*wanted):
        return Ticket(taken=taken)
    wait = max(_wait(bucket, name) for bucket, name in wanted)
    if wait <= LONGEST_WAIT and WAITING_ROOM.acquire(blocking=False):
        try:
            time.sleep(max(0.05, wait))
            if taken := _take(*wanted):
                return Ticket(taken=taken)
        finally:
            WAITING_ROOM.release()
    raise _slowed(max(_wait(bucket, name) for bucket, name in wanted))


def _take(*wanted: tuple[Bucket, str]) -> tuple[Taken, ...]:
    """A drop from each bucket, or from none."""
    taken: list[Taken] = []
    with connection.cursor() as cursor:
        for bucket, name in wanted:
            key = _key(bucket, name)
            room = bucket.seconds * (bucket.size - 1)
            cursor.execute(_TAKE, {"key": key, "drop": bucket.seconds, "room": room})
            if cursor.fetchone() is None:
                for earlier, earlier_key in taken:
                    cursor.execute(_GIVE_BACK, [earlier.seconds, earlier_key])
                return ()
            taken.append((bucket, key))
    return tuple(taken)


def _wait(bucket: Bucket, name: str) -> float:
    """Seconds until the bucket has room again."""
    with connection.cursor() as cursor:
        cursor.execute(_WAIT, [bucket.seconds * (bucket.size - 1), _key(bucket, name)])
        row = cursor.fetchone()
    return max(0.0, float(row[0])) if row else 0.0


def _key(bucket: Bucket, name: str) -> UUID:
    return crypto.blind("throttle", f"{bucket.name}:{name}")


def _slowed(seconds: float) -> Slowed:
    wait = int(seconds) + 1
    return Slowed(
        _("这里连续输错的次数太多，请在%(seconds)d秒后再试。别人的设备不受影响。") % {"seconds": wait},
        details={"retry_after": wait},
    )
