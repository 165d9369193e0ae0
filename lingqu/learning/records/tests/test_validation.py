"""Each rule of a statement: what is valid passes whatever its parts, and one broken part is refused at its place."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ..types.faults import Fault
from ..types.validation import check_statement

SAMPLES = Path(__file__).resolve().parents[5] / "shared" / "data" / "xapi"
IRIS = st.sampled_from(["http://a.example/x", "urn:x:1", "https://例子.example/活动/一#二", "tag:a.example,2026:b"])
TAGS = st.sampled_from(["zh-CN", "en", "zh-Hans-CN", "x-own", "de-1996", "i-klingon", "und"])
MAPS = st.dictionaries(TAGS, st.text(max_size=4), max_size=2)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2), max_leaves=4,
)  # fmt: skip
EXTENSIONS = st.dictionaries(IRIS, ANY_JSON, max_size=2)
IDENTIFIED = st.one_of(
    st.fixed_dictionaries({"mbox": st.just("mailto:a@b.example")}),
    st.fixed_dictionaries({"mbox_sha1sum": st.just("a" * 40)}),
    st.fixed_dictionaries({"openid": st.just("https://id.example/a")}),
    st.fixed_dictionaries(
        {"account": st.fixed_dictionaries({"homePage": IRIS, "name": st.text(min_size=1, max_size=4)})}
    ),
)
NAMED = st.fixed_dictionaries({}, optional={"name": st.text(max_size=4)})
AGENTS = st.builds(lambda a, b, c: {**a, **b, **c}, IDENTIFIED, NAMED, st.sampled_from([{}, {"objectType": "Agent"}]))
MEMBERS = st.lists(AGENTS, min_size=1, max_size=2)
GROUPS = st.one_of(
    st.builds(lambda m, n: {"objectType": "Group", "member": m, **n}, MEMBERS, NAMED),
    st.builds(lambda i, n: {"objectType": "Group", **i, **n}, IDENTIFIED, NAMED),
    st.builds(lambda i, m: {"objectType": "Group", **i, "member": m}, IDENTIFIED, MEMBERS),
)
COMPONENTS = st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(
    lambda ids: [{"id": one, "description": {"en": one}} for one in ids]
)
INTERACTIONS = st.one_of(
    st.fixed_dictionaries({"interactionType": st.sampled_from(["choice", "sequencing"]), "choices": COMPONENTS}),
    st.fixed_dictionaries({"interactionType": st.just("likert"), "scale": COMPONENTS}),
    st.fixed_dictionaries({"interactionType": st.just("matching"), "source": COMPONENTS, "target": COMPONENTS}),
    st.fixed_dictionaries({"interactionType": st.just("performance"), "steps": COMPONENTS}),
    st.fixed_dictionaries({"interactionType": st.just("numeric"), "correctResponsesPattern": st.just(["1[:]2"])}),
    st.just({}),
)
DEFINITIONS = st.builds(
    lambda a, b: {**a, **b}, INTERACTIONS,
    st.fixed_dictionaries({}, optional={"name": MAPS, "description": MAPS, "type": IRIS, "moreInfo": IRIS, "extensions": EXTENSIONS}),
)  # fmt: skip
ACTIVITIES = st.fixed_dictionaries(
    {"id": IRIS}, optional={"objectType": st.just("Activity"), "definition": DEFINITIONS}
)
REFERENCES = st.just({"objectType": "StatementRef", "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"})
VERBS = st.fixed_dictionaries({"id": IRIS}, optional={"display": MAPS})
MOMENTS = st.sampled_from(["2026-02-28T23:59:59Z", "2026-11-29T11:00:00.123456789+08:00", "2024-02-29T00:00:00.0Z"])
RESULTS = st.fixed_dictionaries(
    {},
    optional={
        "score": st.just({"scaled": -1, "raw": 3.5, "min": 0, "max": 10}), "success": st.booleans(), "completion": st.booleans(),
        "response": st.text(max_size=3), "extensions": EXTENSIONS,
        "duration": st.sampled_from(["PT0S", "P1Y2M3DT4H5M6.7S", "P3W", "PT1H0M0.1S", "P1D"]),
    },
)  # fmt: skip
CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "registration": st.just("ec531277-b57b-4c15-8d91-d292c5b2b8f7"), "instructor": AGENTS | GROUPS, "team": GROUPS,
        "contextActivities": st.dictionaries(
            st.sampled_from(["parent", "grouping", "category", "other"]), ACTIVITIES | st.lists(ACTIVITIES, max_size=2), max_size=2
        ),
        "language": TAGS, "statement": REFERENCES, "extensions": EXTENSIONS,
    },
)  # fmt: skip
CONTEXTS_2 = st.builds(
    lambda a, b: {**a, **b}, CONTEXTS,
    st.fixed_dictionaries({}, optional={
        "contextAgents": st.lists(st.builds(lambda a: {"objectType": "contextAgent", "agent": a}, AGENTS), max_size=2),
        "contextGroups": st.lists(
            st.builds(lambda g: {"objectType": "contextGroup", "group": g, "relevantTypes": ["urn:a:b"]}, GROUPS), max_size=2
        ),
    }),
)  # fmt: skip
CORE = {"actor": AGENTS | GROUPS, "verb": VERBS}
REST: dict[str, Any] = {"result": RESULTS, "timestamp": MOMENTS}
SUBS = st.fixed_dictionaries(
    {**CORE, "objectType": st.just("SubStatement"), "object": ACTIVITIES | AGENTS.map(lambda a: {**a, "objectType": "Agent"})},
    optional={**REST, "context": CONTEXTS},
)  # fmt: skip


def statements(contexts: Any) -> Any:
    targets = ACTIVITIES | SUBS | REFERENCES | AGENTS.map(lambda a: {**a, "objectType": "Agent"}) | GROUPS
    return st.fixed_dictionaries(
        {**CORE, "object": targets},
        optional={**REST, "context": contexts, "id": st.just("fd41c918-b88b-4b20-a0a5-a4c32391aaa0")},
    )


@settings(max_examples=150)
@given(statements(CONTEXTS), st.booleans())
def test_what_is_valid_passes_in_both_versions(value: dict[str, Any], is_2: bool) -> None:
    check_statement(value, "$", is_2=is_2)


@settings(max_examples=60)
@given(statements(CONTEXTS_2))
def test_what_2_adds_passes_there_and_only_there(value: dict[str, Any]) -> None:
    check_statement(deepcopy(value), "$", is_2=True)
    if {"contextAgents", "contextGroups"} & set(value.get("context", {})):
        with pytest.raises(Fault):
            check_statement(value, "$", is_2=False)


@settings(max_examples=150)
@given(statements(CONTEXTS), st.data())
def test_no_part_may_be_null_or_of_another_type(value: dict[str, Any], data: Any) -> None:
    """Every value outside extensions (and every text of a language map) has one type."""
    path, holder, key = data.draw(st.sampled_from(sorted(places(value), key=lambda one: one[0])))
    was = holder[key]
    holder[key] = None if isinstance(was, bool | int | float) else data.draw(st.sampled_from([None, 5]))
    with pytest.raises(Fault) as refused:
        check_statement(value, "$", is_2=False)
    assert refused.value.path.startswith("$"), path


def places(value: Any, path: str = "$") -> list[tuple[str, Any, Any]]:
    found = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in pairs:
        found.append((f"{path}.{key}", value, key))
        if isinstance(part, dict | list) and key != "extensions":
            found += places(part, f"{path}.{key}")
    return found


def whole() -> dict[str, Any]:
    agent = {"objectType": "Agent", "mbox": "mailto:a@b.example"}
    activity = {
        "id": "http://a.example/1",
        "definition": {"interactionType": "choice", "choices": [{"id": "a"}, {"id": "b"}]},
    }
    return {
        "id": "fd41c918-b88b-4b20-a0a5-a4c32391aaa0", "actor": agent, "verb": {"id": "http://a.example/v", "display": {"en": "v"}},
        "object": activity, "timestamp": "2026-02-28T23:59:59Z", "version": "1.0.3",
        "authority": {"objectType": "Group", "member": [agent, agent]},
        "result": {"score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10}, "duration": "PT1S", "success": True},
        "context": {
            "registration": "ec531277-b57b-4c15-8d91-d292c5b2b8f7", "team": {"objectType": "Group", "member": [agent]},
            "contextActivities": {"parent": [activity]}, "revision": "1", "platform": "p", "language": "zh-CN",
            "statement": {"objectType": "StatementRef", "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"},
        },
        "attachments": [{
            "usageType": "http://a.example/u", "display": {"en": "x"}, "contentType": "text/plain; charset=utf-8", "length": 3,
            "sha2": "b" * 64, "fileUrl": "http://a.example/f",
        }],
    }  # fmt: skip


Change = Callable[[dict[str, Any]], Any]


def put(*keys: Any) -> Change:
    """``put("verb", "id", "x")`` sets ``verb.id`` to ``"x"``."""

    def change(value: Any) -> None:
        for key in keys[:-2]:
            value = value[key]
        value[keys[-2]] = keys[-1]

    return change


def drop(*keys: Any) -> Change:
    def change(value: Any) -> None:
        for key in keys[:-1]:
            value = value[key]
        del value[keys[-1]]

    return change


VOIDED = {"id": "http://adlnet.gov/expapi/verbs/voided"}
AGENT = {"mbox": "mailto:a@b.example"}
BROKEN: list[tuple[str, Change]] = [
    ("$.Actor", put("Actor", AGENT)), ("$.extra", put("extra", 1)), ("$.actor", drop("actor")), ("$.verb", drop("verb")),
    ("$.object", drop("object")), ("$.id", put("id", "fd41c918b88b4b20a0a5a4c32391aaa0")), ("$.id", put("id", "")),
    ("$.actor", put("actor", {})), ("$.actor", put("actor", {**AGENT, "openid": "http://a.b/c"})),
    ("$.actor.mbox", put("actor", "mbox", "a@b.example")), ("$.actor.mbox", put("actor", "mbox", "mailto:ab")),
    ("$.actor.objectType", put("actor", "objectType", "agent")), ("$.actor.member", put("actor", "member", [AGENT])),
    ("$.actor.mbox_sha1sum", put("actor", {"mbox_sha1sum": "a" * 39})), ("$.actor.openid", put("actor", {"openid": "a b"})),
    ("$.actor.account", put("actor", {"account": {"name": "x"}})),
    ("$.actor.account.homePage", put("actor", {"account": {"homePage": "x", "name": "x"}})),
    ("$.actor.member", put("actor", {"objectType": "Group"})), ("$.actor.member", put("actor", {"objectType": "Group", "member": []})),
    ("$.actor.member[0].objectType", put("actor", {"objectType": "Group", "member": [{**AGENT, "objectType": "Group"}]})),
    ("$.verb.id", put("verb", {})), ("$.verb.id", put("verb", "id", "ab=c://x")), ("$.verb.id", put("verb", "id", "verb")),
    ("$.verb.display", put("verb", "display", "v")), ("$.verb.display.a12345678", put("verb", "display", {"a12345678": "v"})),
    ("$.verb.name", put("verb", "name", {})), ("$.object.id", put("object", "id", "x")), ("$.object", put("verb", VOIDED)),
    ("$.object.objectType", put("object", "objectType", "activity")),
    ("$.object.definition.interactionType", put("object", "definition", "interactionType", "guess")),
    ("$.object.definition.interactionType", drop("object", "definition", "interactionType")),
    ("$.object.definition.choices[1].id", put("object", "definition", "choices", [{"id": "a"}, {"id": "a"}])),
    ("$.object.definition.scale", put("object", "definition", "scale", [{"id": "a"}])),
    ("$.object.definition.extensions.x", put("object", "definition", "extensions", {"x": 1})),
    ("$.object.definition.moreInfo", put("object", "definition", "moreInfo", "x")),
    ("$.object.id", put("object", {"objectType": "StatementRef", "id": "x"})),
    ("$.object", put("object", {"objectType": "StatementRef"})),
    ("$.object.id", put("object", {"objectType": "SubStatement", "id": "x", "actor": AGENT, "verb": VOIDED, "object": {}})),
    ("$.object.object", put("object", {"objectType": "SubStatement", "actor": AGENT, "verb": VOIDED, "object": {"objectType": "SubStatement"}})),
    ("$.timestamp", put("timestamp", "2026-02-30T00:00:00Z")), ("$.timestamp", put("timestamp", "2026-02-28T00:00:00-00:00")),
    ("$.timestamp", put("timestamp", "20260228")), ("$.version", put("version", "1.1.0")), ("$.version", put("version", "1.0.")),
    ("$.authority.member", put("authority", "member", [AGENT])), ("$.stored", put("stored", "now")),
    ("$.result.score.scaled", put("result", "score", "scaled", 1.01)), ("$.result.score.raw", put("result", "score", "raw", 11)),
    ("$.result.score.min", put("result", "score", "min", 10)), ("$.result.score.raw", put("result", "score", "raw", "5")),
    ("$.result.success", put("result", "success", "true")), ("$.result.success", put("result", "success", 1)),
    ("$.result.duration", put("result", "duration", "P")), ("$.result.duration", put("result", "duration", "PT")),
    ("$.result.duration", put("result", "duration", "P1W2D")), ("$.result.duration", put("result", "duration", "")),
    ("$.context.registration", put("context", "registration", "x")), ("$.context.team.objectType", put("context", "team", AGENT)),
    ("$.context.contextActivities.mother", put("context", "contextActivities", {"mother": []})),
    ("$.context.contextActivities.parent[0].id", put("context", "contextActivities", {"parent": {"id": "x"}})),
    ("$.context.language", put("context", "language", "chinese_")), ("$.context.statement", put("context", "statement", {"id": "x"})),
    ("$.context.revision", put("object", {**AGENT, "objectType": "Agent"})),
    ("$.context.contextAgents", put("context", "contextAgents", [])), ("$.attachments", put("attachments", {})),
    ("$.attachments[0].usageType", drop("attachments", 0, "usageType")), ("$.attachments[0].display", drop("attachments", 0, "display")),
    ("$.attachments[0].contentType", put("attachments", 0, "contentType", "text")), ("$.attachments[0].length", put("attachments", 0, "length", 1.5)),
    ("$.attachments[0].length", put("attachments", 0, "length", True)), ("$.attachments[0].sha2", put("attachments", 0, "sha2", "b" * 63)),
    ("$.attachments[0].fileUrl", put("attachments", 0, "fileUrl", "f")),
]  # fmt: skip


def test_the_statement_that_is_broken_below_is_valid() -> None:
    check_statement(whole(), "$", is_2=False)


@pytest.mark.parametrize(("place", "change"), BROKEN, ids=[f"{at}-{place}" for at, (place, _c) in enumerate(BROKEN)])
def test_one_broken_rule_is_refused_at_its_place(place: str, change: Change) -> None:
    value = whole()
    change(value)
    with pytest.raises(Fault) as refused:
        check_statement(value, "$", is_2=False)
    assert refused.value.path == place


@pytest.mark.parametrize("text", ["2026-02-28T00:00:00", "2026-02-28T00:00:00+08", "2026-02-28T00:00:00+0800"])
def test_2_needs_a_whole_offset(text: str) -> None:
    value = {**whole(), "timestamp": text}
    check_statement(deepcopy(value), "$", is_2=False)
    with pytest.raises(Fault):
        check_statement(value, "$", is_2=True)


def test_statements_of_others_are_accepted() -> None:
    if not SAMPLES.exists():
        pytest.skip("the samples of ../shared/data are not here")
    with gzip.open(SAMPLES / "ralph-1500.jsonl.gz") as lines:
        for line in lines:
            check_statement(json.loads(line), "$", is_2=False)
