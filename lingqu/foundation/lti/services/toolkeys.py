"""What a tool signed, believed by its own keys only. Keys behind an address are read through the guarded way out and kept."""

from __future__ import annotations

import json
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from lingqu.foundation.oidc import api as oidc
from lingqu.kernel import fetched_keys, outgoing
from lingqu.kernel.errors import DomainError
from lingqu.kernel.fetched_keys import Kept

from ..models import Tool

LONGEST = 64 * 1024


class BadToolToken(Exception):
    """Not signed by the tool, or not readable; the text is English, for the log."""


class KeysGone(BadToolToken):
    """The tool has not shown its keys for so long that those we had are no longer believed."""


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
    kid = peek(token)[0].get("kid")
    if tool.jwks is not None:
        keys = tool.jwks["keys"]
        return {"keys": [{**keys[0], "kid": str(kid)}] if len(keys) == 1 and kid else keys}
    try:
        return fetched_keys.current(
            Kept(keys=tool.fetched, read_at=tool.read_at or tool.fetched_at, tried_at=tool.fetched_at), kid=kid,
            fetch=lambda: _fetch(tool), keep=lambda kept: _keep(tool, kept),
        )  # fmt: skip
    except fetched_keys.KeysUnreadable as fault:
        raise KeysGone(str(fault)) from fault


def _fetch(tool: Tool) -> dict[str, Any] | None:
    """Keys as they stand at the tool; None when it does not answer with any."""
    try:
        answer = outgoing.get(tool.jwks_url)
        return oidc.read_keys(answer.body.decode("utf-8", "replace")) if answer.is_ok else None
    except DomainError:
        return None


def _keep(tool: Tool, kept: Kept) -> None:
    Tool.objects.filter(id=tool.id).update(fetched=kept.keys, read_at=kept.read_at, fetched_at=kept.tried_at)


def read(tool: Tool, token: str) -> dict[str, Any]:
    """The claims of what the tool signed. Raises :class:`BadToolToken`."""
    if len(token) > LONGEST:
        raise BadToolToken("token is too long")
    try:
        keys = KeySet.import_key_set(keys_for(tool, token))  # type: ignore[arg-type]
        return dict(jwt.decode(token, keys, algorithms=oidc.ASSERTION_ALGS).claims)
    except (JoseError, ValueError) as error:
        raise BadToolToken("the signature is not one of the tool's") from error
