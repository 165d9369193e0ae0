"""Counters that hold across processes: at most so many per key and window.

One statement a hit on an UNLOGGED table; after a crash of PostgreSQL the counts begin anew, nothing else is lost.
Keys are stored as keyed digests, so a key may name a phone number. Call before the transaction of the action, else a
refusal that rolls back also forgets the hit.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.utils.translation import gettext as _

from . import crypto
from .errors import TooMany

_INSERT = "INSERT INTO kernel_limit AS held (key, hits, ends_at) "
_COUNTED = """
    ON CONFLICT (key) DO UPDATE SET
        hits = CASE WHEN held.ends_at <= clock_timestamp() THEN EXCLUDED.hits ELSE held.hits + EXCLUDED.hits END,
        ends_at = CASE WHEN held.ends_at <= clock_timestamp() THEN EXCLUDED.ends_at ELSE held.ends_at END
"""
_HIT = f"""{_INSERT} VALUES (%(key)s, %(cost)s, clock_timestamp() + make_interval(secs => %(window)s)) {_COUNTED}
    RETURNING hits, ceil(extract(epoch FROM ends_at - clock_timestamp()))::int
"""
_HIT_EACH = f"""{_INSERT} SELECT key, %(cost)s, clock_timestamp() + make_interval(secs => %(window)s)
    FROM unnest(%(keys)s::uuid[]) key ORDER BY key {_COUNTED} RETURNING key, hits"""  # noqa: S608


def hit(key: str, limit: int, window_seconds: float, *, cost: int = 1, message: str = "") -> int:
    """Count one attempt and return how many are left; raises :class:`TooMany` beyond ``limit``."""
    with connection.cursor() as cursor:
        cursor.execute(_HIT, {"key": crypto.blind("limit", key), "cost": cost, "window": window_seconds})
        hits, seconds_left = cursor.fetchone()
    if hits > limit:
        text = message or _("操作太频繁，请在%(seconds)d秒后再试。") % {"seconds": max(1, seconds_left)}
        raise TooMany(text, details={"retry_after": max(1, seconds_left)})
    return int(limit - hits)


def hit_each(keys: Iterable[str], limit: int, window_seconds: float) -> set[str]:
    """Count one attempt of each key in one statement; those that are still within ``limit``."""
    blinds = {crypto.blind("limit", key): key for key in keys}
    if not blinds:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_HIT_EACH, {"keys": sorted(blinds), "cost": 1, "window": window_seconds})
        return {blinds[key] for key, hits in cursor.fetchall() if hits <= limit}


def count_hits(key: str) -> int:
    """Hits in the running window."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT hits FROM kernel_limit WHERE key = %s AND ends_at > clock_timestamp()", [crypto.blind("limit", key)]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def clear(key: str) -> None:
    """Forget the hits of a key, as after a successful sign-in."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_limit WHERE key = %s", [crypto.blind("limit", key)])


def purge() -> int:
    """Drop windows that are over."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_limit WHERE ends_at < clock_timestamp()")
        return int(cursor.rowcount)
