"""Everything at once against the interface: what is broken in any place is refused, and nothing that is sent is ever answered 5xx."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..models import Refusal, Statement
from ..testing import Lrs, make_statement
from .test_validation import ANY_JSON, CONTEXTS, places, statements, whole

pytestmark = pytest.mark.django_db
NO_IRI = ("", "x", "/a/b", "http", "http:", "://a", "1a:b", "a b:c", "http://a b/", "http://a/<b>", "ht\ttp://a")
NO_UUID = ("", "x", "fd41c918b88b4b20a0a5a4c32391aaa0", "{fd41c918-b88b-4b20-a0a5-a4c32391aaa0}", "fd41c918-b88b-4b20-a0a5-a4c32391aaa", "gd41c918-b88b-4b20-a0a5-a4c32391aaa0")  # fmt: skip
NO_TAG = ("", "-", "e", "zh_CN", "中文", "en-", "123456789", "a12345678", "en--US", "x", "x-123456789")
NO_MOMENT = ("", "now", "2026", "2026-11-29", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-29T25:00:00Z", "2026-11-29T00:00:00-00:00", "1764400000", "2026-11-29T00:00:00ZZ")  # fmt: skip
BAD: dict[str, tuple[Any, ...]] = {
    "$.id": NO_UUID, "$.verb.id": NO_IRI, "$.object.id": NO_IRI, "$.timestamp": NO_MOMENT, "$.stored": NO_MOMENT,
    "$.version": ("", "0.9", "1", "1.1.0", "3.0.0", "1.0.", "1.0.x"),
    "$.actor.mbox": ("", "a@b.example", "mailto:", "mailto:a", "mailto:@b", "mailto:a@", "MAILTO a@b", "http://a@b"),
    "$.result.duration": ("", "P", "PT", "1D", "P1S", "PT1D", "P-1D", "P1W1D", "p1d", "P1Y2", "PT1H2"),
    "$.result.score.scaled": (-1.01, 1.01, 2), "$.result.score.raw": (-1, 11), "$.result.score.min": (10, 11), "$.result.score.max": (0, -1, 4),
    "$.context.registration": NO_UUID, "$.context.language": NO_TAG, "$.context.statement.id": NO_UUID,
    "$.context.contextActivities.parent.0.id": NO_IRI, "$.attachments.0.usageType": NO_IRI, "$.attachments.0.fileUrl": NO_IRI[1:],
    "$.attachments.0.contentType": ("", "text", "/", "text/", "/plain"), "$.attachments.0.length": (-1, 1.5, "3"),
    "$.attachments.0.sha2": ("", "b" * 63, "g" * 64, "b" * 65),
    "$.object.definition.interactionType": ("", "Choice", "guess"),
}  # fmt: skip
NEEDED = (
    "$.actor", "$.verb", "$.object", "$.verb.id", "$.object.id", "$.actor.mbox", "$.context.statement.id", "$.context.statement.objectType",
    "$.attachments.0.usageType", "$.attachments.0.display", "$.attachments.0.contentType", "$.attachments.0.length", "$.attachments.0.sha2",
    "$.context.team.member", "$.context.team.objectType", "$.object.definition.interactionType", "$.object.definition.choices.0.id",
)  # fmt: skip
AGENT = {"mbox": "mailto:a@b.example"}
SUB = {
    "objectType": "SubStatement",
    "actor": AGENT,
    "verb": {"id": "http://a.example/v"},
    "object": {"id": "http://a.example/1"},
}
VOID = {"verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}}
REFERENCE = {"objectType": "StatementRef", "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"}
ACCOUNT = {"account": {"homePage": "http://a.example", "name": "x"}}
WHOLE_PARTS: tuple[dict[str, Any], ...] = (
    {"actor": {**AGENT, **ACCOUNT}}, {"actor": {**AGENT, "openid": "http://a.example/x"}}, {"actor": {"name": "x"}}, {"actor": {}},
    {"actor": {"account": {"homePage": "http://a.example"}}}, {"actor": {"account": {"name": "x"}}},
    {"actor": {"account": {**ACCOUNT["account"], "more": 1}}}, {"actor": {"objectType": "Group"}},
    {"actor": {"objectType": "Group", "member": [{"objectType": "Group", **AGENT}]}}, {"actor": {"objectType": "Group", "member": [{}]}},
    {"actor": {**AGENT, "objectType": "Activity"}}, {"actor": {"mbox_sha1sum": "x"}}, {"actor": {"openid": "x"}},
    {"object": {**SUB, "object": SUB}}, {"object": {**SUB, "id": REFERENCE["id"]}}, {"object": {**SUB, "stored": "2026-11-29T00:00:00Z"}},
    {"object": {**SUB, "version": "1.0.3"}}, {"object": {**SUB, "authority": AGENT}}, {"object": {"objectType": "SubStatement"}},
    {"object": {"objectType": "Agent"}}, {"object": {**REFERENCE, "definition": {}}}, {"object": {"objectType": "StatementRef"}},
    VOID, {**VOID, "object": AGENT | {"objectType": "Agent"}}, {**VOID, "object": SUB}, {"authority": {"objectType": "Group", "member": [AGENT]}},
)  # fmt: skip


def broken() -> Iterator[tuple[str, dict[str, Any]]]:
    """Statements with one broken part each, and what was broken."""
    paths = [path for path, _holder, _key in places(whole())]
    for path in paths:
        for name, change in {"null": None, "list": [[]], "number in a list": [7]}.items():
            value, holder, key = _at(path)
            if change is None or not isinstance(holder[key], list):
                holder[key] = change
                yield f"{path} {name}", value
        value, holder, key = _at(path)
        if isinstance(key, str) and not path.startswith("$.verb.display.") and ".display." not in path:
            holder[key.swapcase()] = holder.pop(key)
            yield f"{path} in the wrong case", value
        value, holder, key = _at(path)
        if isinstance(holder[key], dict) and key != "display":
            holder[key]["unknown"] = 1
            yield f"{path} with an unknown property", value
    for path in NEEDED:
        value, holder, key = _at(path)
        del holder[key]
        yield f"{path} missing", value
    for path, values in BAD.items():
        for bad in values:
            value, holder, key = _at(path) if path in paths else (whole() | {"stored": bad}, None, None)
            if holder is not None:
                holder[key] = bad
            yield f"{path} = {bad!r}", value
    for tag in NO_TAG:
        yield f"display in {tag!r}", whole() | {"verb": {"id": "http://a.example/v", "display": {tag: "x"}}}
    for part in WHOLE_PARTS:
        yield f"{json.dumps(part)[:80]}", whole() | deepcopy(part)
    yield "revision without an activity", whole() | {"object": {**AGENT, "objectType": "Agent"}}


def _at(path: str) -> tuple[dict[str, Any], Any, Any]:
    value = whole()
    found = [(holder, key) for place, holder, key in places(value) if place == path]
    return value, *found[0]


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
def test_nothing_broken_is_accepted(version: str) -> None:
    lrs, accepted = Lrs(version=version), []
    for told, value in broken():
        answer = lrs.ask("POST", "statements", value)
        if answer.status_code != 400:
            accepted.append((told, answer.status_code, answer.content[:100]))
    assert accepted == []
    assert Statement.objects.count() == 0


NAMES = st.sampled_from(
    ["statementId", "voidedStatementId", "agent", "verb", "activity", "registration", "related_activities", "related_agents", "since",
     "until", "limit", "format", "attachments", "ascending", "more", "method", "activityId", "stateId", "profileId", "Agent", "x"]
)  # fmt: skip
ODD = st.sampled_from(
    ["", "\0", "a\0b", "\ud800".encode("utf-8", "replace").decode(), "9" * 40, "-1", "1e9", "null", "{}", "[]", "0001-01-01T00:00:00Z",
     "9999-12-31T23:59:59.999999+14:00", "0000-00-00T00:00:00Z", "fd41c918-b88b-4b20-a0a5-a4c32391aaa0", "http://a.example/1", "x" * 5000,
     '{"mbox":"mailto:a@b.example"}', '{"account":{"homePage":"http://a.example","name":"\\u0000"}}', "true", "ids", "canonical",
     '{"objectType":"Group","member":[{"mbox":"mailto:a@b.example"}]}']
)  # fmt: skip
PARAMETERS = st.dictionaries(NAMES, ODD | st.text(max_size=20), max_size=4)
KINDS = st.sampled_from(
    ["application/json", "multipart/mixed; boundary=b", "multipart/mixed", "application/x-www-form-urlencoded", "text/plain", "", "x",
     "application/json; charset=gb18030"]
)  # fmt: skip
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "X-Experience-API-Version": st.sampled_from(["1.0.3", "2.0.0", "1.0", "3", "", "x"]),
        "If-Match": st.sampled_from(["*", '"x"', "x", ""]), "If-None-Match": st.sampled_from(["*", '"x"', ""]),
        "Accept-Language": st.sampled_from(["*", "zh-CN;q=x", "en;q=0.5, ,", "é"]),
        "Authorization": st.sampled_from(["", "Basic", "Basic AAAA", "Basic OjA=", "Bearer x"]),
    },
)  # fmt: skip
RESOURCES = st.sampled_from(
    [
        "statements",
        "agents",
        "activities",
        "about",
        "activities/state",
        "activities/profile",
        "agents/profile",
        "nothing",
    ]
)
METHODS = st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH"])
PART = (
    "--b\r\nContent-Type: application/json\r\n\r\n%s\r\n--b\r\nX-Experience-API-Hash: %s\r\n%s\r\n\r\nabc\r\n--b--\r\n"
)
MULTIPART = st.builds(
    lambda value, digest, header: (PART % (json.dumps(value), digest, header)).encode("utf-8", "replace"),
    ANY_JSON | statements(CONTEXTS), st.sampled_from(["", "x", "b" * 64]), st.sampled_from(["", "Content-Transfer-Encoding: binary", ":"]),
)  # fmt: skip
FORMS = st.dictionaries(
    NAMES | st.sampled_from(["content", "Content-Type", "If-Match"]), ODD | st.text(max_size=9), max_size=4
).map(lambda fields: urlencode(fields, errors="replace").encode())
BODIES = st.one_of(
    st.binary(max_size=40), ANY_JSON.map(lambda value: json.dumps(value).encode()), MULTIPART, FORMS,
    statements(CONTEXTS).map(lambda value: json.dumps(value).encode()),
    st.builds(
        lambda value, at, piece: (text := json.dumps(value).encode())[: at % len(text)] + piece + text[at % len(text) :],
        statements(CONTEXTS), st.integers(0, 9999), st.binary(max_size=3),
    ),
)  # fmt: skip


def ask_anything(data: st.DataObject) -> None:
    lrs = Lrs()
    method, resource = data.draw(METHODS), data.draw(RESOURCES)
    parameters, headers = data.draw(PARAMETERS), data.draw(HEADERS)
    body = data.draw(BODIES)
    answer = lrs.ask(method, resource, body, parameters, content_type=data.draw(KINDS), **headers)
    assert answer.status_code < 500, (answer.status_code, answer.content[:300])
    if answer.status_code >= 400 and resource != "nothing" and method != "HEAD":
        told = json.loads(answer.content)["error"]
        assert told["code"] and told["message"]


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=150, suppress_health_check=CHECKS)
@given(st.data())
def test_whatever_is_sent_is_answered(data: st.DataObject) -> None:
    ask_anything(data)


@pytest.mark.deep
@settings(max_examples=5_000, suppress_health_check=CHECKS)
@given(st.data())
def test_whatever_is_sent_is_answered_for_long(data: st.DataObject) -> None:
    ask_anything(data)


@pytest.mark.parametrize(
    "text",
    [
        b'{"a\\u0000": 1}', b'{"a\\ud800": 1}', b'{"actor": {"account": {"homePage": "http://a.example", "name": "a\\u0000"}}}',
        b'{"verb": {"id": "http://a.example/v", "display": {"en": "a\\u0000"}}}', b'{"object": {"id": "http://a.example/\\u0000"}}',
        b'{"object": {"id": "http://a.example/\\ud800"}}', b'{"result": {"response": "\\u0000"}}', b'{"result": {"response": "\\udfff"}}',
        b'{"object": {"id": "http://a.example/1", "definition": {"name": {"en": "\\u0000"}}}}', b'{"verb": {"id": "http://a.example/\xff"}}',
        b'{"result": {"score": {"raw": 1e999}}}', b'{"result": {"score": {"raw": 123456789012345678901234567890}}}',
        b'{"result": {"score": {"scaled": 1e-400}}}', b'{"timestamp": "0001-01-01T00:00:00Z"}', b'{"timestamp": "9999-12-31T23:59:60Z"}',
    ],
)  # fmt: skip
def test_what_no_database_can_hold_is_refused_or_kept_as_it_was(text: bytes) -> None:
    """Zero characters, halves of characters, numbers beyond all bounds: each beside valid parts."""
    lrs, part = Lrs(), text.strip()[1:]
    base = json.dumps(make_statement()).encode()
    name = json.loads(
        text.replace(b"\\ud", b"\\u0d").replace(b"\\u0d800", b"x").replace(b"\\u0dfff", b"x").replace(b"\xff", b"x")
    ).popitem()[0]
    rest = {key: value for key, value in json.loads(base).items() if key != name}
    answer = lrs.ask("POST", "statements", json.dumps(rest).encode()[:-1] + b", " + part)
    assert answer.status_code in (200, 400), answer.content
    if answer.status_code == 200:
        assert lrs.ask("GET", "statements", None, {"statementId": answer.json()[0]}).status_code == 200
        assert lrs.ask("GET", "statements", None, {"format": "canonical"}).status_code == 200
    else:
        assert Refusal.objects.filter(status=400).exists()


@settings(max_examples=60, suppress_health_check=CHECKS)
@given(statements(CONTEXTS))
def test_what_is_valid_is_stored_and_comes_back(value: dict[str, Any]) -> None:
    lrs = Lrs()
    value.pop("id", None)
    answer = lrs.ask("POST", "statements", value)
    voids = value["verb"]["id"] == "http://adlnet.gov/expapi/verbs/voided"
    assert answer.status_code == 200 or voids, answer.content
    (number,) = answer.json()
    told = lrs.ask("GET", "statements", None, {"statementId": number}).json()
    assert told["id"] == number and told["verb"] == value["verb"] and told["actor"] == value["actor"]
    for name in ("result", "timestamp"):
        assert told.get(name, value.get(name)) == value.get(name, told.get(name))
