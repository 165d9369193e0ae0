"""Parameters of requests, read strictly: unknown ones, and those in another case, are refused (1.0.3 Communication 3.2)."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

import msgspec

from ..types.agents import check_agent
from ..types.faults import Fault
from .front import Call

LONGEST_IRI = 4_000
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?([Zz]|[+-]\d\d(:?\d\d)?)?")


def only(call: Call, *names: str) -> None:
    if unknown := sorted(set(call.parameters) - set(names)):
        raise Fault(f"unknown parameter {unknown[0][:100]}")


def _needed(call: Call, name: str) -> str:
    found = call.parameters.get(name)
    if found is None:
        raise Fault(f"the parameter {name} is missing")
    return found


def activity_of(call: Call) -> str:
    found = _needed(call, "activityId")
    if len(found) > LONGEST_IRI or not _IRI.fullmatch(found):
        raise Fault("activityId is not an IRI")
    return found


def agent_of(call: Call) -> bytes:
    """The JSON of the agent, as it was sent."""
    text = _needed(call, "agent").encode()
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Fault("the parameter agent is not JSON", "agent") from error
    check_agent(found, "agent")
    return text


def registration_of(call: Call) -> UUID | None:
    found = call.parameters.get("registration")
    if found is None:
        return None
    if not _UUID.fullmatch(found):
        raise Fault("registration is not a UUID")
    return UUID(found)


def since_of(call: Call) -> datetime | None:
    found = call.parameters.get("since")
    if found is None:
        return None
    try:
        if not _MOMENT.fullmatch(found):
            raise ValueError(found)
        moment = datetime.fromisoformat(found.upper().replace(",", "."))
    except ValueError as error:
        raise Fault("since is not a timestamp of ISO 8601") from error
    return moment if moment.tzinfo else moment.astimezone()
