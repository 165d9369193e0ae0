"""Stored bodies back to statements: references to faces become agents again, and the store adds what it knows."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection

from lingqu.kernel import crypto

REMEMBERED_SECONDS, MOST_REMEMBERED = 60.0, 50_000
_decode = msgspec.json.Decoder().decode
_faces: dict[int, dict[str, Any]] = {}
_since = 0.0


def restored(bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Statements with their agents; the given bodies stay as they are. One query for all faces that are not remembered."""
    needed = set(_references(bodies))
    faces = faces_of(needed)
    return [_with_faces(body, faces) for body in bodies]


def faces_of(ids: set[int]) -> dict[int, dict[str, Any]]:
    """Agents by face; one whose person was erased is nobody any more."""
    global _since
    at = time.monotonic()
    if at - _since > REMEMBERED_SECONDS or len(_faces) > MOST_REMEMBERED:
        _faces.clear()
        _since = at
    found = {one: _faces[one] for one in ids if one in _faces}
    if missing := [one for one in ids if one not in found]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, sealed FROM records_face WHERE id = ANY(%s)", [missing])
            rows = cursor.fetchall()
        made = {number: _decode(crypto.unseal(sealed)) for number, sealed in rows}
        _faces.update(made)
        found |= made
    return {one: found.get(one) or _nobody(one) for one in ids}


def forget_faces() -> None:
    _faces.clear()


def _nobody(face: int) -> dict[str, Any]:
    account = {"homePage": f"{settings.LINGQU_PUBLIC_URL}/erased", "name": str(face)}
    return {"objectType": "Agent", "account": account}


def _references(value: Any) -> Iterable[int]:
    waiting = list(value)
    while waiting:
        one = waiting.pop()
        if type(one) is dict:
            if "$" in one:
                yield one["$"]
            for name, part in one.items():
                if (type(part) is dict or type(part) is list) and name not in ("extensions", "definition"):
                    waiting.append(part)
        elif type(one) is list:
            waiting.extend(one)


def _with_faces(value: dict[str, Any], faces: dict[int, dict[str, Any]]) -> dict[str, Any]:
    face = value.get("$")
    if face is not None:
        made = dict(faces[face])
        if "member" in value:
            made["member"] = [_with_faces(member, faces) for member in value["member"]]
        return made
    made = {}
    for name, part in value.items():
        if name not in ("extensions", "definition"):
            if type(part) is dict:
                part = _with_faces(part, faces)
            elif type(part) is list:
                part = [_with_faces(one, faces) if type(one) is dict else one for one in part]
        made[name] = part
    return made
