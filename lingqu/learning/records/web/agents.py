"""The resources that tell what is known of an agent and of an activity (1.0.3 Communication 2.4, 2.5; 2.0 4.1.6.3, 4.1.6.4)."""

from __future__ import annotations

from django.http import HttpResponse

from ..selectors.activities import activity_at
from ..selectors.persons import person_of
from ..services.agents import find_actor
from ..types import scopes
from .front import Call, as_json, resource
from .parameters import activity_of, agent_of, only


def _person(call: Call) -> HttpResponse:
    only(call, "agent")
    agent, tenant = agent_of(call), call.caller.tenant
    return as_json(person_of(tenant, agent, find_actor(tenant, agent)))


def _activity(call: Call) -> HttpResponse:
    only(call, "activityId")
    return as_json(activity_at(call.caller.tenant, activity_of(call)))


agents = resource(scopes.READ, GET=_person)
activities = resource(scopes.READ, GET=_activity)
