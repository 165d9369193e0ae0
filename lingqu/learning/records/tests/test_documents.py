"""States and profiles: written, merged, listed and deleted under the conditions of each version; the alternate syntax; CORS."""

from __future__ import annotations

import json
import threading
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from ..models import Actor, Document
from ..testing import Lrs, make_credential
from ..types import documents
from ..types.faults import Fault

pytestmark = pytest.mark.django_db
AGENT = json.dumps({"account": {"homePage": "https://a.example", "name": "一"}}, ensure_ascii=False)
ACTIVITY = "https://a.example/activities/1"
REGISTRATION = "11111111-2222-4333-8444-555555555555"
STATE = {"activityId": ACTIVITY, "agent": AGENT, "stateId": "place"}
AGENT_PROFILE = {"agent": AGENT, "profileId": "liking"}
ACTIVITY_PROFILE = {"activityId": ACTIVITY, "profileId": "level"}
PLACES = [
    ("activities/state", STATE, "stateId"), ("agents/profile", AGENT_PROFILE, "profileId"),
    ("activities/profile", ACTIVITY_PROFILE, "profileId"),
]  # fmt: skip
VERSIONS = ["1.0.3", "2.0.0"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("address", "where", "name"), PLACES)
def test_a_document_is_written_merged_listed_and_deleted(
    address: str, where: dict[str, str], name: str, version: str
) -> None:
    lrs = Lrs(version=version)
    rest = {key: value for key, value in where.items() if key != name}
    assert lrs.ask("GET", address, None, where).status_code == 404
    assert lrs.ask("PUT", address, b'{"a": 1.0, "b": {"c": 1}}', where, **{"If-None-Match": "*"}).status_code == 204
    assert lrs.ask("POST", address, b'{"b": {"d": 12345678901234567890123}}', where).status_code == 204
    found = lrs.ask("GET", address, None, where)
    assert found.content == b'{"a":1.0,"b":{"d": 12345678901234567890123}}'
    assert found["ETag"] == f'"{documents.etag_of(found.content)}"'
    assert found["Last-Modified"].endswith("GMT")
    assert found["Content-Type"] == "application/json"
    assert lrs.ask("HEAD", address, None, where).content == b""
    assert lrs.ask("GET", address, None, where, **{"If-None-Match": found["ETag"]}).status_code == 304
    assert lrs.ask("GET", address, None, rest).json() == [where[name]]
    assert lrs.ask("GET", address, None, {**rest, "since": "2099-01-01T00:00:00Z"}).json() == []
    assert lrs.ask("GET", address, None, {**rest, "since": "2020-01-01T00:00:00.000+08:00"}).json() == [where[name]]
    assert Lrs(make_credential("other")).ask("GET", address, None, where).status_code == 404
    assert lrs.ask("DELETE", address, None, where).status_code == 204
    assert lrs.ask("GET", address, None, where).status_code == 404
    assert not Document.objects.exists()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("address", "where", "name"), PLACES)
def test_conditions_are_kept(address: str, where: dict[str, str], name: str, version: str) -> None:
    lrs = Lrs(version=version)
    profile_of_1 = version == "1.0.3" and name == "profileId"
    state_of_1 = version == "1.0.3" and name == "stateId"
    assert lrs.ask("PUT", address, {"x": 0}, where).status_code == (400 if profile_of_1 else 204)
    assert lrs.ask("POST", address, {"x": 1}, where).status_code == 204
    tag = lrs.ask("GET", address, None, where)["ETag"]
    assert lrs.ask("PUT", address, {"x": 2}, where).status_code == (204 if state_of_1 else 409)
    tag = lrs.ask("GET", address, None, where)["ETag"]
    for method in ("PUT", "POST", "DELETE"):
        assert lrs.ask(method, address, {"x": 3}, where, **{"If-Match": '"1234"'}).status_code == 412
        assert lrs.ask(method, address, {"x": 3}, where, **{"If-None-Match": "*"}).status_code == 412
    assert lrs.ask("GET", address, None, where)["ETag"] == tag
    assert lrs.ask("PUT", address, {"x": 4}, where, **{"If-Match": f'"0", W/{tag}'}).status_code == 204
    assert lrs.ask("DELETE", address, None, where, **{"If-Match": "*"}).status_code == 204
    assert lrs.ask("PUT", address, {"x": 5}, where, **{"If-Match": "*"}).status_code == 412


@pytest.mark.parametrize(
    ("first", "second"),
    [(("text/plain", b"{}"), ("application/json", b"{}")), (("application/json", b"{}"), ("text/plain", b"{}")),
     (("application/json", b"{}"), ("application/json", b"[1]")), (("application/json", b"{}"), ("application/json", b"{"))],
)  # fmt: skip
def test_only_json_objects_are_merged(first: tuple[str, bytes], second: tuple[str, bytes]) -> None:
    lrs = Lrs()
    assert lrs.ask("PUT", "activities/state", first[1], STATE, content_type=first[0]).status_code == 204
    refused = lrs.ask("POST", "activities/state", second[1], STATE, content_type=second[0])
    assert (refused.status_code, bool(refused.json()["error"]["message"])) == (400, True)
    assert lrs.ask("GET", "activities/state", None, STATE).content == first[1]


def test_bytes_of_any_kind_come_back_as_they_were() -> None:
    lrs = Lrs()
    picture = bytes(range(256)) * 4
    assert lrs.ask("PUT", "activities/state", picture, STATE, content_type="image/png").status_code == 204
    found = lrs.ask("GET", "activities/state", None, STATE)
    assert (found.content, found["Content-Type"]) == (picture, "image/png")
    assert "sandbox" in found["Content-Security-Policy"]


def test_states_of_registrations_are_apart_and_deleted_together() -> None:
    lrs = Lrs()
    of_one = {**STATE, "registration": REGISTRATION}
    for where, value in ((STATE, 1), (of_one, 2)):
        assert lrs.ask("PUT", "activities/state", {"v": value}, where).status_code == 204
    assert lrs.ask("GET", "activities/state", None, of_one).json() == {"v": 2}
    assert lrs.ask("GET", "activities/state", None, STATE).json() == {"v": 1}
    rest = {key: value for key, value in of_one.items() if key != "stateId"}
    assert lrs.ask("DELETE", "activities/state", None, rest).status_code == 204
    assert lrs.ask("GET", "activities/state", None, STATE).json() == {"v": 1}
    del rest["registration"]
    assert lrs.ask("DELETE", "activities/state", None, rest).status_code == 204
    assert not Document.objects.exists()


WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "activities/state", {**STATE, "agent": "not json"}),
    ("GET", "activities/state", {**STATE, "agent": '{"mbox": "mailto:a@b.example", "openid": "https://a.example"}'}),
    ("GET", "activities/state", {**STATE, "agent": "[]"}),
    ("GET", "activities/state", {**STATE, "agent": '{"mbox": "a@b.example"}'}),
    ("GET", "activities/state", {**STATE, "registration": "1"}),
    ("GET", "activities/state", {**STATE, "activityId": "no iri"}),
    ("GET", "activities/state", {**STATE, "StateId": "x"}),
    ("GET", "activities/state", {"activityId": ACTIVITY, "agent": AGENT, "since": "yesterday"}),
    ("GET", "activities/state", {"activityId": ACTIVITY}),
    ("PUT", "activities/state", {"activityId": ACTIVITY, "agent": AGENT}),
    ("DELETE", "agents/profile", {"agent": AGENT}),
    ("DELETE", "activities/profile", {"activityId": ACTIVITY}),
    ("GET", "activities/profile", {**ACTIVITY_PROFILE, "agent": AGENT}),
]


@pytest.mark.parametrize(("method", "address", "where"), WRONG)
def test_wrong_parameters_are_refused(method: str, address: str, where: dict[str, str]) -> None:
    assert Lrs().ask(method, address, {}, where).status_code == 400
    assert not Actor.objects.exists()


TEXTS = st.dictionaries(st.sampled_from("abc"), st.integers() | st.text(max_size=3), max_size=3)


@given(before=TEXTS, after=TEXTS)
def test_a_merge_is_an_update_one_level_deep(before: dict[str, Any], after: dict[str, Any]) -> None:
    from django.utils.timezone import now

    body = json.dumps(before).encode()
    stood = documents.Document(content_type="application/json; charset=utf-8", body=body, etag="", stored_at=now())
    made = documents.merged(stood, "application/json", json.dumps(after).encode())
    assert json.loads(made) == before | after
    with pytest.raises(Fault):
        documents.merged(stood, "text/plain", b"{}")


@pytest.mark.django_db(transaction=True)
def test_parallel_writers_lose_nothing() -> None:
    lrs = Lrs()
    codes: list[int] = []

    def write(number: int) -> None:
        codes.append(Lrs.ask(lrs, "POST", "activities/state", {f"k{number}": number}, STATE).status_code)
        connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [204] * 6
    assert len(lrs.ask("GET", "activities/state", None, STATE).json()) == 6


def form(lrs: Lrs, method: str, address: str, version: str = "1.0.3", **fields: str) -> Any:
    fields = {"Authorization": lrs.headers["Authorization"], "X-Experience-API-Version": version, **fields}
    return lrs.client.post(
        f"/xapi/{address}?method={method}", urlencode(fields), content_type="application/x-www-form-urlencoded"
    )


def test_a_form_stands_for_a_request_in_version_1_only() -> None:
    lrs = Lrs(version="1.0.3")
    assert form(lrs, "PUT", "activities/state", **STATE, content='{"x": 1}').status_code == 204
    assert form(lrs, "GET", "activities/state", **STATE).content == b'{"x": 1}'
    tag = {"If-Match": '"0"', "Content-Type": "text/plain"}
    assert form(lrs, "PUT", "activities/state", **STATE, content="x", **tag).status_code == 412
    assert form(lrs, "PUT", "activities/state", **STATE).status_code == 400
    assert form(lrs, "DELETE", "activities/state", **STATE, content="x").status_code == 400
    assert form(lrs, "GET", "activities/state", "2.0.0", **STATE).status_code == 400
    assert form(lrs, "PATCH", "activities/state", **STATE).status_code == 400
    assert form(lrs, "GET", "activities/state?x=1&", **STATE).status_code == 400
    assert lrs.ask("PUT", "activities/state", {}, {**STATE, "method": "PUT"}).status_code == 400
    assert form(lrs, "GET", "activities/state", **{**STATE, "Authorization": "Basic x"}).status_code == 401


def test_pages_of_other_origins_may_call() -> None:
    lrs = Lrs()
    asked = lrs.client.options("/xapi/activities/state", headers={"Origin": "https://x.example"})
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, "*")
    assert "X-Experience-API-Version" in asked["Access-Control-Allow-Headers"]
    answer = lrs.ask("GET", "activities/state", None, STATE)
    assert (answer["Access-Control-Allow-Origin"], "Access-Control-Allow-Credentials" in answer) == ("*", False)


def test_about_and_the_profile_are_for_anybody() -> None:
    lrs = Lrs()
    lrs.headers = {}
    assert {"1.0.3", "2.0.0"} <= set(lrs.ask("GET", "about").json()["version"])
    assert lrs.ask("GET", "about", None, {"x": "1"}).status_code == 400
    assert lrs.ask("GET", "profile").json()["type"] == "Profile"


def test_an_activity_tells_all_that_one_request_said_about_it() -> None:
    lrs = Lrs()

    def said(language: str) -> dict[str, Any]:
        definition = {"name": {language: language}, "type": "urn:lingqu:xapi:type:lesson"}
        return {
            "actor": json.loads(AGENT), "verb": {"id": "http://adlnet.gov/expapi/verbs/attempted"},
            "object": {"id": ACTIVITY, "definition": definition},
        }  # fmt: skip

    assert lrs.ask("POST", "statements", [said("zh-CN"), said("en")]).status_code == 200
    found = lrs.ask("GET", "activities", None, {"activityId": ACTIVITY}).json()
    assert found["definition"]["name"] == {"zh-CN": "zh-CN", "en": "en"}
    assert lrs.ask("GET", "activities", None, {"activityId": "urn:unknown:1"}).json() == {
        "objectType": "Activity", "id": "urn:unknown:1",
    }  # fmt: skip
    person = lrs.ask("GET", "agents", None, {"agent": json.dumps({**json.loads(AGENT), "name": "甲"})}).json()
    assert person == {"objectType": "Person", "name": ["甲"], "account": [json.loads(AGENT)["account"]]}
