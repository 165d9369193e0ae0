"""Learning records: every role × every action, in the own county and in another one. A refusal writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client

from lingqu.foundation.applications import testing as applications
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.identity.roles import ROLES
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.models import AuditEntry
from lingqu.learning.records import api as records
from lingqu.learning.records.models import (
    Actor,
    Course,
    Credential,
    DeadLetter,
    Forward,
    Registration,
    Session,
    Statement,
    UnitState,
)
from lingqu.learning.records.services import forwarding
from lingqu.learning.records.testing import SYSTEM, Lrs, make_course, make_credential, make_statement

from .world import Node, actor_of, build_world

pytestmark = pytest.mark.django_db


@dataclass(slots=True)
class Given:
    """What a county has: an application with a credential, a statement of the pupil, a course that the pupil learns, a forward."""

    app: Any
    key: str
    tenant: int
    number: str
    course: Course
    registration: UUID
    forward: int
    letter: int
    node: Node


def given(node: Node) -> Given:
    app = applications.make_application(f"记录{node.school.code}", organisation=node.county, adopted_by=[node.school])
    made = make_credential("x", application_id=app.id, organisation_id=node.school.id)
    number = str(uuid4())
    lrs = Lrs(made)
    assert lrs.ask("PUT", "statements", make_statement(node.pupil.number), {"statementId": number}).status_code == 204
    assert lrs.ask("POST", "statements", {"broken": 1}).status_code == 400
    tenant = Credential.objects.get(key=made.key).tenant_id
    Actor.objects.filter(tenant_id=tenant).update(person=node.pupil)
    course = make_course(node.school)
    registration = Registration.objects.create(
        id=uuid4(), course=course, person=node.pupil, actor_name=node.pupil.number
    )
    forward = forwarding.add_forward(
        actor=SYSTEM, tenant_id=tenant, name="上级", endpoint="https://store.example/xapi", key="k", secret="s", version="2.0.0",
        from_start=True,
    )  # fmt: skip
    letter = DeadLetter.objects.create(forward_id=forward, statement=uuid4(), status=400)
    return Given(app, made.key, tenant, number, course, registration.pk, forward, letter.pk, node)


def page(method: str, address: Callable[[Given], str], **data: Any) -> Callable[[Client, Any, Given], bool]:
    """Whether a request is answered otherwise than with a refusal."""

    def ask(client: Client, _actor: Any, to: Given) -> bool:
        values = {name: value(to) if callable(value) else value for name, value in data.items()}
        answer = getattr(client, method)(address(to), values)
        assert answer.status_code in (200, 302, 303, 403, 404, 422), (address(to), answer.status_code)
        return answer.status_code < 400 or answer.status_code == 422

    return ask


def erase(_client: Client, actor: Any, to: Given) -> bool:
    try:
        records.erase_person(actor=actor, person_id=to.node.pupil.id)
    except Forbidden:
        return False
    return True


def _app(to: Given) -> str:
    return f"/applications/{to.app.client_id}/records"


def _course(to: Given) -> str:
    return f"/courses/{to.course.id}"


def _own(to: Given) -> str:
    return f"/learning-record/{to.node.pupil.number}"


ACTIONS: dict[str, Callable[[Client, Any, Given], bool]] = {
    "credential.see": page("get", _app),
    "credential.make": page("post", lambda to: f"{_app(to)}/credentials", place=lambda to: to.node.school.code),
    "credential.exchange": page("post", lambda to: f"{_app(to)}/credentials/{to.key}/rotate"),
    "credential.revoke": page("post", lambda to: f"{_app(to)}/credentials/{to.key}/revoke"),
    "errors.see": page("get", lambda to: f"{_app(to)}/errors"),
    "statements.list": page("get", lambda to: f"/records/statements?tenant={to.tenant}"),
    "statement.see": page("get", lambda to: f"/records/statements/{to.tenant}/{to.number}"),
    "record.see": page("get", _own),
    "record.export": page("get", lambda to: f"{_own(to)}/export"),
    "course.see": page("get", _course),
    "course.launch": page("post", lambda to: f"{_course(to)}/units/0/launch"),
    "course.close": page("post", lambda to: f"{_course(to)}/close"),
    "course.waive": page(
        "post", lambda to: f"{_course(to)}/learners/{to.registration}/waive", unit="0", reason="Administrative"
    ),
    "forward.see": page("get", lambda to: "/records/forwards"),
    "forward.pause": page("post", lambda to: f"/records/forwards/{to.forward}/switch", on="0"),
    "forward.end": page("post", lambda to: f"/records/forwards/{to.forward}/end"),
    "letter.retry": page("post", lambda to: f"/records/letters/{to.letter}/retry"),
    "erase": erase,
}  # fmt: skip
KEEPING = {"credential.see", "credential.make", "credential.exchange", "credential.revoke", "errors.see"}
SUPPORT = {"statements.list", "statement.see"}
LEARNING = {"course.see", "course.launch"}
RUNNING = {"course.see", "course.close", "course.waive"}
MAY: dict[str, set[str]] = {
    "county_admin": KEEPING | SUPPORT | RUNNING, "school_admin": SUPPORT | RUNNING | LEARNING,
    "academic_director": RUNNING | LEARNING, "guardian": {"record.see", "record.export"},
    **dict.fromkeys(("class_teacher", "deputy_principal", "moral_director", "principal", "student", "teacher"), LEARNING),
}  # fmt: skip
"""In the own county; every role that is not named may nothing. Pupils see their own record at the address without a number."""
TOP = "system_admin of the platform"
EVERYWHERE = {TOP: KEEPING | {"forward.see", "forward.pause", "forward.end", "letter.retry", "erase"}}
"""What holds in every county."""


def counted() -> tuple[Any, ...]:
    kept = (AuditEntry, Credential, Course, Registration, Session, UnitState, Statement, Forward, DeadLetter, Actor)
    states = (
        Credential.objects.filter(revoked_at=None).count(), Course.objects.filter(closed_at=None).count(),
        Forward.objects.filter(is_on=True).count(),
    )  # fmt: skip
    return (*(model.objects.count() for model in kept), *states)


def test_what_each_role_may_at_home_and_nowhere_else(settings: Any) -> None:
    settings.LINGQU_OUTGOING_ALLOW = []
    world = build_world()
    world.accounts[TOP] = testing.duty_account("system_admin")
    places = {"own": given(world.own), "other": given(world.other)}
    wrong = []
    for role in [*sorted(ROLES), TOP]:
        forget_standings()
        actor = actor_of(world.accounts[role], "system_admin" if role == TOP else role)
        client = testing.signed_in(world.accounts[role])
        for name, action in ACTIONS.items():
            for place, to in places.items():
                with transaction.atomic():
                    before = counted()
                    done = action(client, actor, to)
                    may = name in EVERYWHERE.get(role, set()) or (place == "own" and name in MAY.get(role, set()))
                    if done is not may:
                        wrong.append((role, name, place, "done" if done else "refused"))
                    if not done and counted() != before:
                        wrong.append((role, name, place, "left a trace"))
                    transaction.set_rollback(True)
    assert wrong == []
