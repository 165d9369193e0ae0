"""Activities and verbs to rows, with what was last said about them (the store's own definition, 1.0.3 Data 2.4.4.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from django.db import connection, transaction

from lingqu.kernel.compiled import prepared

from ..models import Term
from ..selectors.keys import array, term_key

MOST_REMEMBERED = 50_000
LANGUAGE_MAPS = ("name", "description")
Key = tuple[int, str]
_encode, _decode = msgspec.json.Encoder(order="sorted").encode, msgspec.json.Decoder().decode
_quick = msgspec.json.Encoder().encode
_FIND = """SELECT t.kind, t.iri, t.id, t.body FROM unnest(%s::smallint[], %s::uuid[]) AS u(kind, key)
JOIN records_term t ON t.tenant_id = %s AND t.kind = u.kind AND t.iri_key = u.key"""
_MAKE = """INSERT INTO records_term (tenant_id, kind, iri_key, iri, body)
SELECT %s, u.kind, u.key, u.iri, u.body FROM ROWS FROM (unnest(%s::smallint[]), unnest(%s::uuid[]),
  json_array_elements_text(%s::json), json_array_elements_text(%s::json)) AS u(kind, key, iri, body)
ORDER BY u.kind, u.key ON CONFLICT DO NOTHING RETURNING kind, iri, id, body"""
_known: dict[tuple[int, int, str], tuple[int, int]] = {}
"""Id of a term and the hash of what was last said about it."""


def resolve(tenant: int, things: Iterable[tuple[int, str, Any]]) -> dict[Key, int]:
    """Ids of terms, given as kind, IRI and what is said about it now (None: nothing). What is new is kept."""
    if len(_known) > MOST_REMEMBERED:
        _known.clear()
    found: dict[Key, int] = {}
    news: dict[Key, Any] = {}
    for kind, iri, body in things:
        known = _known.get((tenant, kind, iri))
        if known is not None and (not body or known[1] == hash(_quick(body))):
            found[kind, iri] = known[0]
        elif not body:
            news.setdefault((kind, iri), None)
        else:
            before = news.get((kind, iri))
            news[kind, iri] = _merged(kind, before, body) if before else body
    if news:
        made = _bring_in(tenant, news)
        found |= made
        transaction.on_commit(lambda: _remember(tenant, made, news))
    return found


def forget_terms() -> None:
    _known.clear()


def _remember(tenant: int, made: dict[Key, int], news: dict[Key, Any]) -> None:
    for (kind, iri), number in made.items():
        body = news[kind, iri]
        before = _known.get((tenant, kind, iri))
        said = hash(_quick(body)) if body else (before[1] if before else 0)
        _known[tenant, kind, iri] = number, said


def _bring_in(tenant: int, news: dict[Key, Any]) -> dict[Key, int]:
    keys = sorted(news, key=lambda key: (key[0], term_key(key[1])))
    rows = _find(tenant, keys)
    if missing := [key for key in keys if key not in rows]:
        rows |= _make(tenant, missing, news)
        if others := [key for key in missing if key not in rows]:
            rows |= _find(tenant, others)
    changed = {
        rows[key][0]: merged
        for key in keys
        if news[key] and (merged := _text_of(key[0], rows[key][1], news[key])) != rows[key][1]
    }
    if changed:
        _update(changed)
    return {key: rows[key][0] for key in keys}


def _make(tenant: int, keys: list[Key], news: dict[Key, Any]) -> dict[Key, tuple[int, str | None]]:
    """Insert them; those are left out that another writer made meanwhile."""
    bodies = [_text(news[key]) if news[key] else None for key in keys]
    with prepared() as cursor:
        cursor.execute(
            _MAKE,
            [
                tenant, array([str(kind) for kind, _iri in keys]), array([term_key(iri) for _kind, iri in keys]),
                _text([iri for _kind, iri in keys]), _text(bodies),
            ],
        )  # fmt: skip
        return {(kind, iri): (number, body) for kind, iri, number, body in cursor.fetchall()}


def _find(tenant: int, keys: list[Key]) -> dict[Key, tuple[int, str | None]]:
    with prepared() as cursor:
        cursor.execute(
            _FIND,
            [array([str(kind) for kind, _iri in keys]), array([term_key(iri) for _kind, iri in keys]), tenant],
        )
        return {(kind, iri): (number, body) for kind, iri, number, body in cursor.fetchall()}


def _text(value: Any) -> str:
    return _encode(value).decode()


def _text_of(kind: int, before: str | None, now: dict[str, Any]) -> str:
    return _text(_merged(kind, _decode(before) if before else {}, now))


def _merged(kind: int, known: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Language maps grow, everything else is replaced."""
    if kind == Term.VERB:
        return {**known, **now}
    maps = {name: {**known.get(name, {}), **now[name]} for name in LANGUAGE_MAPS if name in now}
    return {**known, **now, **maps}


def _update(changed: dict[int, str]) -> None:
    ids = sorted(changed)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM records_term WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
        cursor.execute(
            "UPDATE records_term t SET body = u.b, seen_at = now()"
            " FROM unnest(%s::bigint[], %s::text[]) AS u(i, b) WHERE t.id = u.i",
            [ids, [changed[one] for one in ids]],
        )
