"""Clients that others wrote, against the running platform: both versions, and what must be refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lingqu.learning.records import api as records
from lingqu.learning.records.testing import SYSTEM, make_credential
from tests.oidc.test_relying_party import run_node

pytestmark = pytest.mark.django_db(transaction=True)


def test_clients_of_others_find_nothing_wrong(live_server: Any, settings: Any) -> None:
    settings.LINGQU_PUBLIC_URL = live_server.url
    made = {name: make_credential(name) for name in ("main", "stranger", "revoked")}
    records.revoke_credential(actor=SYSTEM, key=made["revoked"].key)
    task: dict[str, Any] = {name: {"key": one.key, "secret": one.secret} for name, one in made.items()}
    found = run_node(Path(__file__).with_name("clients.mjs"), {**task, "endpoint": f"{live_server.url}/xapi"})
    assert {name: told for name, told in found.items() if told != "ok"} == {}
    assert len(found) == 15
