"""Activities and verbs to rows, with what was last said about them (the store's own definition, 1.0.3 Data 2.4.4.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from django.db import connection, transaction

from ..models import Term
from ..selectors.keys import term_key

MOST_REMEMBERED = 50_000
LANGUAGE_MAPS = ("name", "description")
Key = tuple[int, str]
_encode, _decode = msgspec.json.Encoder(order="sorted").encode, msgspec.json.Decoder().decode
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
        if known is not None and (not body or known[1] == hash(_encode(body))):
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
        said = hash(_encode(body)) if body else (before[1] if before else 0)
        _known[tenant, kind, iri] = number, said


def _bring_in(tenant: int, news: dict[Key, Any]) -> dict[Key, int]:
    keys = sorted(news, key=lambda key: (key[0], term_key(key[1])))
    numbers = [term_key(iri) for _kind, iri in keys]
    rows = _find(tenant, keys, numbers)
    if missing := [at for at, key in enumerate(keys) if key not in rows]:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO records_term (tenant_id, kind, iri_key, iri, body)"
                " SELECT %s, k, d, i, b FROM unnest(%s::smallint[], %s::uuid[], %s::text[], %s::text[]) AS u(k, d, i, b)"
                " ORDER BY k, d ON CONFLICT DO NOTHING",
                [
                    tenant, [keys[at][0] for at in missing], [numbers[at] for at in missing],
                    [keys[at][1] for at in missing],
                    [_encode(news[keys[at]]).decode() if news[keys[at]] else None for at in missing],
                ],
            )  # fmt: skip
        rows |= _find(tenant, [keys[at] for at in missing], [numbers[at] for at in missing])
    changed = {
        rows[key][0]: merged
        for key in keys
        if news[key] and (merged := _text_of(key[0], rows[key][1], news[key])) != rows[key][1]
    }
    if changed:
        _update(changed)
    return {key: rows[key][0] for key in keys}


def _find(tenant: int, keys: list[Key], numbers: list[str]) -> dict[Key, tuple[int, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, iri, id, body FROM records_term WHERE tenant_id = %s"
            " AND (kind, iri_key) IN (SELECT * FROM unnest(%s::smallint[], %s::uuid[]))",
            [tenant, [kind for kind, _iri in keys], numbers],
        )
        return {(kind, iri): (number, body) for kind, iri, number, body in cursor.fetchall()}


def _text_of(kind: int, before: str | None, now: dict[str, Any]) -> str:
    return _encode(_merged(kind, _decode(before) if before else {}, now)).decode()


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
