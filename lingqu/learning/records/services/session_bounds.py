"""What a unit may ask of the interface while its session lasts (cmi5 8.1, 10.2.1, 11)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from lingqu.kernel.clock import now

from ..cmi5 import names
from ..cmi5.session import same_agent
from ..models import Session
from ..selectors.courses import activity_id, agent_of
from ..types.documents import is_json
from ..types.faults import Denied
from ..types.values import Caller

_LANGUAGES = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*(\s*,\s*[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)*")
STATEMENTS, STATE, AGENT_PROFILE = "/xapi/statements", "/xapi/activities/state", "/xapi/agents/profile"
OPEN = frozenset({"/xapi/about", "/xapi/activities", "/xapi/activities/profile"})


def check_request(
    caller: Caller, resource: str, method: str, parameters: Mapping[str, str], content_type: str, body: bytes
) -> None:
    """Raises :class:`Denied`. Statements that are written are judged one by one elsewhere."""
    row = Session.objects.select_related("registration__course").get(pk=caller.session_id)
    if row.ended_at is not None:
        raise Denied("the session is over")
    registration = row.registration
    _check_agent(parameters, agent_of(registration))
    if parameters.get("registration", str(registration.id)).lower() != str(registration.id):
        raise Denied("registration is not that of the launch")
    if resource == STATEMENTS and method in ("GET", "HEAD") and "registration" not in parameters:
        raise Denied("a unit reads the statements of its registration: name it")
    if resource == STATE:
        about = activity_id(registration.course_id, f"units/{row.place}")
        _check_state(parameters, method, about, str(registration.id))
    elif resource == AGENT_PROFILE:
        _check_preferences(row, parameters, method, content_type, body)
    elif resource not in (STATEMENTS, "/xapi/agents") and resource not in OPEN:
        raise Denied("a unit has nothing to ask here")


def _check_agent(parameters: Mapping[str, str], expected: Mapping[str, Any]) -> None:
    if "agent" not in parameters:
        return
    try:
        found = msgspec.json.decode(parameters["agent"].encode())
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    if not same_agent(found, expected):
        raise Denied("agent is not the actor of the launch", "agent")


def _check_state(parameters: Mapping[str, str], method: str, about: str, registration: str) -> None:
    if "activityId" in parameters and parameters["activityId"] != about:
        raise Denied("activityId is not that of the launch")
    if "agent" in parameters and "registration" not in parameters:
        raise Denied("registration is missing")
    only_data = parameters.get("stateId", names.LAUNCH_DATA if method == "DELETE" else "") == names.LAUNCH_DATA
    if only_data and method not in ("GET", "HEAD"):
        raise Denied("LMS.LaunchData is the platform's")


def _check_preferences(
    row: Session, parameters: Mapping[str, str], method: str, content_type: str, body: bytes
) -> None:  # fmt: skip
    if parameters.get("profileId") != names.PREFERENCES or "agent" not in parameters:
        return
    if method in ("GET", "HEAD"):
        if row.preferences_at is None:
            Session.objects.filter(id=row.id).update(preferences_at=now())
        return
    if method == "DELETE":
        raise Denied("learner preferences are not deleted by a unit")
    try:
        found = msgspec.json.decode(body) if is_json(content_type) else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = None
    if not (
        isinstance(found, dict)
        and found.get("audioPreference") in ("on", "off")
        and isinstance(found.get("languagePreference"), str)
        and _LANGUAGES.fullmatch(found["languagePreference"].strip())
    ):
        raise Denied("learner preferences have languagePreference and audioPreference", "$")
