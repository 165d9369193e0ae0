"""Agents and groups: their form and their one inverse functional identifier (1.0.3 Data 2.4.2; 2.0 4.2.2.1)."""

from __future__ import annotations

from typing import Any

from .faults import Fault
from .formats import is_iri, is_mbox, is_sha1

IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")
_AGENT_KEYS = frozenset({"objectType", "name", *IDENTIFIERS})
_GROUP_KEYS = _AGENT_KEYS | {"member"}
_ACCOUNT_KEYS = {"homePage", "name"}


def check_actor(value: Any, path: str) -> bool:
    """An agent or a group; whether it is a group."""
    if type(value) is not dict:
        raise Fault("must be an object", path)
    kind = value.get("objectType", "Agent")
    if kind == "Agent":
        check_agent(value, path)
        return False
    if kind == "Group":
        check_group(value, path)
        return True
    raise Fault("objectType must be Agent or Group", path + ".objectType")


def check_agent(value: Any, path: str) -> None:
    if type(value) is not dict:
        raise Fault("must be an object", path)
    if not value.keys() <= _AGENT_KEYS:
        raise unknown_key(value, _AGENT_KEYS, path)
    if "objectType" in value and value["objectType"] != "Agent":
        raise Fault("objectType must be Agent", path + ".objectType")
    if "name" in value and type(value["name"]) is not str:
        raise Fault("must be a string", path + ".name")
    if _check_identifiers(value, path) != 1:
        raise Fault("an Agent has exactly one of mbox, mbox_sha1sum, openid and account", path)


def check_group(value: Any, path: str) -> None:
    if type(value) is not dict:
        raise Fault("must be an object", path)
    if not value.keys() <= _GROUP_KEYS:
        raise unknown_key(value, _GROUP_KEYS, path)
    if value.get("objectType") != "Group":
        raise Fault("objectType must be Group", path + ".objectType")
    if "name" in value and type(value["name"]) is not str:
        raise Fault("must be a string", path + ".name")
    count = _check_identifiers(value, path)
    if count > 1:
        raise Fault("a Group has at most one of mbox, mbox_sha1sum, openid and account", path)
    members = value.get("member")
    if members is None:
        if not count or "member" in value:
            raise Fault("an anonymous Group names its members", path + ".member")
        return
    if type(members) is not list or not (members or count):
        raise Fault("must be an array of Agents", path + ".member")
    for at, one in enumerate(members):
        check_agent(one, f"{path}.member[{at}]")


def _check_identifiers(value: dict[str, Any], path: str) -> int:
    count = 0
    if "account" in value:
        count += 1
        account = value["account"]
        if type(account) is not dict:
            raise Fault("must be an object", path + ".account")
        if account.keys() != _ACCOUNT_KEYS:
            raise Fault("an account has homePage and name", path + ".account")
        if type(account["homePage"]) is not str or not is_iri(account["homePage"]):
            raise Fault("must be an IRL", path + ".account.homePage")
        if type(account["name"]) is not str or not account["name"]:
            raise Fault("must be a string", path + ".account.name")
    for name, fits, told in (
        ("mbox", is_mbox, "must be a mailto IRI"),
        ("mbox_sha1sum", is_sha1, "must be 40 hexadecimal digits"),
        ("openid", is_iri, "must be a URI"),
    ):
        if name in value:
            count += 1
            if type(value[name]) is not str or not fits(value[name]):
                raise Fault(told, f"{path}.{name}")
    return count


def identifier_of(agent: dict[str, Any]) -> str:
    """The identifier as one text, empty for an anonymous group; equal texts mean the same agent."""
    account = agent.get("account")
    if account is not None:
        return f"account\0{account['homePage']}\0{account['name']}"
    for name in ("mbox", "mbox_sha1sum", "openid"):
        if name in agent:
            return f"{name}\0{agent[name].lower() if name == 'mbox_sha1sum' else agent[name]}"
    return ""


def unknown_key(value: dict[str, Any], known: Any, path: str) -> Fault:
    key = sorted(set(value) - set(known))[0]
    return Fault("the specification has no such property here", f"{path}.{key[:100]}")
