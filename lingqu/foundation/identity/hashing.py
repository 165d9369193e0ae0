"""Argon2 with measured cost, and never more than two at once on the whole platform.

One check costs 32 MiB and about 70 ms of a core. The morning's rush would otherwise take every core and gigabytes
from the pages of those who are in already. Slots are PostgreSQL advisory locks, so they count across processes and
free themselves when one dies.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.contrib.auth import hashers
from django.db import OperationalError, connection
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from lingqu.kernel.errors import Unavailable

SLOTS = 2
_LOCK_SPACE = 0x1D11


class Argon2Hasher(hashers.Argon2PasswordHasher):
    """argon2id, 3 passes over 32 MiB by one thread (above the OWASP minimum of 2 over 19 MiB)."""

    time_cost = 3
    memory_cost = 32 * 1024
    parallelism = 1


@contextmanager
def slot() -> Iterator[None]:
    """Hold one of the two places; waits as long as the process's ``lock_timeout`` allows, then :class:`Unavailable`."""
    taken = _take_free() or _wait_for(random.randrange(SLOTS))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, taken - 1])


def _take_free() -> int:
    """1-based number of a place that was free; 0 when both are taken."""
    with connection.cursor() as cursor:
        for number in range(SLOTS):
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_SPACE, number])
            if cursor.fetchone()[0]:
                return number + 1
    return 0


def _wait_for(number: int) -> int:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCK_SPACE, number])
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
            raise
        raise Unavailable(_("正在登录的人太多，请过几秒再试。"), details={"retry_after": 5}) from error
    return number + 1


def make_hash(password: str) -> str:
    with slot():
        return hashers.make_password(password)


def is_right(password: str, stored: str) -> bool:
    """Costs the same for a stored hash and for none; takes one place for the time of the computation."""
    with slot():
        return hashers.check_password(password, stored or _nobody()) and bool(stored)


def needs_renewal(stored: str) -> bool:
    """Whether the hash was made with other costs than today's."""
    return hashers.identify_hasher(stored).must_update(stored)


@cache
def _nobody() -> str:
    """The hash of a password that nobody knows: checked when there is no account, so that the answer takes as long."""
    return hashers.make_password(get_random_string(32))
