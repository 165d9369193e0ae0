"""Credentials, versions, headers and refusals: what every resource shares."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lingqu.kernel.errors import Forbidden
from lingqu.kernel.testing import actor_with

from ..models import Refusal
from ..services.credentials import create_credential, revoke_credential
from ..testing import SYSTEM, Lrs, make_credential
from ..types import rights

pytestmark = pytest.mark.django_db


def test_a_credential_opens_until_it_is_revoked() -> None:
    made = make_credential()
    lrs = Lrs(made)
    assert lrs.ask("GET", "statements").status_code == 200
    revoke_credential(actor=SYSTEM, key=made.key)
    refused = lrs.ask("GET", "statements")
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, 'Basic realm="xAPI"')


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!", "Bearer abc", "Basic Zm9vOmJhcg==", "Basic AAAA", "Basic Zm9v"]
)
def test_nobody_else_enters(header: str) -> None:
    lrs = Lrs()
    assert lrs.ask("GET", "statements", Authorization=header).status_code == 401


@pytest.mark.parametrize(
    ("asked", "status", "answered"),
    [
        ("", 400, "2.0.0"), ("1.0", 200, "1.0.3"), ("1.0.3", 200, "1.0.3"), ("1.0.9", 200, "1.0.3"),
        ("2.0", 200, "2.0.0"), ("2.0.0", 200, "2.0.0"), ("1.1", 400, "2.0.0"), ("3.0.0", 400, "2.0.0"), ("0.9", 400, "2.0.0"),
    ],
)  # fmt: skip
def test_the_version_is_asked_for_and_answered(asked: str, status: int, answered: str) -> None:
    answer = Lrs().ask("GET", "statements", **{"X-Experience-API-Version": asked})
    assert (answer.status_code, answer["X-Experience-API-Version"]) == (status, answered)
    assert answer["X-Experience-API-Consistent-Through"].endswith("Z")


def test_the_version_of_answers_to_no_version_is_a_setting(settings: Any) -> None:
    settings.LINGQU_XAPI_DEFAULT_VERSION = "1.0.3"
    answer = Lrs().ask("GET", "statements", **{"X-Experience-API-Version": ""})
    assert (answer.status_code, answer["X-Experience-API-Version"]) == (400, "1.0.3")


def test_scopes_bound_what_a_credential_does() -> None:
    reader, writer = Lrs(make_credential(scopes=("all/read",))), Lrs(make_credential(scopes=("statements/write",)))
    assert reader.ask("GET", "statements").status_code == 200
    assert reader.ask("POST", "statements", []).status_code == 403
    assert writer.ask("GET", "statements").status_code == 403


def test_refusals_are_kept_for_developers_without_what_was_sent() -> None:
    lrs = Lrs()
    answer = lrs.ask("POST", "statements", [{"actor": {"mbox": "mailto:a@example.org"}, "verb": 3}])
    assert answer.status_code == 400
    error = json.loads(answer.content)["error"]
    row = Refusal.objects.get()
    assert (row.method, row.resource, row.status, row.path) == ("POST", "/xapi/statements", 400, error["path"])
    assert error["path"].startswith("$[0]")
    assert "a@example.org" not in row.message


def test_only_who_may_keep_credentials_makes_them() -> None:
    assert create_credential(actor=actor_with(rights.KEEP, path="n001"), name="x").key
    with pytest.raises(Forbidden):
        create_credential(actor=actor_with("registry.person.view", path="n001"), name="x")
