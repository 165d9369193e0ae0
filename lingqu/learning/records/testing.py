"""Factories of the records."""

from __future__ import annotations

import base64
from typing import Any
from uuid import uuid4

import msgspec
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lingqu.foundation.applications import testing as applications
from lingqu.kernel.actor import Actor

from .models import Course, Credential
from .services.courses import import_course
from .services.credentials import create_credential
from .types.scopes import ALL
from .types.values import NewCredential

SYSTEM = Actor.system("tests")


def make_credential(name: str = "suite", scopes: tuple[str, ...] = (ALL,), **where: Any) -> NewCredential:
    return create_credential(actor=SYSTEM, name=name, scopes=scopes, **where)


class Lrs:
    """A client of the interface with one credential."""

    def __init__(self, made: NewCredential | None = None, version: str = "2.0.0") -> None:
        made = made or make_credential()
        pair = base64.b64encode(f"{made.key}:{made.secret}".encode()).decode()
        self.client = Client(raise_request_exception=True)
        self.headers = {"Authorization": f"Basic {pair}", "X-Experience-API-Version": version}

    def ask(self, method: str, address: str, body: Any = None, parameters: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        kind = headers.pop("content_type", "application/json")
        given = {name: value for name, value in {**self.headers, **headers}.items() if value}
        return self.client.generic(
            method, f"/xapi/{address}", data, kind, query_params=parameters or {}, headers=given
        )  # fmt: skip


def statement(
    actor: str = "u1",
    verb: str = "completed",
    activity: str = "unit-1",
    parent: str = "",
    instructor: str = "",
    registration: str = "",
) -> dict[str, Any]:
    """A valid statement in which agents are accounts and everything is written out."""

    def agent(name: str) -> dict[str, Any]:
        return {
            "objectType": "Agent",
            "name": f"学生{name}",
            "account": {"homePage": "https://id.example.edu.cn", "name": name},
        }

    def thing(name: str) -> dict[str, Any]:
        return {"objectType": "Activity", "id": f"https://edu.example.cn/activity/{name}"}

    context: dict[str, Any] = {}
    if parent:
        context["contextActivities"] = {"parent": [thing(parent)]}
    if instructor:
        context["instructor"] = agent(instructor)
    if registration:
        context["registration"] = registration
    definition = {
        "name": {"zh-CN": "单元练习", "en": "Unit quiz"},
        "type": "http://adlnet.gov/expapi/activities/assessment",
    }
    return {
        "actor": agent(actor),
        "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}", "display": {"zh-CN": "做完", "en": "completed"}},
        "object": {**thing(activity), "definition": definition},
        "result": {"score": {"scaled": 0.5}, "success": True, "response": "甲", "duration": "PT1M30.5S"},
        **({"context": context} if context else {}),
    }  # fmt: skip


def make_course(organisation: Any, title: str = "分数") -> Course:
    """A course of one unit that lies elsewhere."""
    text = f'<langstring lang="zh-CN">{title}</langstring>'
    words = f"<title>{text}</title><description>{text}</description>"
    unit = f'<au id="https://a.example/au/1" moveOn="Completed">{words}<url>https://a.example/au/1/</url></au>'
    head = '<?xml version="1.0"?><courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">'
    whole = f'{head}<course id="https://a.example/course">{words}</course>{unit}</courseStructure>'
    number = import_course(
        actor=SYSTEM, organisation=organisation, uploaded=SimpleUploadedFile("cmi5.xml", whole.encode())
    )  # fmt: skip
    return Course.objects.get(id=number)


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """An application of each county with a credential and a statement."""
    pairs = [_at(node) for node in (world.own, world.other)]
    apps = [{"client_id": app.client_id} for app, _key, _tenant, _number in pairs]
    found = {f"records:{name}": (apps[0], apps[1]) for name in ("credentials", "make", "errors")}
    keyed = [{"client_id": app.client_id, "key": key} for app, key, _tenant, _number in pairs]
    found |= {f"records:{name}": (keyed[0], keyed[1]) for name in ("rotate", "revoke")}
    seen = [{"tenant_id": tenant, "number": number} for _app, _key, tenant, number in pairs]
    return found | {"records:statement": (seen[0], seen[1])}


def _at(node: Any) -> tuple[Any, str, int, str]:
    app = applications.make_application(f"记录{node.school.code}", organisation=node.county)
    made = make_credential("x", application_id=app.id, organisation_id=node.school.id)
    number = str(uuid4())
    answer = Lrs(made).ask("PUT", "statements", make_statement(), {"statementId": number})
    assert answer.status_code == 204, answer.content
    tenant = Credential.objects.values_list("tenant_id", flat=True).get(key=made.key)
    return app, made.key, tenant, number


def make_statement(name: str = "u1", verb: str = "completed", **more: Any) -> dict[str, Any]:
    """A valid statement of an account of an application."""
    return {
        "actor": {"account": {"homePage": "https://app.example", "name": name}, "name": "周禾"},
        "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}", "display": {"zh-CN": "完成", "en": "completed"}},
        "object": {
            "id": "https://app.example/lessons/1",
            "definition": {"name": {"zh-CN": "分数的意义"}, "type": "urn:lingqu:xapi:type:lesson"},
        },
        **more,
    }  # fmt: skip
