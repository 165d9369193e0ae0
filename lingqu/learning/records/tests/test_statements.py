"""Statements in, statements out."""

from __future__ import annotations

import json
import random
from typing import Any
from uuid import uuid4

import pytest

from ..testing import Lrs, make_credential, statement

pytestmark = pytest.mark.django_db


def listed(lrs: Lrs, **parameters: Any) -> list[dict[str, Any]]:
    answer = lrs.ask("GET", "statements", parameters=parameters)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)["statements"]


def test_what_is_sent_comes_back() -> None:
    lrs, sent = Lrs(), statement()
    (number,) = json.loads(lrs.ask("POST", "statements", sent).content)
    answer = lrs.ask("GET", "statements", parameters={"statementId": number})
    found = json.loads(answer.content)
    assert {name: found[name] for name in sent} == sent
    assert found["id"] == number
    assert found["stored"] == found["timestamp"]
    assert found["authority"]["account"]["homePage"]
    assert answer["Last-Modified"].endswith("GMT")


def test_put_is_once() -> None:
    lrs, sent, number = Lrs(), statement(), str(uuid4())
    for _attempt in range(2):
        assert lrs.ask("PUT", "statements", sent, {"statementId": number}).status_code == 204
    other = {**sent, "verb": {"id": "http://example.org/other"}}
    assert lrs.ask("PUT", "statements", other, {"statementId": number}).status_code == 409
    assert len(listed(lrs)) == 1


def test_pages_go_through_everything_once_in_both_directions() -> None:
    lrs = Lrs()
    ids = [json.loads(lrs.ask("POST", "statements", [statement() for _one in range(4)]).content) for _batch in range(3)]
    wanted = [number for batch in ids for number in batch]
    for ascending in (True, False):
        asked: dict[str, Any] = {
            "limit": 5,
            "ascending": str(ascending).lower(),
            "agent": json.dumps(statement()["actor"]),
        }
        answer, found = json.loads(lrs.ask("GET", "statements", parameters=asked).content), []
        while True:
            found += [one["id"] for one in answer["statements"]]
            if not answer["more"]:
                break
            lrs.ask("POST", "statements", statement(actor="later"))
            answer = json.loads(lrs.ask("GET", answer["more"].removeprefix("/xapi/")).content)
        assert found == (wanted if ascending else wanted[::-1])


def test_filters_hold_together() -> None:
    lrs, rng = Lrs(), random.Random(4)
    sent = []
    for _nth in range(40):
        one = statement(
            actor=f"a{rng.randrange(3)}", verb=f"v{rng.randrange(3)}", activity=f"t{rng.randrange(3)}",
            parent=f"t{rng.randrange(3)}", instructor=f"a{rng.randrange(3)}",
            registration=["11111111-1111-4111-8111-111111111111", "21111111-1111-4111-8111-111111111111"][rng.randrange(2)],
        )  # fmt: skip
        sent.append(one | {"id": str(uuid4())})
    lrs.ask("POST", "statements", sent)
    for _nth in range(25):
        a, v, t = (f"{kind}{rng.randrange(3)}" for kind in "avt")
        agents, activities = rng.random() < 0.5, rng.random() < 0.5
        sample = statement(actor=a, verb=v, activity=t)
        asked: dict[str, Any] = {"limit": 100}
        expected = sent[::-1]
        if rng.random() < 0.7:
            asked |= {"agent": json.dumps(sample["actor"]), "related_agents": str(agents).lower()}
            who = sample["actor"]["account"]["name"]
            expected = [
                one for one in expected
                if one["actor"]["account"]["name"] == who
                or (agents and one["context"]["instructor"]["account"]["name"] == who)
            ]  # fmt: skip
        if rng.random() < 0.7:
            asked["verb"] = sample["verb"]["id"]
            expected = [one for one in expected if one["verb"]["id"] == sample["verb"]["id"]]
        if rng.random() < 0.7:
            asked |= {"activity": sample["object"]["id"], "related_activities": str(activities).lower()}
            what = sample["object"]["id"]
            expected = [
                one for one in expected
                if one["object"]["id"] == what
                or (activities and one["context"]["contextActivities"]["parent"][0]["id"] == what)
            ]  # fmt: skip
        if rng.random() < 0.5:
            asked["registration"] = sent[0]["context"]["registration"]
            expected = [one for one in expected if one["context"]["registration"] == asked["registration"]]
        assert [one["id"] for one in listed(lrs, **asked)] == [one["id"] for one in expected]


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00", "2026-01-01T00:00:00 08:00"]
)
def test_the_ends_of_time_are_asked_for_without_harm(text: str) -> None:
    assert Lrs().ask("GET", "statements", parameters={"since": text, "until": text}).status_code == 200


def test_since_excludes_and_until_includes() -> None:
    lrs = Lrs()
    lrs.ask("POST", "statements", [statement() for _nth in range(3)])
    last, middle, first = (one["stored"] for one in listed(lrs))
    assert [one["stored"] for one in listed(lrs, since=first, until=middle)] == [middle]
    assert [one["stored"] for one in listed(lrs, since=middle)] == [last]


def test_a_voided_statement_is_found_by_its_voiding_only() -> None:
    lrs, number = Lrs(), str(uuid4())
    lrs.ask("POST", "statements", statement(actor="one") | {"id": number})
    voiding = statement(actor="admin") | {
        "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}, "object": {"objectType": "StatementRef", "id": number},
    }  # fmt: skip
    voiding.pop("result")
    (by,) = json.loads(lrs.ask("POST", "statements", voiding).content)
    assert lrs.ask("GET", "statements", parameters={"statementId": number}).status_code == 404
    assert lrs.ask("GET", "statements", parameters={"voidedStatementId": number}).status_code == 200
    assert [one["id"] for one in listed(lrs, agent=json.dumps(statement(actor="one")["actor"]))] == [by]
    again = {**voiding, "object": {"objectType": "StatementRef", "id": by}}
    assert lrs.ask("POST", "statements", again).status_code == 400


def test_what_is_voided_before_it_comes_is_void_when_it_comes() -> None:
    lrs, number = Lrs(), str(uuid4())
    voiding = statement() | {
        "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}, "object": {"objectType": "StatementRef", "id": number},
    }  # fmt: skip
    (by,) = json.loads(lrs.ask("POST", "statements", voiding).content)
    lrs.ask("POST", "statements", statement(actor="late") | {"id": number})
    assert lrs.ask("GET", "statements", parameters={"statementId": number}).status_code == 404
    assert [one["id"] for one in listed(lrs, agent=json.dumps(statement(actor="late")["actor"]))] == [by]


def test_nothing_is_seen_across_tenants_and_ids_are_each_tenants_own() -> None:
    one, other, number = Lrs(), Lrs(make_credential(name="other")), str(uuid4())
    one.ask("PUT", "statements", statement(actor="x"), {"statementId": number})
    assert other.ask("GET", "statements", parameters={"statementId": number}).status_code == 404
    assert listed(other) == []
    assert other.ask("PUT", "statements", statement(actor="y"), {"statementId": number}).status_code == 204
    assert [row["actor"]["account"]["name"] for row in listed(one)] == ["x"]


def test_a_batch_is_stored_whole_or_not_at_all() -> None:
    lrs, number = Lrs(), str(uuid4())
    lrs.ask("PUT", "statements", statement(actor="x"), {"statementId": number})
    batch = [statement(), statement(actor="y") | {"id": number}]
    assert lrs.ask("POST", "statements", batch).status_code == 409
    assert len(listed(lrs)) == 1
    same = [statement(actor="z"), statement(actor="x") | {"id": number}]
    assert lrs.ask("POST", "statements", same).status_code == 200
    assert len(listed(lrs)) == 2


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]x", b'{"a": 1, "a": 2}', b'\xff', b'{"actor": NaN}', b"[" * 5000, b'"text"', b"null", b"3"],
)  # fmt: skip
def test_what_is_no_statement_is_refused(body: bytes) -> None:
    assert Lrs().ask("POST", "statements", body).status_code == 400


def test_a_key_that_stands_twice_is_refused_wherever_it_is() -> None:
    text = json.dumps(statement(), separators=(",", ":"))
    lrs = Lrs()
    assert (
        lrs.ask("POST", "statements", text.replace('"verb":{', '"verb":{"id":"http://a.b/c",').encode()).status_code
        == 400
    )
    spaced = text.replace('"verb":{', '"verb":{"id" :"http://a.b/c",').encode()
    assert lrs.ask("POST", "statements", spaced).status_code == 400
    odd = text.replace('"response":"', '"response":":').encode()
    assert lrs.ask("POST", "statements", odd).status_code == 200


def test_formats() -> None:
    lrs = Lrs()
    lrs.ask("POST", "statements", statement())
    (short,) = listed(lrs, format="ids")
    assert set(short["actor"]) == {"objectType", "account"}
    assert short["object"] == {"id": statement()["object"]["id"]}
    answer = lrs.ask("GET", "statements", parameters={"format": "canonical"}, **{"Accept-Language": "en;q=0.5, zh-CN"})
    (one,) = json.loads(answer.content)["statements"]
    assert one["object"]["definition"]["name"] == {"zh-CN": "单元练习"}
    assert one["verb"]["display"] == {"zh-CN": "做完"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"statementId": "x"}, {"limit": "-1"}, {"limit": "a"}, {"format": "x"}, {"nonsense": "1"}, {"verb": "no iri"},
        {"agent": "{"}, {"agent": "{}"}, {"since": "yesterday"}, {"registration": "x"}, {"more": "AAAA"},
        {"statementId": str(uuid4()), "agent": "{}"}, {"statementId": str(uuid4()), "voidedStatementId": str(uuid4())},
        {"attachments": "perhaps"}, {"until": "9999-99-99"},
    ],
)  # fmt: skip
def test_wrong_parameters_are_refused(parameters: dict[str, str]) -> None:
    assert Lrs().ask("GET", "statements", parameters=parameters).status_code == 400
