"""Months in files answer as they did in the database; erasing needs no change of a file."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from lingqu.foundation.registry.testing import make_person
from lingqu.kernel import files

from ..models import Actor, Month, Part
from ..services.archiving import archive_due, drop_ended
from ..services.erasing import erase_person
from ..services.linking import link_actors
from ..services.partitions import make_partitions
from ..testing import SYSTEM, Lrs, statement
from ..types.marks import moment_at, months_from

pytestmark = pytest.mark.django_db
MONTH = 4096 * 1_000_000 * 86_400 * 31


def age(months: int) -> None:
    """Everything stored so far becomes older by ``months`` times 31 days."""
    make_partitions()
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(seq), max(seq) FROM records_statement")
        for seq in cursor.fetchone():
            ((name, begin, end),) = months_from(moment_at(seq - months * MONTH), 1)
            for table in ("records_statement", "records_mark"):
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS {table}_{name} PARTITION OF {table} FOR VALUES FROM ({begin}) TO ({end})"
                )
        for table in (
            "records_statement",
            "records_mark",
            "records_statementid",
            "records_voiding",
            "records_reference",
        ):
            cursor.execute(f"UPDATE {table} SET seq = seq - {months * MONTH}")


def answers(lrs: Lrs, questions: list[dict[str, Any]]) -> list[Any]:
    found = []
    for asked in questions:
        answer = lrs.ask("GET", "statements", parameters=asked)
        value = json.loads(answer.content)
        pages = [value.get("statements", value)]
        while value.get("more"):
            value = json.loads(lrs.ask("GET", value["more"].removeprefix("/xapi/")).content)
            pages.append(value["statements"])
        found.append((answer.status_code, pages))
    return found


def fill(lrs: Lrs) -> str:
    sent = [
        statement(actor=f"a{nth % 3}", verb=f"v{nth % 2}", activity=f"t{nth % 4}", instructor="a1", parent="t1")
        | {"id": str(uuid4())}
        for nth in range(30)
    ]
    lrs.ask("POST", "statements", sent)
    reference = {"objectType": "StatementRef", "id": sent[4]["id"]}
    void = statement(actor="admin") | {"verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}, "object": reference}
    assert lrs.ask("POST", "statements", void).status_code == 200
    return str(sent[4]["id"])


def test_every_question_has_the_same_answer_before_and_after() -> None:
    lrs = Lrs()
    void = fill(lrs)
    age(14)
    fill(lrs)
    agent = json.dumps(statement(actor="a1")["actor"])
    questions: list[dict[str, Any]] = [
        {"limit": 7}, {"limit": 7, "ascending": "true"}, {"agent": agent, "limit": 3},
        {"agent": agent, "related_agents": "true", "ascending": "true", "limit": 9},
        {"verb": "http://adlnet.gov/expapi/verbs/v1", "limit": 4},
        {"activity": statement(activity="t1")["object"]["id"], "related_activities": "true", "limit": 11},
        {"agent": agent, "activity": statement(activity="t1")["object"]["id"], "format": "ids"},
        {"voidedStatementId": void}, {"statementId": void}, {"agent": json.dumps(statement(actor="admin")["actor"])},
    ]  # fmt: skip
    before = answers(lrs, questions)
    assert archive_due(12) == 1
    month = Month.objects.get()
    assert (month.statements, Part.objects.filter(kind=Part.STATEMENTS).count()) == (31, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM records_statement")
        assert cursor.fetchone()[0] == 31
    assert answers(lrs, questions) == before
    again = statement(actor="b") | {"id": before[0][1][-1][-1]["id"]}
    assert lrs.ask("POST", "statements", again).status_code == 409


def test_a_person_is_erased_in_files_without_touching_them(settings: Any) -> None:
    person, lrs = make_person(name="柳如烟"), Lrs()
    account = {"homePage": settings.LINGQU_PUBLIC_URL, "name": person.number}
    sent = statement(instructor="a2") | {"actor": {"name": "柳如烟", "account": account}}
    (number,) = json.loads(lrs.ask("POST", "statements", sent).content)
    assert link_actors() == 1
    assert Actor.objects.get(person=person).faces.count() == 1
    age(14)
    archive_due(12)
    stored = b"".join(files.open_file(part.file).read() for part in Part.objects.all())
    assert person.number.encode() not in stored
    assert "柳如烟".encode() not in stored
    asked = {"statementId": number}
    assert json.loads(lrs.ask("GET", "statements", parameters=asked).content)["actor"]["name"] == "柳如烟"
    assert erase_person(actor=SYSTEM, person_id=person.id) == 1
    after = json.loads(lrs.ask("GET", "statements", parameters=asked).content)
    assert after["actor"]["account"]["homePage"].endswith("/erased")
    assert after["context"]["instructor"]["account"]["name"] == "a2"
    assert lrs.ask("GET", "statements", parameters={"agent": json.dumps({"account": account})}).status_code == 200
    assert Part.objects.count() == 2


def test_a_month_that_is_dropped_is_gone_and_its_ids_stay_taken(settings: Any) -> None:
    lrs = Lrs()
    number = fill(lrs)
    age(14)
    archive_due(12)
    assert drop_ended() == 0
    settings.LINGQU_XAPI_KEEP_MONTHS = 13
    assert drop_ended() == 1
    assert json.loads(lrs.ask("GET", "statements").content)["statements"] == []
    assert lrs.ask("PUT", "statements", statement(), {"statementId": number}).status_code == 409
