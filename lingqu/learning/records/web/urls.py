"""Addresses of the interface. None has a parameter, so each takes the short way."""

from __future__ import annotations

from django.urls import path

from . import content, courses, credentials, forwards, own, support
from .about import about
from .agents import activities, agents
from .documents import activity_profile, agent_profile, state
from .profile import profile
from .statements import statements

app_name = "records"
urlpatterns = [
    path("xapi/statements", statements, name="statements"),
    path("xapi/agents", agents, name="agents"),
    path("xapi/activities", activities, name="activities"),
    path("xapi/about", about, name="about"),
    path("xapi/activities/state", state, name="state"),
    path("xapi/activities/profile", activity_profile, name="activity_profile"),
    path("xapi/agents/profile", agent_profile, name="agent_profile"),
    path("applications/<str:client_id>/records", credentials.page, name="credentials"),
    path("applications/<str:client_id>/records/credentials", credentials.make, name="make"),
    path("applications/<str:client_id>/records/credentials/<str:key>/rotate", credentials.rotate, name="rotate"),
    path("applications/<str:client_id>/records/credentials/<str:key>/revoke", credentials.revoke, name="revoke"),
    path("applications/<str:client_id>/records/errors", credentials.errors, name="errors"),
    path("cmi5/fetch", content.fetch, name="fetch"),
    path("cmi5/content/<str:token>/<path:name>", content.content, name="content"),
    path("courses", courses.listing, name="courses"),
    path("courses/add", courses.add, name="course_add"),
    path("courses/<uuid:course_id>", courses.page, name="course"),
    path("courses/<uuid:course_id>/close", courses.close, name="course_close"),
    path("courses/<uuid:course_id>/units/<int:place>/launch", courses.launch, name="course_launch"),
    path("courses/<uuid:course_id>/learners/<uuid:registration_id>/waive", courses.waive, name="course_waive"),
    path("learning-record", own.record, name="own"),
    path("learning-record/export", own.export, name="own_export"),
    path("learning-record/<str:number>", own.record, name="own_of"),
    path("learning-record/<str:number>/export", own.export, name="own_export_of"),
    path("records/forwards", forwards.listing, name="forwards"),
    path("records/forwards/<int:forward_id>/switch", forwards.switch, name="forward_switch"),
    path("records/forwards/<int:forward_id>/end", forwards.end, name="forward_end"),
    path("records/letters/<int:letter_id>/retry", forwards.retry, name="letter_retry"),
    path("records/statements", support.statements, name="statements_seen"),
    path("records/statements/<int:tenant_id>/<uuid:number>", support.statement, name="statement"),
    path("xapi/profile", profile, name="profile"),
]
