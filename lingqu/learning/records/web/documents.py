"""State, profiles of agents and profiles of activities: one resource in three places (1.0.3 Communication 2.2 to 2.7;
2.0 4.1.6.2, 4.1.6.5, 4.1.6.6)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import http_date

from ..selectors.documents import find_document, list_names
from ..services import documents
from ..services.agents import find_actor
from ..types import scopes
from ..types.documents import (
    ACTIVITY_PROFILE,
    AGENT_PROFILE,
    LONGEST_NAME,
    STATE,
    Conditions,
    Document,
    Place,
    names_tag,
)
from ..types.faults import Fault, Missing
from .front import Call, as_json, resource
from .parameters import activity_of, agent_of, only, registration_of, since_of

PARAMETERS = {
    STATE: ("activityId", "agent", "registration", "stateId"),
    AGENT_PROFILE: ("agent", "profileId"),
    ACTIVITY_PROFILE: ("activityId", "profileId"),
}
Handler = Callable[[Call], HttpResponse]


def _reading(kind: int) -> Handler:
    def read(call: Call) -> HttpResponse:
        only(call, *PARAMETERS[kind], "since")
        place, since, name = _place(call, kind), since_of(call), _name(call, kind)
        actor_id = find_actor(place.tenant, dict(place.agent)) if place.agent else None
        is_known = actor_id is not None or not place.agent
        if name is None:
            return as_json(list_names(place, actor_id, since) if is_known else [])
        if since is not None:
            raise Fault("since is for lists of names")
        found = find_document(place, actor_id, name) if is_known else None
        if found is None:
            raise Missing("there is no such document")
        return _shown(call, found)

    return read


def _writing(kind: int, write: Callable[..., None]) -> Handler:
    def save(call: Call) -> HttpResponse:
        only(call, *PARAMETERS[kind])
        place, name = _place(call, kind), _name(call, kind)
        if name is None:
            raise Fault(f"the parameter {PARAMETERS[kind][-1]} is missing")
        content_type = call.headers.get("Content-Type") or "application/octet-stream"
        write(place, name, content_type=content_type, body=call.body, asked=_conditions(call))
        return HttpResponse(status=204)

    return save


def _deleting(kind: int) -> Handler:
    def delete(call: Call) -> HttpResponse:
        only(call, *PARAMETERS[kind])
        place, name = _place(call, kind), _name(call, kind)
        if name is not None:
            documents.delete_document(place, name, asked=_conditions(call))
        elif kind == STATE:
            documents.delete_documents(place)
        else:
            raise Fault("the parameter profileId is missing")
        return HttpResponse(status=204)

    return delete


def _shown(call: Call, found: Document) -> HttpResponse:
    condition = call.headers.get("If-None-Match")
    if condition is not None and names_tag(condition, found.etag):
        answer = HttpResponse(status=304)
        del answer["Content-Type"]
    else:
        answer = HttpResponse(found.body, content_type=found.content_type)
    answer.headers["ETag"] = f'"{found.etag}"'
    answer.headers["Last-Modified"] = http_date(found.stored_at.timestamp())
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _place(call: Call, kind: int) -> Place:
    registration: UUID | None = registration_of(call) if kind == STATE else None
    return Place(
        kind=kind, tenant=call.caller.tenant,
        agent=agent_of(call) if kind != ACTIVITY_PROFILE else {},
        activity=activity_of(call) if kind != AGENT_PROFILE else "", registration=registration,
    )  # fmt: skip


def _name(call: Call, kind: int) -> str | None:
    name = call.parameters.get(PARAMETERS[kind][-1])
    if name is not None and (not name or len(name) > LONGEST_NAME or "\0" in name):
        raise Fault(f"{PARAMETERS[kind][-1]} has 1 to {LONGEST_NAME} characters")
    return name


def _conditions(call: Call) -> Conditions:
    return Conditions(
        version=call.version, if_match=call.headers.get("If-Match"), if_none_match=call.headers.get("If-None-Match")
    )


def _resource(kind: int, scope: str) -> Callable[..., HttpResponse]:
    return resource(
        scope, GET=_reading(kind), PUT=_writing(kind, documents.put_document),
        POST=_writing(kind, documents.post_document), DELETE=_deleting(kind),
    )  # fmt: skip


state = _resource(STATE, scopes.STATE)
agent_profile = _resource(AGENT_PROFILE, scopes.PROFILE)
activity_profile = _resource(ACTIVITY_PROFILE, scopes.PROFILE)
