"""The door for modules, and who actors are."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from lingqu.foundation.applications.testing import make_application
from lingqu.foundation.registry.testing import make_person
from lingqu.kernel.errors import Invalid, NotFound

from .. import api as records
from ..cli import import_statements
from ..models import Actor, Refusal, Statement
from ..services.linking import link_actors
from ..testing import Lrs, make_credential, statement

pytestmark = pytest.mark.django_db


def test_modules_record_once_within_their_own_transaction() -> None:
    number = str(uuid4())
    sent = [statement(actor="u1") | {"id": number}, statement(actor="u2")]
    assert records.record("classroom", sent)[0] == number
    assert records.record("classroom", sent[:1]) == [number]
    assert Statement.objects.count() == 2
    with pytest.raises(RuntimeError), transaction.atomic():
        records.record("classroom", [statement(actor="u3")])
        raise RuntimeError
    assert Statement.objects.count() == 2
    assert sent[0]["actor"]["name"] == "学生u1"  # what the caller holds is not changed


def test_modules_are_told_what_is_wrong_and_nothing_is_stored() -> None:
    with pytest.raises(records.Fault) as refused:
        records.record("classroom", [statement(), statement() | {"verb": {"id": "x"}}])
    assert refused.value.path == "$[1].verb.id"
    assert (Statement.objects.count(), Refusal.objects.count()) == (0, 0)


def test_nobody_signs_in_with_the_credential_of_a_module() -> None:
    records.record("classroom", [statement()])
    made = make_credential()
    lrs = Lrs(made)
    for secret in ("", "classroom"):
        import base64

        pair = base64.b64encode(f"classroom:{secret}".encode()).decode()
        assert lrs.ask("GET", "statements", Authorization=f"Basic {pair}").status_code == 401


def test_actors_become_persons_by_number_and_by_the_applications_own_id(settings: Any) -> None:
    pupil, app = make_person(name="周禾"), make_application()
    lrs = Lrs(make_credential(application_id=app.id))
    account = {"homePage": settings.LINGQU_PUBLIC_URL, "name": pupil.number}
    elsewhere = {"homePage": "https://other.example", "name": pupil.number}
    lrs.ask("POST", "statements", [statement() | {"actor": {"account": one}} for one in (account, elsewhere)])
    assert link_actors() == 1
    assert link_actors() == 0
    assert list(Actor.objects.exclude(person=None).values_list("person_id", flat=True)) == [pupil.id]
    assert Actor.objects.filter(person=None, asked_at__isnull=False).count() == 1
    assert json.loads(lrs.ask("GET", "statements").content)["statements"]


def test_statements_of_another_store_come_in_as_a_file_of_lines(tmp_path: Path) -> None:
    made, target = make_credential(), tmp_path / "old.jsonl"
    lines = [json.dumps(statement(actor=f"u{nth}") | {"id": str(uuid4())}) for nth in range(3)]
    target.write_text("\n".join([*lines, ""]))
    for _again in range(2):
        assert import_statements(Namespace(file=target, key=made.key)) == {"lines": 3, "statements": 3}
    assert len(Lrs(made).ask("GET", "statements").json()["statements"]) == 3
    target.write_text("\n".join([lines[0], json.dumps(statement() | {"verb": {"id": "x"}})]))
    with pytest.raises(Invalid, match=r"2.*\$\.verb\.id"):
        import_statements(Namespace(file=target, key=made.key))
    target.write_text(lines[0])
    with pytest.raises(NotFound):
        import_statements(Namespace(file=target, key="nobody"))
