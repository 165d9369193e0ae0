"""A statement as support may see it: form and places stay, people and what they wrote do not."""

from __future__ import annotations

from typing import Any

from .agents import IDENTIFIERS

HIDDEN = "＊＊"
_WORDS = ("response", "extensions")


def masked(value: Any) -> Any:
    """A copy. Agents keep the kind of their identifier and its beginning; answers and extensions keep their shape."""
    if isinstance(value, dict):
        if value.keys() & set(IDENTIFIERS) or value.get("objectType") in ("Agent", "Group"):
            return _agent(value)
        return {name: _shape(part) if name in _WORDS else masked(part) for name, part in value.items()}
    if isinstance(value, list):
        return [masked(one) for one in value]
    return value


def label_of(agent: dict[str, Any]) -> str:
    """A short masked name of an agent."""
    hidden = _agent(agent)
    account = hidden.get("account") or {}
    found = hidden.get("name") or account.get("name") or hidden.get("mbox") or hidden.get("mbox_sha1sum") or HIDDEN
    return str(found)


def _agent(agent: dict[str, Any]) -> dict[str, Any]:
    made = dict(agent)
    if "name" in made:
        made["name"] = str(made["name"])[:1] + HIDDEN
    if isinstance(made.get("account"), dict):
        account = made["account"]
        made["account"] = {"homePage": account.get("homePage"), "name": str(account.get("name"))[:2] + HIDDEN}
    if "mbox" in made:
        made["mbox"] = "mailto:" + HIDDEN + "@" + str(made["mbox"]).rpartition("@")[2]
    for name in ("mbox_sha1sum", "openid"):
        if name in made:
            made[name] = str(made[name])[:6] + HIDDEN
    if isinstance(made.get("member"), list):
        made["member"] = [_agent(one) if isinstance(one, dict) else HIDDEN for one in made["member"]]
    return made


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_shape(one) for one in value[:20]]
    return f"{HIDDEN}({len(value)})" if isinstance(value, str) else value
