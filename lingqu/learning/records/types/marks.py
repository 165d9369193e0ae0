"""Marks: numbers that say "this statement is about that thing in that role", and the numbers of statements.

A mark is the id of an actor or term times 16 plus the role. What a statement takes over from the one it refers to has
the role plus 8. Marks of registrations are negative: half of a digest, since nothing else is kept about them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

AGENT, AGENT_RELATED, ACTIVITY, ACTIVITY_RELATED, VERB = 0, 1, 2, 3, 4
TAKEN_OVER = 8
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
EPOCH_SECONDS = int(EPOCH.timestamp())
TICKS = 4096


def mark_of(thing: int, role: int) -> int:
    return thing << 4 | role


def registration_mark(tenant: int, registration: str, *, taken_over: bool = False) -> int:
    """``registration`` in lower case."""
    whole = int.from_bytes(blake2b(f"{tenant}\0{registration}".encode(), digest_size=8).digest(), "big")
    return -(whole >> 1 & ~15 | (TAKEN_OVER if taken_over else 0)) - 1


def taken_over(mark: int) -> int:
    """The mark for a statement that refers to the one with ``mark``."""
    return -((-mark - 1) | TAKEN_OVER) - 1 if mark < 0 else mark | TAKEN_OVER


def seq_at(moment: datetime) -> int:
    """The first number of a moment."""
    return (moment - EPOCH) // timedelta(microseconds=1) * TICKS


def moment_at(seq: int) -> datetime:
    return EPOCH + timedelta(microseconds=seq // TICKS)


def months_from(first: datetime, count: int) -> list[tuple[str, int, int]]:
    """``count`` months from that of ``first``: name (``2026_11``), first number, first number after."""
    year, month, made = first.year, first.month, []
    for _at in range(count):
        after = (year + month // 12, month % 12 + 1)
        begin, end = datetime(year, month, 1, tzinfo=UTC), datetime(*after, 1, tzinfo=UTC)
        made.append((f"{year}_{month:02}", seq_at(begin), seq_at(end)))
        year, month = after
    return made


def months_before(at: datetime, kept: int, names: list[str]) -> list[tuple[str, int, int]]:
    """Of months by name, those before the last ``kept`` (the present one counts), oldest first, with their bounds."""
    least = at.year * 12 + at.month - kept
    found = []
    for name in sorted(names):
        year, month = map(int, name.split("_"))
        if year * 12 + month <= least:
            found += months_from(datetime(year, month, 1, tzinfo=UTC), 1)
    return found
