"""The chain over the audit trail, made after commit.

Hashing inside the writer's transaction would make all writers wait for each other. So rows are written unchained; the
sealer takes the settled ones (see ``feeds``) in the order (xid, id), hashes each batch and chains the batches. Rows
younger than that are the *unsealed window*, which ``verify`` counts. Each digest also carries a mark made with the
key file, so that rewriting rows and chain together needs more than the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
from django.db import connection, transaction

from . import crypto
from .clock import now
from .feeds import SETTLED
from .models import AuditEntry, AuditSeal

BATCH = 5000
ORIGIN = bytes(32)
LEAST_MONTHS = 6
LEAST_AGE = timedelta(days=183)
"""Law demands six months of logs; a batch that was emptied earlier counts as damage."""
LOCK = 0x4C51_5EA1
LOWEST = -(2**63)
"""The floor of the first era: below every id, so that a row slipped in with a negative one is covered too."""

UNSEALED = """
SELECT at FROM kernel_audit WHERE (xid, id) > (
    coalesce((SELECT to_xid FROM kernel_audit_seal ORDER BY number DESC LIMIT 1), '0'::xid8),
    coalesce((SELECT to_id FROM kernel_audit_seal ORDER BY number DESC LIMIT 1), 0))
  AND id > coalesce((SELECT floor FROM kernel_audit_seal ORDER BY number DESC LIMIT 1), -9223372036854775808)
"""
"""Rows that no batch covers yet, by the moment they were written."""
_COLUMNS = (
    "id, xid::text, (extract(epoch FROM at) * 1000000)::bigint, actor_kind, account_id::text, person_id::text,"
    " actor_name, role, action, subject_kind, subject_id, path::text, purpose, request_id, data::text"
)
_ORDER = "ORDER BY kernel_audit.xid, kernel_audit.id"
"""By the columns of the table: the bare name would mean the text that is selected, in which 1000 comes before 999."""
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """The first batch that does not hold. ``reason``: content, count, chain, mark, gap, purged."""

    batch: int
    reason: str
    from_id: int
    to_id: int
    expected_rows: int
    found_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``rows`` were checked in ``batches``; ``unsealed`` committed rows wait for a seal. ``head``: last digest."""

    ok: bool
    batches: int
    rows: int
    unsealed: int
    first_bad: Damage | None
    head: str


def seal_settled(limit: int = BATCH) -> int:
    """Seal one batch of settled rows; returns how many. One sealer works at a time, others return 0."""
    with transaction.atomic():
        if not _alone():
            return 0
        last = _last()
        rows = _rows(*_end_of(last), floor=_floor_of(last), condition=f"AND xid < {SETTLED}", limit=limit)
        if rows:
            _append(last, rows, era=last.era if last else 0, floor=_floor_of(last))
        return len(rows)


def close_era(era: int) -> None:
    """Seal everything there is, then let the next era begin above the highest id. Writers must be locked out."""
    last = _last()
    while rows := _rows(*_end_of(last), floor=_floor_of(last), condition="", limit=BATCH):
        last = _append(last, rows, era=last.era if last else 0, floor=_floor_of(last))
    highest = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    _append(last, [], era=era, floor=highest)


def count_unsealed(ceiling: int = 100_000) -> tuple[int, datetime | None]:
    """Committed rows that no batch covers yet, and when the oldest was written."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), min(at) FROM ({UNSEALED} LIMIT %s) AS waiting", [ceiling])  # noqa: S608
        count, oldest = cursor.fetchone()
    return count, oldest


def verify() -> Verdict:
    """Recompute the whole chain from the rows, on one snapshot."""
    with transaction.atomic():
        if _is_outermost():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        rows, batches, previous = 0, 0, None
        damage: Damage | None = None
        for seal in AuditSeal.objects.order_by("number").iterator(chunk_size=500):
            damage = _damage_of(seal, previous)
            if damage:
                break
            rows, batches, previous = rows + seal.count, batches + 1, seal
        unsealed, _oldest = count_unsealed()
    return Verdict(
        ok=damage is None, batches=batches, rows=rows, unsealed=unsealed, first_bad=damage,
        head=bytes(previous.digest).hex() if previous else "",
    )  # fmt: skip


def purge_before(moment: datetime) -> tuple[int, ...]:
    """Empty batches sealed before ``moment``, oldest first, keeping their seals; returns their numbers."""
    if moment > now() - LEAST_AGE:
        raise ValueError(f"audit rows stay at least {LEAST_MONTHS} months")
    purged = []
    for number in list(
        AuditSeal.objects.filter(at__lt=moment, purged_at=None).order_by("number").values_list("number", flat=True)
    ):
        with transaction.atomic(), connection.cursor() as cursor:
            seal = AuditSeal.objects.select_for_update().get(number=number)
            cursor.execute(f"DELETE FROM kernel_audit WHERE {_RANGE}", _bounds(seal))  # noqa: S608
            AuditSeal.objects.filter(number=number).update(purged_at=now())
            purged.append(number)
    return tuple(purged)


_RANGE = "(xid, id) > (%s::text::xid8, %s) AND (xid, id) <= (%s::text::xid8, %s) AND id > %s AND id <= %s"


def _bounds(seal: AuditSeal) -> list[Any]:
    next_floor = AuditSeal.objects.filter(era__gt=seal.era).order_by("era").values_list("floor", flat=True).first()
    ceiling = next_floor if next_floor is not None else 2**62
    return [str(seal.from_xid), seal.from_id, str(seal.to_xid), seal.to_id, seal.floor, ceiling]


def _damage_of(seal: AuditSeal, previous: AuditSeal | None) -> Damage | None:
    def bad(reason: str, found: int) -> Damage:
        return Damage(
            batch=seal.number, reason=reason, from_id=seal.from_id, to_id=seal.to_id, expected_rows=seal.count,
            found_rows=found,
        )  # fmt: skip

    opens_era = previous is not None and seal.era != previous.era
    begin = (0, 0) if opens_era else _end_of(previous)
    if seal.number != (previous.number if previous else 0) + 1 or (int(seal.from_xid), seal.from_id) != begin:
        return bad("gap", seal.count)
    if bytes(seal.previous) != (bytes(previous.digest) if previous else ORIGIN) or bytes(seal.digest) != _digest(seal):
        return bad("chain", seal.count)
    if not crypto.is_mark(bytes(seal.mark), "audit", [bytes(seal.digest)]):
        return bad("mark", seal.count)
    if opens_era:
        strays = _count_strays(previous, seal.floor) if previous else 0
        return bad("count", strays) if strays else None
    rows = _batch_rows(seal)
    if seal.purged_at is not None:
        is_fair = seal.purged_at - seal.at >= LEAST_AGE and not rows
        return None if is_fair else bad("purged", len(rows))
    if len(rows) != seal.count:
        return bad("count", len(rows))
    return bad("content", len(rows)) if _content(rows) != bytes(seal.content) else None


def _batch_rows(seal: AuditSeal) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM kernel_audit WHERE {_RANGE} {_ORDER}",  # noqa: S608
            _bounds(seal),
        )
        return cursor.fetchall()


def _count_strays(last: AuditSeal, floor: int) -> int:
    """Rows of a closed era behind its last batch: there were none when it was closed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM kernel_audit WHERE (xid, id) > (%s::text::xid8, %s) AND id > %s AND id <= %s",
            [str(last.to_xid), last.to_id, last.floor, floor],
        )
        return int(cursor.fetchone()[0])


def _rows(xid: int, row_id: int, *, floor: int, condition: str, limit: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM kernel_audit WHERE (xid, id) > (%s::text::xid8, %s) AND id > %s {condition}"  # noqa: S608
            f" {_ORDER} LIMIT %s",
            [str(xid), row_id, floor, limit],
        )
        return cursor.fetchall()


def _append(last: AuditSeal | None, rows: list[tuple[Any, ...]], *, era: int, floor: int) -> AuditSeal:
    begin = _end_of(last) if rows else (0, 0)
    end = (int(rows[-1][1]), int(rows[-1][0])) if rows else (0, 0)
    seal = AuditSeal(
        number=last.number + 1 if last else 1, era=era, floor=floor, from_xid=str(begin[0]), from_id=begin[1],
        to_xid=str(end[0]), to_id=end[1], count=len(rows), content=_content(rows),
        previous=bytes(last.digest) if last else ORIGIN, at=now(),
    )  # fmt: skip
    seal.digest = _digest(seal)
    seal.mark = crypto.mark("audit", [seal.digest])
    seal.save(force_insert=True)
    return seal


def _content(rows: Iterable[tuple[Any, ...]]) -> bytes:
    made = sha256()
    for row in rows:
        made.update(_encode(row))
        made.update(b"\n")
    return made.digest()


def _digest(seal: AuditSeal) -> bytes:
    at = int(seal.at.timestamp() * 1_000_000)
    bounds = (seal.number, seal.era, seal.floor, int(seal.from_xid), seal.from_id, int(seal.to_xid), seal.to_id)
    head = _encode([*bounds, seal.count, at])
    return sha256(bytes(seal.previous) + bytes(seal.content) + head).digest()


def _last() -> AuditSeal | None:
    return AuditSeal.objects.order_by("-number").first()


def _end_of(seal: AuditSeal | None) -> tuple[int, int]:
    return (int(seal.to_xid), seal.to_id) if seal else (0, 0)


def _floor_of(seal: AuditSeal | None) -> int:
    return seal.floor if seal else LOWEST


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _is_outermost() -> bool:
    """Whether this block opened the transaction; inside another one the isolation can no longer be chosen."""
    return len(connection.atomic_blocks) == 1


def list_batches(limit: int = 50) -> Iterator[AuditSeal]:
    """The latest batches, newest first."""
    return AuditSeal.objects.order_by("-number")[:limit].iterator()
