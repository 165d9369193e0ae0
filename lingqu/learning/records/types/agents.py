"""An agent of a parameter: exactly one identifier, well formed (1.0.3 Data 2.4.2)."""

from __future__ import annotations

import re
from typing import Any

from .faults import Fault

IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")
_MBOX = re.compile(r"mailto:[^\s@<>\"]+@[^\s@<>\"]+")
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]+")


def check_agent(value: Any, path: str) -> None:
    """Raises :class:`Fault` with the place below ``path``."""
    if not isinstance(value, dict):
        raise Fault("an agent is a JSON object", path)
    if value.get("objectType", "Agent") != "Agent":
        raise Fault("objectType is not Agent", f"{path}.objectType")
    if unknown := sorted(set(value) - {"objectType", "name", *IDENTIFIERS}):
        raise Fault(f"an agent has no property {unknown[0][:100]}", path)
    if not isinstance(value.get("name", ""), str):
        raise Fault("name is not a string", f"{path}.name")
    given = [name for name in IDENTIFIERS if name in value]
    if len(given) != 1:
        raise Fault("an agent has exactly one of mbox, mbox_sha1sum, openid, account", path)
    if not _is_identifier(given[0], value[given[0]]):
        raise Fault(f"{given[0]} is malformed", f"{path}.{given[0]}")


def identifier_of(agent: dict[str, Any]) -> str:
    """The identifier of a checked agent as one text."""
    if "account" in agent:
        return f"account {agent['account']['homePage']} {agent['account']['name']}"
    name = next(name for name in IDENTIFIERS if name in agent)
    return f"{name} {agent[name]}"


def _is_identifier(name: str, value: Any) -> bool:
    if name == "account":
        return (
            isinstance(value, dict)
            and set(value) == {"homePage", "name"}
            and all(isinstance(one, str) and one for one in value.values())
            and bool(_IRI.fullmatch(value["homePage"]))
        )
    pattern = {"mbox": _MBOX, "mbox_sha1sum": _SHA1, "openid": _IRI}[name]
    return isinstance(value, str) and bool(pattern.fullmatch(value))
