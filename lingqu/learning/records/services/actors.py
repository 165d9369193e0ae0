"""Agents to rows: which actor one is, and how it was written. Known ones are remembered, new ones written in bulk.

Rows are made in statements of their own, sorted by key, before statements are written: writers that share agents never wait for
each other in different orders.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from lingqu.kernel import crypto

from ..selectors.keys import actor_text
from ..types.agents import identifier_of

REMEMBERED_SECONDS, MOST_REMEMBERED = 60.0, 50_000
_encode = msgspec.json.Encoder(order="sorted").encode
_known: dict[tuple[int, bytes], tuple[int, int]] = {}
_known_since = 0.0


def face_json(agent: dict[str, Any]) -> bytes:
    """How an agent or identified group was written, without members."""
    if "member" in agent:
        agent = {name: value for name, value in agent.items() if name != "member"}
    return _encode(agent)


def resolve(tenant: int, agents: Iterable[dict[str, Any]]) -> dict[bytes, tuple[int, int]]:
    """Ids of face and actor for each way of writing; all have an identifier. Those remembered cost nothing."""
    _forget_old()
    found: dict[bytes, tuple[int, int]] = {}
    missing: dict[bytes, str] = {}
    for agent in agents:
        text = face_json(agent)
        known = _known.get((tenant, text))
        if known is not None:
            found[text] = known
        elif text not in missing:
            missing[text] = identifier_of(agent)
    if missing:
        made = _resolve_new(tenant, missing)
        found |= made
        transaction.on_commit(lambda: _remember(tenant, made))
    return found


def forget_actors() -> None:
    """Drop what this process remembers; others do within a minute."""
    _known.clear()


def _forget_old() -> None:
    global _known_since
    at = time.monotonic()
    if at - _known_since > REMEMBERED_SECONDS or len(_known) > MOST_REMEMBERED:
        _known.clear()
        _known_since = at


def _remember(tenant: int, made: dict[bytes, tuple[int, int]]) -> None:
    for text, ids in made.items():
        _known[tenant, text] = ids


def _resolve_new(tenant: int, missing: dict[bytes, str]) -> dict[bytes, tuple[int, int]]:
    identifiers = sorted(set(missing.values()))
    digests = crypto.blind_all("records.actor", [actor_text(tenant, one) for one in identifiers])
    actors = _rows(
        "SELECT digest, id FROM records_actor WHERE tenant_id = %s AND digest = ANY(%s::uuid[])",
        "INSERT INTO records_actor (tenant_id, digest) SELECT %s, d FROM unnest(%s::uuid[]) d ORDER BY d"
        " ON CONFLICT DO NOTHING",
        tenant, [str(one) for one in digests],
    )  # fmt: skip
    actor_of = {one: actors[UUID(str(digest))] for one, digest in zip(identifiers, digests, strict=True)}
    texts = list(missing)
    marks = [UUID(str(one)) for one in crypto.blind_all("records.face", [text.decode() for text in texts])]
    owners = [actor_of[missing[text]] for text in texts]
    faces = _faces(owners, marks)
    new = [at for at in range(len(texts)) if (owners[at], marks[at]) not in faces]
    if new:
        new.sort(key=lambda at: (owners[at], marks[at]))
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO records_face (actor_id, digest, sealed)"
                " SELECT a.id, u.d, u.s FROM unnest(%s::bigint[], %s::uuid[], %s::bytea[]) AS u(o, d, s)"
                " JOIN records_actor a ON a.id = u.o ORDER BY a.id, u.d ON CONFLICT DO NOTHING",
                [[owners[at] for at in new], [marks[at] for at in new], [crypto.seal(texts[at]) for at in new]],
            )
        faces |= _faces([owners[at] for at in new], [marks[at] for at in new])
    return {
        text: (faces.get((owner, mark), 0), owner) for text, owner, mark in zip(texts, owners, marks, strict=True)
    }  # fmt: skip


def _faces(owners: list[int], marks: list[UUID]) -> dict[tuple[int, UUID], int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor_id, digest, id FROM records_face"
            " WHERE (actor_id, digest) IN (SELECT * FROM unnest(%s::bigint[], %s::uuid[]))",
            [owners, marks],
        )
        return {(row[0], row[1]): row[2] for row in cursor.fetchall()}


def _rows(find: str, make: str, tenant: int, digests: list[str]) -> dict[UUID, int]:
    with connection.cursor() as cursor:
        cursor.execute(find, [tenant, digests])
        found: dict[UUID, int] = dict(cursor.fetchall())
        if len(found) < len(digests):
            missing = [one for one in digests if UUID(one) not in found]
            cursor.execute(make, [tenant, missing])
            cursor.execute(find, [tenant, missing])
            found |= dict(cursor.fetchall())
    return found
