"""Months in files answer as they did in the database; erasing needs no change of a file."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from lingqu.foundation.registry.testing import make_person
from lingqu.kernel import files
from lingqu.kernel.models import FileReference

from ..models import Attachment, LateMark, Month, Part
from ..services.archiving import archive_due, drop_ended, drop_month
from ..services.erasing import erase_person
from ..services.linking import link_actors
from ..services.partitions import make_partitions
from ..testing import SYSTEM, Lrs, statement
from ..types.marks import moment_at, months_from
from ..types.multiparts import joined
from ..types.values import Part as Sent

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


def stored_bytes() -> bytes:
    """All that lies in files: old months without their compression, attachments as they are."""
    import polars as pl

    found = []
    for part in Part.objects.all():
        with files.local_copy(part.file) as path:
            frame = pl.read_parquet(path)
        found += [str(value).encode() for column in frame.columns for value in frame[column]]
    for reference in FileReference.objects.all():
        found.append(files.open_file(reference.file_id).read())
    return b"".join(found)


def write_about(lrs: Lrs, account: dict[str, str], words: str) -> list[str]:
    """A statement with words and a paper by a person, one by somebody else with the same paper, one where the person is the object."""
    paper, own = f"作文：{words}".encode(), f"草稿：{words}".encode()

    def named(content: bytes) -> dict[str, Any]:
        digest = sha256(content).hexdigest()
        return {
            "usageType": "https://x.example/paper", "display": {"zh-CN": words}, "contentType": "text/plain",
            "length": len(content), "sha2": digest,
        }  # fmt: skip

    agent = {"name": "柳如烟", "account": account}
    mine = statement(instructor="a2") | {"actor": agent, "attachments": [named(own), named(paper)]}
    mine["result"] = {
        "response": words,
        "success": True,
        "score": {"scaled": 0.5},
        "extensions": {"https://x.example/w": [words]},
    }
    mine["context"]["extensions"] = {"https://x.example/w": words}
    inner = {name: mine[name] for name in ("actor", "verb", "object", "result")}
    told = statement(actor="a2") | {"object": {"objectType": "SubStatement", **inner}}
    praise = statement(actor="a2") | {"object": {"objectType": "Agent", **agent}}
    praise["result"] = {"response": words}
    sent = [mine, statement(actor="a3") | {"attachments": [named(paper)]}, praise, told]
    parts = [Sent(sha2=sha256(one).hexdigest(), content_type="text/plain", content=one) for one in (own, paper)]
    kind, body = joined(sent, parts)
    answer = lrs.ask("POST", "statements", body, content_type=kind)
    assert answer.status_code == 200, answer.content
    return list(json.loads(answer.content))


def test_a_person_is_erased_in_files_and_in_the_database(settings: Any) -> None:
    person, lrs, words = make_person(name="柳如烟"), Lrs(), "我叫柳如烟，住在云亭"
    account = {"homePage": settings.LINGQU_PUBLIC_URL, "name": person.number}
    old = write_about(lrs, account, words)
    assert link_actors() == 1
    age(14)
    archive_due(12)
    new = write_about(lrs, account, words)
    assert person.number.encode() not in stored_bytes() and words.encode() in stored_bytes()

    def get(number: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(lrs.ask("GET", "statements", parameters={"statementId": number}).content)
        return found

    told = get(old[0])
    assert (told["actor"]["name"], told["result"]["response"]) == ("柳如烟", words)
    erased = erase_person(actor=SYSTEM, person_id=person.id)
    assert (erased.actors, erased.statements, erased.files) == (1, 4, 1)
    for mine, others, praise, inside in (old, new):
        after = get(mine)
        assert after["actor"]["account"]["homePage"].endswith("/erased")
        assert after["context"]["instructor"]["account"]["name"] == "a2"
        assert after["result"] == {"success": True, "score": {"scaled": 0.5}}
        assert "attachments" not in after and "extensions" not in after["context"]
        assert get(praise)["result"] == {} and get(others)["attachments"][0]["display"]
        assert get(inside)["object"]["actor"]["account"]["homePage"].endswith("/erased")
    assert (
        lrs.ask("GET", "statements", parameters={"agent": json.dumps({"account": account})}).json()["statements"] == []
    )
    left = [row.sha2 for row in Attachment.objects.all()]
    assert left == [sha256(f"作文：{words}".encode()).hexdigest()]  # somebody else sent it too
    assert erase_person(actor=SYSTEM, person_id=person.id).statements == 0


def test_what_is_said_about_statements_in_files_is_found_and_voided() -> None:
    """Old ones that refer to what came later, new ones that refer to old ones, and voiding of old ones."""
    lrs, late = Lrs(), str(uuid4())
    about = {"objectType": "StatementRef", "id": late}
    early = str(uuid4())
    lrs.ask("PUT", "statements", statement(actor="critic") | {"object": about}, {"statementId": early})
    old = str(uuid4())
    lrs.ask("PUT", "statements", statement(actor="pupil", activity="old"), {"statementId": old})
    age(14)
    archive_due(12)
    lrs.ask("PUT", "statements", statement(actor="writer", activity="late"), {"statementId": late})
    new = str(uuid4())
    lrs.ask(
        "PUT", "statements", statement(actor="critic") | {"object": {"objectType": "StatementRef", "id": old}}, {"statementId": new}
    )  # fmt: skip

    def found(**asked: str) -> list[str]:
        return [one["id"] for one in lrs.ask("GET", "statements", parameters=asked).json()["statements"]]

    def agent(name: str) -> str:
        return json.dumps(statement(actor=name)["actor"])

    assert found(agent=agent("writer")) == [late, early]
    assert found(agent=agent("writer"), limit="1", ascending="true") == [early]
    assert found(activity=statement(activity="late")["object"]["id"]) == [late, early]
    assert found(agent=agent("pupil")) == [new, old]
    void = statement(actor="admin") | {
        "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}, "object": {"objectType": "StatementRef", "id": old},
    }  # fmt: skip
    assert lrs.ask("POST", "statements", void).status_code == 200
    assert old not in found() and old not in found(agent=agent("pupil"))
    assert lrs.ask("GET", "statements", parameters={"statementId": old}).status_code == 404
    assert lrs.ask("GET", "statements", parameters={"voidedStatementId": old}).status_code == 200
    drop_month(Month.objects.get().name)
    assert not LateMark.objects.exists()


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
