"""Agents to rows: which actor one is, and how it was written. Known ones are remembered, new ones written in bulk.

Rows are made in statements of their own, sorted by key, before statements are written: writers that share agents never wait for
each other in different orders.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec
from django.db import transaction

from lingqu.kernel import crypto
from lingqu.kernel.compiled import prepared

from ..selectors.keys import actor_text, array
from ..types.agents import identifier_of
from ..types.faults import Fault

REMEMBERED_SECONDS, MOST_REMEMBERED, MOST_TRIES = 60.0, 50_000, 3
_encode = msgspec.json.Encoder(order="sorted").encode
_FIND = """SELECT u.nth, coalesce(f.id, 0), coalesce(a.id, 0)
FROM unnest(%s::uuid[], %s::uuid[]) WITH ORDINALITY AS u(actor, face, nth)
LEFT JOIN records_actor a ON a.tenant_id = %s AND a.digest = u.actor
LEFT JOIN records_face f ON f.actor_id = a.id AND f.digest = u.face"""
_MAKE = """WITH u AS MATERIALIZED (SELECT * FROM
  unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::bytea[]) WITH ORDINALITY AS u(actor, face, owner, sealed, nth)),
made AS (INSERT INTO records_actor (tenant_id, digest) SELECT %s, d FROM (SELECT DISTINCT actor AS d FROM u WHERE owner = 0) n
  ORDER BY d ON CONFLICT DO NOTHING RETURNING id, digest),
i AS MATERIALIZED (SELECT m.id, u.face, u.sealed, u.nth FROM u JOIN made m ON m.digest = u.actor WHERE u.owner = 0
  UNION ALL SELECT a.id, u.face, u.sealed, u.nth FROM u JOIN records_actor a ON a.id = u.owner WHERE u.owner <> 0),
f AS (INSERT INTO records_face (actor_id, digest, sealed) SELECT id, face, sealed FROM i ORDER BY id, face
  ON CONFLICT DO NOTHING RETURNING id, actor_id, digest)
SELECT i.nth, f.id, f.actor_id FROM f JOIN i ON i.id = f.actor_id AND i.face = f.digest"""
"""Actors first, all of them, then faces: two writers wait for each other in one order only. An actor that another writer made
meanwhile gets its face at the next try."""
_known: dict[tuple[int, bytes], tuple[int, int]] = {}
_known_since = 0.0


def face_json(agent: dict[str, Any]) -> bytes:
    """How an agent or identified group was written, without members."""
    if "member" in agent:
        agent = {name: value for name, value in agent.items() if name != "member"}
    return _encode(agent)


def resolve(tenant: int, agents: Mapping[bytes, dict[str, Any]]) -> dict[bytes, tuple[int, int]]:
    """Ids of face and actor by ``face_json``; all have an identifier. Those remembered cost nothing."""
    _forget_old()
    found: dict[bytes, tuple[int, int]] = {}
    missing: dict[bytes, str] = {}
    for text, agent in agents.items():
        known = _known.get((tenant, text))
        if known is not None:
            found[text] = known
        else:
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
    texts = list(missing)
    digests = crypto.blind_all("records.actor", [actor_text(tenant, missing[text]) for text in texts])
    marks = crypto.blind_all("records.face", [text.decode() for text in texts])
    pairs = [(str(digest), str(mark)) for digest, mark in zip(digests, marks, strict=True)]
    found = _find(tenant, pairs)
    for _attempt in range(MOST_TRIES + 1):
        new = [at for at, pair in enumerate(pairs) if not found[pair][0]]
        if not new:
            break
        owners = [found[pairs[at]][1] for at in new]
        made = _make(tenant, [pairs[at] for at in new], owners, [texts[at] for at in new])
        found |= made
        if others := [pairs[at] for at in new if pairs[at] not in made]:
            found |= _find(tenant, others)
    else:
        raise Fault("too much happens at once, please send it again", status=503, code="busy")
    return {text: found[pair] for text, pair in zip(texts, pairs, strict=True)}


def _find(tenant: int, pairs: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Face and actor by their digests; 0 for what is not there."""
    with prepared() as cursor:
        cursor.execute(_FIND, [array([one[0] for one in pairs]), array([one[1] for one in pairs]), tenant])
        return {pairs[nth - 1]: (face, actor) for nth, face, actor in cursor.fetchall()}


def _make(
    tenant: int, pairs: list[tuple[str, str]], owners: list[int], texts: list[bytes]
) -> dict[tuple[str, str], tuple[int, int]]:
    """Face and actor of those that were made; another writer may have been first with some."""
    sealed = ",".join([f'"\\\\x{crypto.seal(text).hex()}"' for text in texts])
    with prepared() as cursor:
        cursor.execute(
            _MAKE,
            [
                array([one[0] for one in pairs]), array([one[1] for one in pairs]), array(map(str, owners)),
                "{" + sealed + "}", tenant,
            ],
        )  # fmt: skip
        return {pairs[nth - 1]: (face, actor) for nth, face, actor in cursor.fetchall()}
