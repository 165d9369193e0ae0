"""Claims as flat text, for protocols whose attributes are text: CAS and SAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PRINTABLE = frozenset("\t\n\r")


def printed(claims: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Pairs of name and text, without ``sub``, which each protocol says in its own way; lists repeat the name.

    A role is ``role`` or ``role@code`` of its organisation (``role@name`` where that has no code); of a class the id
    stands under the claim's name, and its name under ``…_names`` at the same position.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in claims.items():
        if name == "sub":
            continue
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping):
                pairs += _of_mapping(name, one)
            else:
                pairs.append((name, _text(one)))
    return tuple(pairs)


def _of_mapping(name: str, value: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "role" in value:
        place = value.get("organisation") or {}
        where = place.get("code") or place.get("name") or ""
        return [(name, _text(f"{value['role']}@{where}" if where else value["role"]))]
    return [(name, _text(value["id"])), (f"{name}_names", _text(value["name"]))]


def _text(value: Any) -> str:
    """Booleans as XML writes them; signs that XML cannot hold are left out."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "".join(sign for sign in str(value) if sign in PRINTABLE or (sign >= " " and not _is_unfit(sign)))


def _is_unfit(sign: str) -> bool:
    return "\ud800" <= sign <= "\udfff" or sign in "\ufffe\uffff"
