"""Parameters of requests, read strictly: unknown ones, and those in another case, are refused (1.0.3 Communication 3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ..types.agents import check_agent
from ..types.faults import Fault
from ..types.formats import is_iri, is_uuid, moment_of
from ..types.jsontext import read_json
from ..types.versions import V2
from .front import Call

LONGEST_IRI = 4_000


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
    if len(found) > LONGEST_IRI or not is_iri(found):
        raise Fault("activityId is not an IRI")
    return found


def agent_of(call: Call) -> dict[str, Any]:
    found = read_json(_needed(call, "agent").encode(), "the parameter agent")
    check_agent(found, "agent")
    agent: dict[str, Any] = found
    return agent


def registration_of(call: Call) -> UUID | None:
    found = call.parameters.get("registration")
    if found is None:
        return None
    if not is_uuid(found):
        raise Fault("registration is not a UUID")
    return UUID(found)


def since_of(call: Call) -> datetime | None:
    found = call.parameters.get("since")
    if found is None:
        return None
    moment = moment_of(found, needs_offset=call.version == V2)
    if moment is None:
        raise Fault("since is not a timestamp of ISO 8601")
    return moment
