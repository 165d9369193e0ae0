"""What a tool signed, believed by its own keys only. Keys behind an address are read through the guarded way out and kept."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from lingqu.foundation.oidc import api as oidc
from lingqu.kernel import outgoing
from lingqu.kernel.clock import now
from lingqu.kernel.errors import DomainError

from ..models import Tool

KEPT, PAUSE = timedelta(hours=1), timedelta(minutes=1)
"""How long fetched keys are good, and how soon a key that is not among them makes us look again."""
LONGEST = 64 * 1024


class BadToolToken(Exception):
    """Not signed by the tool, or not readable; the text is English, for the log."""


def peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims before anything is believed: only to find out whose keys to ask."""
    try:
        found = jws.extract_compact(token[:LONGEST].encode())
        claims = json.loads(found.payload)
    except (JoseError, ValueError) as error:
        raise BadToolToken("not a JWT") from error
    if not isinstance(claims, dict):
        raise BadToolToken("claims are no object")
    return dict(found.headers()), claims


def keys_for(tool: Tool, token: str) -> dict[str, Any]:
    """The tool's keys among which the signer of the token should be. A single pasted key counts whatever the tool calls it."""
    kid, at = peek(token)[0].get("kid"), now()
    if tool.jwks is not None:
        keys = tool.jwks["keys"]
        return {"keys": [{**keys[0], "kid": str(kid)}] if len(keys) == 1 and kid else keys}
    held, fetched_at = tool.fetched, tool.fetched_at
    knows = held is not None and (kid is None or any(one.get("kid") == kid for one in held["keys"]))
    age = at - fetched_at if fetched_at else None
    if age is None or age > KEPT or (not knows and age > PAUSE):
        held = _fetch(tool) or held
    if held is None:
        raise BadToolToken("the keys of the tool cannot be read")
    return dict(held)


def _fetch(tool: Tool) -> dict[str, Any] | None:
    """Keys as they stand at the tool; None when it does not answer with any. An attempt counts as one."""
    try:
        answer = outgoing.get(tool.jwks_url)
        found = oidc.read_keys(answer.body.decode("utf-8", "replace")) if answer.is_ok else None
    except DomainError:
        found = None
    values: dict[str, Any] = {"fetched_at": now()} | ({"fetched": found} if found else {})
    Tool.objects.filter(id=tool.id).update(**values)
    return found


def read(tool: Tool, token: str) -> dict[str, Any]:
    """The claims of what the tool signed. Raises :class:`BadToolToken`."""
    if len(token) > LONGEST:
        raise BadToolToken("token is too long")
    try:
        keys = KeySet.import_key_set(keys_for(tool, token))  # type: ignore[arg-type]
        return dict(jwt.decode(token, keys, algorithms=oidc.ASSERTION_ALGS).claims)
    except (JoseError, ValueError) as error:
        raise BadToolToken("the signature is not one of the tool's") from error
